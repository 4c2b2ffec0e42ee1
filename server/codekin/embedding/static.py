"""The model that ships in the package: token vectors, averaged. No torch, no download, thousands of chunks a second."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from codekin.domain.ports import Vectors
from codekin.embedding.model_files import BUNDLED, WEIGHTS, read_card, read_checked, read_vocabulary
from codekin.embedding.safetensors import tensors
from codekin.embedding.tokenizer import WordPiece
from codekin.errors import EmbedderError

_HELD_TOKENS = 256
"""As many vectors as most texts have: 0.25 MB."""


class StaticEmbedder:
    """A sentence-transformers StaticEmbedding directory, read without that library. Same vectors, to 1e-5."""

    def __init__(self, directory: Path) -> None:
        card = read_card(directory)
        self.table = _table(read_checked(directory / WEIGHTS, card.get("sha256")), directory)
        self._pieces = WordPiece(read_vocabulary(directory))
        self.name = card["name"]
        self.dim = int(self.table.shape[1])

    @classmethod
    def bundled(cls) -> StaticEmbedder:
        """The model in the package. Raises EmbedderError when its files are missing or damaged."""
        return cls(BUNDLED)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`; a text's vector does not depend on the texts beside it."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        held = np.empty((_HELD_TOKENS if len(texts) > 1 else 0, self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if len(ids := self._pieces.ids(text)):
                # One text at a time stays within the caches: six times faster than gathering a batch and `np.add.reduceat`.
                # So does one place for the vectors of all texts; "clip" lets numpy write there at once, and clips no id.
                held = held if len(ids) <= len(held) else np.empty((len(ids), self.dim), dtype=np.float32)
                vectors = self.table.take(ids, axis=0, out=held[: len(ids)], mode="clip")
                np.add.reduce(vectors, axis=0, out=row)
        lengths = np.sqrt(np.vecdot(rows, rows))[:, None]
        rows /= np.where(lengths > 0, lengths, np.float32(1))
        return rows

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        row: Vectors = self.embed_passages([text])[0]
        return row


def _table(data: bytes, directory: Path) -> Vectors:
    """Token vectors: quantised rows times their scales."""
    try:
        found = tensors(data)
        rows, scales = found["embeddings"], found["weights"]
        # In blocks, without a second table of floats in between: 10 ms where that took 130 and more.
        table: Vectors = np.multiply(rows, scales[:, None], dtype=np.float32)
    except (struct.error, ValueError, KeyError) as error:
        raise EmbedderError(f"{directory / WEIGHTS} cannot be read: {error}.") from error
    return table
