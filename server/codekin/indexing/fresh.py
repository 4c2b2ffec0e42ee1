"""The vectors that a batch adds: copied from where they already are, else made, as its files come in; stored together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from codekin.domain.ports import Keys, Vectors, VectorStore
from codekin.domain.values import Chunk
from codekin.indexing.vectorizer import Vectorizer

VectorSource = Callable[[Keys], tuple[np.ndarray, Vectors]]
"""Where vectors may already lie: the index of another worktree. Same answer as `VectorStore.get`."""


class FreshVectors:
    """Of one batch; nothing is stored before `commit`."""

    def __init__(self, vectorizer: Vectorizer, store: VectorStore, sources: Sequence[VectorSource]) -> None:
        self._vectorizer = vectorizer
        self._store = store
        self._sources = sources
        self._seen: set[int] = set()
        self._keys: list[Keys] = []
        self._rows: list[Vectors] = []
        self._computed = 0
        self.left_out = 0
        """Chunks that have no vector: the model does not take them."""

    def take_in(self, chunks: Mapping[int, Chunk]) -> None:
        """Chunks by content key; those that were taken in or stored before cost nothing."""
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
            made, rows = self._vectorizer.embed(keys, texts)
            self._keep(made, rows)
            self._computed += len(made)
            self.left_out += len(keys) - len(made)

    def commit(self) -> int:
        """Stores them; returns how many went through the model."""
        if self._keys:
            self._store.add(np.concatenate(self._keys), np.concatenate(self._rows))
        return self._computed

    def _keep(self, keys: Keys, rows: Vectors) -> None:
        if len(keys):
            self._keys.append(keys)
            self._rows.append(rows)
