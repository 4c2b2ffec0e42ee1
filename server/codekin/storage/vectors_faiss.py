"""Vectors searched by FAISS, exactly. The rows lie in the flat index's crash-safe files, FAISS holds a copy in memory.

FAISS can only write an index as a whole: saved after every batch, 100,000 rows would be written again for each file saved.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.storage.extras import load, require_works, version_of
from codekin.storage.flat import FlatIndex
from codekin.storage.tables import UNLIMITED, TableStore

EXTRA = "faiss"
_DISTRIBUTION = "faiss-cpu"
_PROBE = "import faiss, numpy; index = faiss.IndexFlatIP(8); index.add(numpy.eye(8, dtype='f4')); index.search(numpy.eye(8, dtype='f4'), 1)"
_LOADED_ROWS = 65_536


def open_store(directory: Path, *, dim: int, embedder: str, writable: bool) -> TableStore:
    """Raises IndexUnavailableError, also when the directory holds vectors of another model or width."""
    require_works(directory, _DISTRIBUTION, _PROBE, EXTRA)
    load("faiss", EXTRA)
    rows = FlatIndex.open(directory, dim=dim, embedder=embedder, writable=writable)
    return TableStore(FaissTable(rows, str(directory)), dim=dim, writable=writable)


class FaissTable:
    """`Table`: an exact index of scalar products over the rows of a flat index."""

    most_allowed = UNLIMITED
    failures: tuple[type[Exception], ...] = (RuntimeError, OSError)
    """FAISS raises RuntimeError for everything."""

    def __init__(self, rows: FlatIndex, place: str) -> None:
        self.place = place
        self.note = f"faiss-cpu {version_of(_DISTRIBUTION)}, exact"
        self.problems = rows.problems
        self._faiss = load("faiss", EXTRA)
        self._rows = rows
        self._lock = threading.Lock()
        self._changes = 0
        self._index: Any = self._loaded()

    def generation(self) -> int:
        """See `Table.generation`: how many changes this process has seen."""
        if self._rows.refresh():
            index = self._loaded()
            with self._lock:
                self._index = index
            self._changes += 1
        return self._changes

    def keys(self) -> Keys:
        """See `Table.keys`."""
        return self._rows.keys()

    def put(self, keys: Keys, rows: Vectors) -> int:
        """See `Table.put`."""
        known = keys[self._rows.contains(keys)]
        self._rows.add(keys, rows)
        with self._lock:
            if len(known):
                self._index.remove_ids(known)
            self._index.add_with_ids(rows, keys)
        self._changes += 1
        return self._changes

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        self._rows.delete(keys)
        with self._lock:
            self._index.remove_ids(keys)
        self._changes += 1
        return self._changes

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        found, rows = self._rows.get(keys)
        return keys[found], rows[found]

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        # Of the calling thread: several threads for one query take two to five times as long as one.
        self._faiss.omp_set_num_threads(1)
        selected = None
        if allowed is not None:
            selected = self._faiss.SearchParameters(sel=self._faiss.IDSelectorBatch(allowed))
        with self._lock:
            scores, keys = self._index.search(np.ascontiguousarray(query[np.newaxis]), k, params=selected)
        found = keys[0] >= 0
        return keys[0][found], scores[0][found]

    def compact(self) -> None:
        """See `Table.compact`."""
        self._rows.compact()

    def close(self) -> None:
        """See `Table.close`."""
        self._rows.close()

    def _loaded(self) -> Any:
        index = self._faiss.IndexIDMap2(self._faiss.IndexFlatIP(self._rows.dim))
        keys = self._rows.keys()
        for start in range(0, len(keys), _LOADED_ROWS):
            part = keys[start : start + _LOADED_ROWS]
            index.add_with_ids(self._rows.get(part)[1], part)
        return index
