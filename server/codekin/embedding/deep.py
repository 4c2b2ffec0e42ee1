"""The deep model: a small int8 transformer that onnxruntime runs on the CPU (`codekin[deep]`)."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from codekin.domain.ports import Vectors
from codekin.embedding.deep_build import MODEL_FILE, MODEL_SHA256, TOKENIZER_FILE, build
from codekin.errors import EmbedderError

_TOKENS = 128
"""Longer texts are truncated: 256 tokens take twice the time and found less.

See docs/research/deep.md.
"""
_MAX_CHARACTERS = 16 * _TOKENS
_CASE_CHANGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
"""The model was trained on words, not identifiers."""
_build_lock = threading.Lock()


class DeepEmbedder:
    """all-MiniLM-L6-v2, built on first use from the installed wheel; nothing is downloaded.

    Each call runs on the calling thread, so the caller controls the number of processors and the
    priority.
    """

    name = "codekin-deep-1"
    dim = 384

    def __init__(self, directory: Path) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 - optional, and slow to import
            import tokenizers  # noqa: PLC0415
        except ImportError as error:
            raise EmbedderError(
                f"The deep model needs {error.name}, which cannot be imported. "
                "To fix: run `pip install 'codekin[deep]'`."
            ) from error
        model = _model(directory)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(directory / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_TOKENS)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`; about 30 texts per second on one core."""
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._embed(_CASE_CHANGE.sub(" ", text[:_MAX_CHARACTERS]))
        return rows

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`; about 5 ms."""
        row: Vectors = self.embed_passages([text])[0]
        return row

    def _embed(self, text: str) -> Vectors:
        # The tokenizer rejects lone surrogates.
        ids = np.array([self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids], dtype=np.int64)
        (means,) = self._session.run(["mean"], {"ids": ids, "places": np.arange(ids.shape[1])})
        mean: Vectors = means[0]
        mean /= np.linalg.norm(mean)
        return mean


def _model(directory: Path) -> bytes:
    """Return the bytes of the model, built first if it is missing or corrupt."""
    with _build_lock:
        data = _read(directory / MODEL_FILE)
        if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
            build(directory)
            data = _read(directory / MODEL_FILE)
        if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
            raise EmbedderError(
                f"{directory / MODEL_FILE} does not have the expected content after it was built. "
                "Report this with the name of your processor."
            )
        return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise EmbedderError(f"Could not read {path}: {error.strerror}.") from error
