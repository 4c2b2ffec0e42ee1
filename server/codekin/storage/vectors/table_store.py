"""Common base of all vector stores except the flat index: a table of rows, with its keys in memory.

Indexing checks the keys for every file, and every search needs their number. A table therefore
lists its keys once, at open, and again when its generation shows that another process wrote.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np

from codekin.domain.ports import Hits, Keys, Mask, Vectors
from codekin.errors import IndexUnavailableError, StoreAwayError, StoreReadOnlyError
from codekin.storage.top_k import ascending, merged, present

_SLACK = 8
"""Rows requested beyond k, so that ties with the k-th row are seen and the smallest keys win."""
_GROWTH = 4
_EQUAL = 1e-6
"""Scores closer than this may be equal, rounded differently by a table's own arithmetic."""

UNLIMITED = 2**62
"""Value for `Table.max_allowed`."""

_Nearest = Callable[[Vectors, int], tuple[Keys, Vectors]]


class Table(Protocol):
    """One collection of one backend.

    Keys passed in are int64, ascending, without duplicates. Rows are float32, C order, unit or
    zero. Any thread may call; writes come one at a time.
    """

    place: str
    """Location of the rows, without secrets."""
    note: str
    """Description of the connection for the user, or ""."""
    max_allowed: int
    """Maximum number of keys that `nearest` takes as `allowed`.

    For more keys, unfiltered results are filtered in this process.
    """
    problems: tuple[str, ...]
    """What was found corrupt at open, in sentences."""
    failures: tuple[type[Exception], ...]
    """The exceptions that its library raises when an operation fails."""

    def generation(self) -> int:
        """Return a number that changes whenever any process changes the rows."""

    def keys(self) -> Keys:
        """Return all keys, in any order."""

    def put(self, keys: Keys, rows: Vectors) -> int:
        """Add or replace rows, durably; return the new generation."""

    def drop(self, keys: Keys) -> int:
        """Remove rows, durably; unknown keys are ignored. Return the new generation."""

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """Return the rows that exist, in any order, exactly as they were put."""

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """Return (keys, scores) of at most k rows with the highest scalar product, in any order.

        If `allowed` is given, only its rows are found; it contains no unknown key. k is at least 1
        and at most the number of rows.
        """

    def compact(self) -> None:
        """Reclaim space."""

    def close(self) -> None:
        """Close the table. Idempotent."""


