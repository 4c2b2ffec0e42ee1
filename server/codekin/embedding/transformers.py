"""Any model that sentence-transformers loads, as the extra `codekin[transformers]`."""

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
    """A model by name or path, from this machine alone unless downloads are allowed."""

    def __init__(self, name: str, *, allow_downloads: bool) -> None:
        if not name:
            raise EmbedderError('Name a model behind the colon: "sentence-transformers:<name or path>".')
        if not allow_downloads:
            os.environ["HF_HUB_OFFLINE"] = "1"  # read by the library when it is imported
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds
        except ImportError as error:
            raise EmbedderError(
                f"sentence-transformers cannot be imported ({error}). Remedy: pip install 'codekin[transformers]'."
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
    remedy = (
        "Check the name, or give the path of a folder that holds the model."
        if allow_downloads
        else 'Give the path of a folder that holds it, or set "allowDownloads" to fetch it once.'
    )
    first_line = str(error).strip().split("\n", 1)[0]
    return f'The model "{name}" is not on this machine ({first_line}). {remedy}'
