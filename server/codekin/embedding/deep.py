"""The deep model: a small transformer in int8, run by onnxruntime on the processor. The extra `codekin[deep]`."""

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
"""Longer texts are cut: 256 tokens cost twice the time and found less (docs/research/deep.md)."""
_MOST_CHARACTERS = 16 * _TOKENS
_CASE_CHANGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
"""The model learnt words, not identifiers."""
_building = threading.Lock()


class DeepEmbedder:
    """all-MiniLM-L6-v2, built at first use from the installed wheel; nothing is downloaded. Each call runs on the thread that
    makes it, so that its caller decides how many processors it takes and at which priority.
    """

    name = "codekin-deep-1"
    dim = 384

    def __init__(self, directory: Path) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 - an extra, and slow to import
            import tokenizers  # noqa: PLC0415
        except ImportError as error:
            raise EmbedderError(
                f"The deep model needs {error.name}, which cannot be imported. Remedy: pip install 'codekin[deep]'."
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
        """See `Embedder`; some 30 texts a second on one core."""
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._embed(_CASE_CHANGE.sub(" ", text[:_MOST_CHARACTERS]))
        return rows

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`; some 5 ms."""
        row: Vectors = self.embed_passages([text])[0]
        return row

    def _embed(self, text: str) -> Vectors:
        # Half a surrogate pair is no text to the tokenizer.
        ids = np.array([self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids], dtype=np.int64)
        (means,) = self._session.run(["mean"], {"ids": ids, "places": np.arange(ids.shape[1])})
        mean: Vectors = means[0]
        mean /= np.linalg.norm(mean)
        return mean


def _model(directory: Path) -> bytes:
    """The bytes of the model, built if they are not there or not what they should be."""
    with _building:
        data = _read(directory / MODEL_FILE)
        if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
            build(directory)
            data = _read(directory / MODEL_FILE)
        if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
            raise EmbedderError(
                f"{directory / MODEL_FILE} did not come out as it should: please report this processor."
            )
        return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise EmbedderError(f"{path} cannot be read: {error.strerror}.") from error
