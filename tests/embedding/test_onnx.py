"""Encoders in ONNX: the deep model of its own distribution, and any other folder."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from codekin.embedding import open_embedder
from codekin.embedding.onnx import OnnxEmbedder, bundled_name
from codekin.embedding.registry import DEEP_PACKAGE
from codekin.errors import EmbedderError

SPEC = importlib.util.find_spec(DEEP_PACKAGE)
pytestmark = pytest.mark.skipif(
    SPEC is None,
    reason="codekin-deep-model is not installed. To fix: `pip install ./server/deep_model`, see docs/operate/deep.md",
)


@pytest.fixture
def folder(tmp_path):
    """A copy of the deep model's folder as anybody's model: without codekin's own card."""
    copy = tmp_path / "encoder"
    shutil.copytree(Path(SPEC.origin).parent, copy)
    (copy / "codekin.json").unlink()
    return copy


def pooled(folder, how):
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(how))
    return OnnxEmbedder(folder).embed_query("retry")


def test_a_question_is_nearest_to_the_code_that_answers_it():
    model = open_embedder("deep")
    passages = ["def call_with_retry(send, attempts):", "class Parcel:\n    weight_g: int", "SELECT name FROM depots"]
    near = model.embed_passages(passages) @ model.embed_query("where do we wait before trying again?")
    assert near.argmax() == 0
    assert (model.name, model.dim) == ("codekin-deep-2", 384)


def test_any_folder_with_its_own_files_is_an_encoder(folder):
    model = open_embedder(f"onnx:{folder}")
    assert model.name.startswith("onnx-encoder-")
    assert model.embed_passages(["a", "b"]).shape == (2, 384)
    # The prompt for queries is read from the folder, so a query and a passage differ.
    assert not np.allclose(model.embed_query("retry"), model.embed_passages(["retry"])[0])
    (folder / "config_sentence_transformers.json").unlink()
    assert np.allclose(OnnxEmbedder(folder).embed_query("retry"), OnnxEmbedder(folder).embed_passages(["retry"])[0])


def test_the_pooling_is_read_in_both_spellings(folder):
    first = pooled(folder, {"pooling_mode_cls_token": True})
    mean = pooled(folder, {"pooling_mode_mean_tokens": True})
    assert np.allclose(first, pooled(folder, {"pooling_mode": "cls"}))
    assert np.allclose(mean, pooled(folder, {"pooling_mode": "mean"}))
    assert not np.allclose(first, mean)


def test_a_folder_that_does_not_say_how_to_pool_is_refused(folder):
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')
    with pytest.raises(EmbedderError, match=r"does not say how.*To fix"):
        OnnxEmbedder(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_damaged_weights_are_refused_with_the_remedy(tmp_path, name):
    copy = tmp_path / "damaged"
    shutil.copytree(Path(SPEC.origin).parent, copy)
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(EmbedderError, match=r"differs from the published file.*install codekin-deep-model again"):
        OnnxEmbedder(copy)


def test_files_that_are_no_encoder_are_refused(folder):
    (folder / "model.onnx").write_bytes(b"no network")
    with pytest.raises(EmbedderError, match="cannot be loaded"):
        OnnxEmbedder(folder)
    (folder / "model.onnx").unlink()
    with pytest.raises(EmbedderError, match="does not contain an encoder"):
        OnnxEmbedder(folder)
    with pytest.raises(EmbedderError, match="names no folder"):
        open_embedder("onnx:/nowhere")


@pytest.mark.parametrize("library", ["onnxruntime", "tokenizers"])
def test_without_its_libraries_the_remedy_is_named(monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(EmbedderError, match=rf"{library}.*pip install"):
        open_embedder("deep")


def test_without_the_distribution_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr("codekin.embedding.registry.DEEP_PACKAGE", "codekin_no_such_model")
    with pytest.raises(EmbedderError, match=r"not installed.*pip install codekin-deep-model"):
        open_embedder("deep")


def test_the_name_of_the_deep_model_is_that_of_its_card_and_never_guessed(tmp_path, monkeypatch):
    package = tmp_path / "a_model_without_a_card"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EmbedderError, match=r"does not name the model\. To fix"):
        bundled_name(package.name)
    (package / "codekin.json").write_text('{"name": "some-model"}')
    assert bundled_name(package.name) == "some-model"
