"""Any model that sentence-transformers can load, with the extra `codekin[transformers]`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from codekin.domain.ports import Vectors
from codekin.errors import EmbedderError

_BATCH = 32


class SentenceTransformersEmbedder:
    """A model by name or path, only from this machine unless downloads are allowed."""

    def __init__(self, name: str, *, allow_downloads: bool) -> None:
        if not name:
            raise EmbedderError('No model is named. Write it after the colon: "sentence-transformers:<name or path>".')
        if not allow_downloads:
            os.environ["HF_HUB_OFFLINE"] = "1"  # Read by the library when it is imported.
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds
        except ImportError as error:
            raise EmbedderError(
                f"Could not import sentence-transformers ({error}). To fix: run `pip install 'codekin[transformers]'`."
            ) from error
        model_path = Path(name).expanduser()
        source = str(model_path) if model_path.exists() else name
        try:
            self._model: Any = SentenceTransformer(source, local_files_only=not allow_downloads, device="cpu")
        except (OSError, ValueError, RuntimeError) as error:
            raise EmbedderError(_explain(name, error, allow_downloads=allow_downloads)) from error
        self.name = f"sentence-transformers-{model_path.name if model_path.exists() else name}"
        # Renamed in sentence-transformers 5.4; the old name still works there, with a warning.
        width: Any = (
            getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        )
        self.dim = int(width())

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        return self._encode(self._model.encode_document, list(texts))

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        row: Vectors = self._encode(self._model.encode_query, [text])[0]
        return row

    def _encode(self, encode: Any, texts: list[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        try:
            rows = encode(texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        except (RuntimeError, ValueError) as error:
            raise EmbedderError(f"The model {self.name} failed: {error}") from error
        return np.ascontiguousarray(rows, dtype=np.float32)


def _explain(name: str, error: Exception, *, allow_downloads: bool) -> str:
    to_fix = (
        "To fix: check the name, or give the path of a folder that contains the model."
        if allow_downloads
        else 'To fix: give the path of a folder that contains it, or set "allowDownloads" to download it once.'
    )
    first_line = str(error).strip().split("\n", 1)[0]
    return f'The model "{name}" is not on this machine ({first_line}). {to_fix}'
