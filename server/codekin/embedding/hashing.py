"""Vectors by hashing words: deterministic and without weights, for tests only."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from codekin.domain.ports import Vectors
from codekin.domain.words import words

_DIM = 256


class HashingEmbedder:
    """Each word adds a sign to one of 256 components (feature hashing, Weinberger et al. 2009)."""

    name = "hashing-1"
    dim = _DIM

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        rows = np.zeros((len(texts), _DIM), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in words(text):
                code = zlib.crc32(word.encode("utf-8", "surrogatepass"))
                row[code % _DIM] += 1.0 if code & 0x8000_0000 else -1.0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows /= np.where(lengths > 0, lengths, 1.0)
        return rows

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        row: Vectors = self.embed_passages([text])[0]
        return row
