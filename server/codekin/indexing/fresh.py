"""The vectors that a batch adds: copied if they exist, else computed, and stored together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from codekin.domain.ports import Keys, Vectors, VectorStore
from codekin.domain.values import Chunk
from codekin.indexing.vectorizer import Vectorizer

VectorSource = Callable[[Keys], tuple[np.ndarray, Vectors]]
"""A source of existing vectors, such as the index of another worktree.

It returns the same as `VectorStore.get`.
"""


class FreshVectors:
    """The new vectors of one batch; nothing is stored before `commit`."""

    def __init__(self, vectorizer: Vectorizer, store: VectorStore, sources: Sequence[VectorSource]) -> None:
        self._vectorizer = vectorizer
        self._store = store
        self._sources = sources
        self._seen: set[int] = set()
        self._keys: list[Keys] = []
        self._rows: list[Vectors] = []
        self._computed = 0
        self.not_embedded = 0
        """Number of chunks without a vector, because the model rejected them."""

    def add(self, chunks: Mapping[int, Chunk]) -> None:
        """Add chunks by content key; those already added or stored are skipped at no cost."""
        new = [key for key in chunks if key not in self._seen]
        self._seen.update(new)
        keys = np.array(new, dtype=np.int64)
        keys = keys[~self._store.contains(keys)]
        for source in self._sources:
            if len(keys):
                found, rows = source(keys)
                self._keep(keys[found], rows[found] if found.any() else rows[:0])
                keys = keys[~found]
        if len(keys):
            texts = [chunks[key].embedding_text for key in keys.tolist()]
            embedded, rows = self._vectorizer.embed(keys, texts)
            self._keep(embedded, rows)
            self._computed += len(embedded)
            self.not_embedded += len(keys) - len(embedded)

    def commit(self) -> int:
        """Store the vectors; return how many the model computed."""
        if self._keys:
            self._store.add(np.concatenate(self._keys), np.concatenate(self._rows))
        return self._computed

    def _keep(self, keys: Keys, rows: Vectors) -> None:
        if len(keys):
            self._keys.append(keys)
            self._rows.append(rows)