class TableStore:
    """`VectorStore` over a table."""

    def __init__(self, table: Table, *, dim: int, writable: bool) -> None:
        self._table = table
        self._dim = dim
        self._writable = writable
        self._lock = threading.RLock()
        self._generation = 0
        self._keys: Keys = np.empty(0, np.int64)
        try:
            with self._translated_errors():
                self._generation, self._keys = table.generation(), np.sort(table.keys())
        except IndexUnavailableError:
            self.close()
            raise

    @property
    def dim(self) -> int:
        """Width of every row."""
        return self._dim

    @property
    def place(self) -> str:
        """Location of the rows, for the status."""
        return self._table.place

    @property
    def note(self) -> str:
        """Description of the connection, for the status."""
        return self._table.note

    @property
    def refusal(self) -> str:
        """Why the server accepts no changes from this user, or ""."""
        return str(getattr(self._table, "refusal", ""))

    def health(self) -> str:
        """Return the state of a server with several nodes, for the status, or "".

        Raises StoreAwayError.
        """
        described = getattr(self._table, "health", None)
        if described is None:
            return ""
        with self._translated_errors():
            return str(described())

    @property
    def problems(self) -> tuple[str, ...]:
        """What was found corrupt at open, for the status."""
        return self._table.problems

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `VectorStore.add`."""
        if vectors.dtype != np.float32 or vectors.shape != (len(keys), self._dim):
            raise ValueError(
                f"vectors must be float32 of shape ({len(keys)}, {self._dim}), not {vectors.dtype} {vectors.shape}"
            )
        unique, last = np.unique(np.asarray(keys, np.int64)[::-1], return_index=True)
        with self._writing():
            if len(unique):
                rows = np.ascontiguousarray(vectors[len(keys) - 1 - last])
                self._generation = self._table.put(unique, rows)
                self._keys = merged(self._keys, unique)

    def delete(self, keys: Keys) -> None:
        """See `VectorStore.delete`."""
        with self._writing():
            gone = _among(self._keys, np.unique(np.asarray(keys, np.int64)))
            if len(gone):
                self._generation = self._table.drop(gone)
                self._keys = np.setdiff1d(self._keys, gone, assume_unique=True)

    def contains(self, keys: Keys) -> Mask:
        """See `VectorStore.contains`."""
        return present(self._keys, np.asarray(keys, np.int64))

    def get(self, keys: Keys) -> tuple[Mask, Vectors]:
        """See `VectorStore.get`."""
        requested = np.asarray(keys, np.int64)
        rows = np.zeros((len(requested), self._dim), dtype=np.float32)
        wanted = _among(self._keys, ascending(requested))
        if not len(wanted):
            return np.zeros(len(requested), np.bool_), rows
        with self._translated_errors():
            stored, fetched = self._table.fetch(wanted)
        order = np.argsort(stored)
        stored = stored[order]
        found = present(stored, requested)
        rows[found] = fetched[order][np.searchsorted(stored, requested[found])]
        return found, rows

    def keys(self) -> Keys:
        """See `VectorStore.keys`."""
        copied: Keys = self._keys.copy()
        return copied

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """See `VectorStore.search`."""
        stored = self._keys
        wanted = stored if allowed is None else _among(stored, ascending(allowed))
        if k <= 0 or not len(wanted):
            return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
        best, available = min(k, len(wanted)), len(wanted)
        allowed_only = self._among_allowed(wanted, len(stored))
        with self._translated_errors():
            keys, scores = _with_ties(
                allowed_only if available < len(stored) else self._among_all, query, best, available
            )
            if allowed is not None and not present(wanted, keys).all():
                # Rows that were added meanwhile may have displaced allowed ones.
                keys, scores = _with_ties(allowed_only, query, best, available)
        order = np.lexsort((keys, -scores))[:k]
        return Hits(keys[order], scores[order])

    def compact(self) -> None:
        """See `VectorStore.compact`."""
        with self._writing():
            self._table.compact()
            self._generation = self._table.generation()

    def refresh(self) -> bool:
        """See `VectorStore.refresh`."""
        with self._lock, self._translated_errors():
            generation = self._table.generation()
            if generation == self._generation:
                return False
            self._generation, self._keys = generation, np.sort(self._table.keys())
            return True

    def retire(self) -> None:
        """See `VectorStore.retire`: this store has no background work."""

    def close(self) -> None:
        """See `VectorStore.close`."""
        with self._lock, self._translated_errors():
            self._table.close()

    def _among_all(self, query: Vectors, k: int) -> tuple[Keys, Vectors]:
        return self._table.nearest(query, k, None)

    def _among_allowed(self, wanted: Keys, stored: int) -> _Nearest:
        table = self._table
        if len(wanted) <= table.max_allowed:
            return lambda query, k: table.nearest(query, k, wanted)
        return lambda query, k: _filtered(table, query, k, wanted, stored)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._writable:
            raise IndexUnavailableError(f"{self._table.place} was opened read-only.")
        if self.refusal:
            raise StoreReadOnlyError(self.refusal)
        with self._lock, self._translated_errors():
            yield

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except self._table.failures as error:
            raise StoreAwayError(f"Could not access the vectors in {self._table.place}: {error}") from error


def check_made_by(place: str, stored: tuple[str, int], embedder: str, dim: int) -> None:
    """Raise IndexUnavailableError if the rows belong to another model or have another width."""
    if stored != (embedder, dim):
        raise IndexUnavailableError(
            f"{place} contains vectors of {stored[0]} ({stored[1]} dimensions), not of {embedder} ({dim})."
        )


def product(keys: Keys, rows: Vectors, query: Vectors, k: int) -> tuple[Keys, Vectors]:
    """Return the k rows with the highest scalar product, computed in this process."""
    scores = np.vecdot(rows, query).astype(np.float32, copy=False)
    best = np.argsort(-scores, kind="stable")[:k]
    return keys[best], scores[best]


def _with_ties(nearest: _Nearest, query: Vectors, k: int, available: int) -> tuple[Keys, Vectors]:
    """Return at least the k best rows, and all that may tie with the k-th."""
    requested = min(k + _SLACK, available)
    while True:
        keys, scores = nearest(query, requested)
        if len(keys) < requested or requested == available:
            return keys, scores
        kth = -np.partition(-scores, k - 1)[k - 1]
        if scores.min() < kth - _EQUAL:
            return keys, scores
        requested = min(requested * _GROWTH, available)


def _filtered(table: Table, query: Vectors, k: int, allowed: Keys, stored: int) -> tuple[Keys, Vectors]:
    """Return the k best of many allowed rows, by filtering an increasing number of all rows."""
    # If allowed rows are spread evenly, k of these pass in all but a few of a thousand cases.
    requested = min(math.ceil((k + 3 * math.sqrt(k)) * stored / len(allowed)) + _SLACK, stored)
    while True:
        keys, scores = table.nearest(query, requested, None)
        within = present(allowed, keys)
        if requested == stored or within.sum() >= k:
            return keys[within], scores[within]
        requested = min(requested * _GROWTH, stored)


def _among(stored: Keys, keys: Keys) -> Keys:
    return keys[present(stored, keys)]
