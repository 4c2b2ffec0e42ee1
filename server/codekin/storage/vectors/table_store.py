"""What all vector stores but the flat one have in common: a table of rows somewhere, and its keys in memory.

Which keys are there is asked for every file that is indexed, and how many at every search: a table answers that once, at open,
and again when its generation shows that another process wrote.
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
"""Asked for on top of k, so that rows as good as the k-th are seen and the smallest keys of them win."""
_GROWTH = 4
_EQUAL = 1e-6
"""Scores closer than this may be the same one, rounded differently by a table's own arithmetic."""

UNLIMITED = 2**62
"""For `Table.most_allowed`."""

_Nearest = Callable[[Vectors, int], tuple[Keys, Vectors]]


class Table(Protocol):
    """One collection of one backend. Keys come in as int64, ascending, each once; rows as float32, C order, unit or zero.
    Any thread may call; writes come one at a time.
    """

    place: str
    """Where the rows lie, in words and without secrets."""
    note: str
    """What the user should know of how the table is reached; "" when there is nothing to say."""
    most_allowed: int
    """How many keys `nearest` takes as `allowed`; where there are more, unfiltered answers are sieved."""
    problems: tuple[str, ...]
    """What was found damaged at open, in words."""
    failures: tuple[type[Exception], ...]
    """What its library raises when it cannot do what it is asked."""

    def generation(self) -> int:
        """Changes whenever any process changes the rows."""

    def keys(self) -> Keys:
        """All of them, in any order."""

    def put(self, keys: Keys, rows: Vectors) -> int:
        """Adds or replaces rows, durably; returns the new generation."""

    def drop(self, keys: Keys) -> int:
        """Removes rows, durably; unknown keys are ignored; returns the new generation."""

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """The rows that are there, in any order, exactly as they were put."""

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """(keys, scores) of at most k rows of the highest scalar product with the query, in any order; only among
        `allowed` when given, which holds no unknown key. k is at least 1 and at most the number of rows.
        """

    def compact(self) -> None:
        """Gives back room."""

    def close(self) -> None:
        """Idempotent."""


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
            with self._explained():
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
        """For the status: where the rows lie."""
        return self._table.place

    @property
    def note(self) -> str:
        """For the status: how the table is reached."""
        return self._table.note

    @property
    def refusal(self) -> str:
        """Why the server takes no changes from this user, "" where it does."""
        return str(getattr(self._table, "refusal", ""))

    @property
    def problems(self) -> tuple[str, ...]:
        """For the status: what was found damaged at open."""
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
        asked = np.asarray(keys, np.int64)
        rows = np.zeros((len(asked), self._dim), dtype=np.float32)
        wanted = _among(self._keys, ascending(asked))
        if not len(wanted):
            return np.zeros(len(asked), np.bool_), rows
        with self._explained():
            held, fetched = self._table.fetch(wanted)
        order = np.argsort(held)
        held = held[order]
        found = present(held, asked)
        rows[found] = fetched[order][np.searchsorted(held, asked[found])]
        return found, rows

    def keys(self) -> Keys:
        """See `VectorStore.keys`."""
        copied: Keys = self._keys.copy()
        return copied

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """See `VectorStore.search`."""
        held = self._keys
        wanted = held if allowed is None else _among(held, ascending(allowed))
        if k <= 0 or not len(wanted):
            return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
        best, available = min(k, len(wanted)), len(wanted)
        by_name = self._by_name(wanted, len(held))
        with self._explained():
            keys, scores = _with_ties(by_name if available < len(held) else self._of_all, query, best, available)
            if allowed is not None and not present(wanted, keys).all():
                # Rows that came meanwhile, through this store or another, may have taken the place of allowed ones.
                keys, scores = _with_ties(by_name, query, best, available)
        order = np.lexsort((keys, -scores))[:k]
        return Hits(keys[order], scores[order])

    def compact(self) -> None:
        """See `VectorStore.compact`."""
        with self._writing():
            self._table.compact()
            self._generation = self._table.generation()

    def refresh(self) -> bool:
        """See `VectorStore.refresh`."""
        with self._lock, self._explained():
            generation = self._table.generation()
            if generation == self._generation:
                return False
            self._generation, self._keys = generation, np.sort(self._table.keys())
            return True

    def retire(self) -> None:
        """See `VectorStore.retire`: nothing happens here of its own accord."""

    def close(self) -> None:
        """See `VectorStore.close`."""
        with self._lock, self._explained():
            self._table.close()

    def _of_all(self, query: Vectors, k: int) -> tuple[Keys, Vectors]:
        return self._table.nearest(query, k, None)

    def _by_name(self, wanted: Keys, held: int) -> _Nearest:
        table = self._table
        if len(wanted) <= table.most_allowed:
            return lambda query, k: table.nearest(query, k, wanted)
        return lambda query, k: _sieved(table, query, k, wanted, held)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._writable:
            raise IndexUnavailableError(f"{self._table.place} was opened for reading.")
        if self.refusal:
            raise StoreReadOnlyError(self.refusal)
        with self._lock, self._explained():
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._table.failures as error:
            raise StoreAwayError(f"The vectors in {self._table.place} cannot be used: {error}") from error


def check_made_by(place: str, held: tuple[str, int], embedder: str, dim: int) -> None:
    """Raises IndexUnavailableError when the rows are another model's or of another width."""
    if held != (embedder, dim):
        raise IndexUnavailableError(f"{place} holds vectors of {held[0]} ({held[1]} wide), not of {embedder} ({dim}).")


def product(keys: Keys, rows: Vectors, query: Vectors, k: int) -> tuple[Keys, Vectors]:
    """The k rows of the highest scalar product, computed here."""
    scores = np.vecdot(rows, query).astype(np.float32, copy=False)
    best = np.argsort(-scores, kind="stable")[:k]
    return keys[best], scores[best]


def _with_ties(nearest: _Nearest, query: Vectors, k: int, available: int) -> tuple[Keys, Vectors]:
    """At least the k best, and all that may score as well as the k-th."""
    asked = min(k + _SLACK, available)
    while True:
        keys, scores = nearest(query, asked)
        if len(keys) < asked or asked == available:
            return keys, scores
        kth = -np.partition(-scores, k - 1)[k - 1]
        if scores.min() < kth - _EQUAL:
            return keys, scores
        asked = min(asked * _GROWTH, available)


def _sieved(table: Table, query: Vectors, k: int, allowed: Keys, held: int) -> tuple[Keys, Vectors]:
    """The k best of many allowed rows, out of ever more of all rows."""
    # So many that k of them pass in all but a few of a thousand cases, if those that may pass lie anywhere.
    asked = min(math.ceil((k + 3 * math.sqrt(k)) * held / len(allowed)) + _SLACK, held)
    while True:
        keys, scores = table.nearest(query, asked, None)
        within = present(allowed, keys)
        if asked == held or within.sum() >= k:
            return keys[within], scores[within]
        asked = min(asked * _GROWTH, held)


def _among(held: Keys, keys: Keys) -> Keys:
    return keys[present(held, keys)]
