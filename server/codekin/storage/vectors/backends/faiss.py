"""Vectors searched by FAISS, which has a copy in memory of the rows of a crash-safe flat index.

FAISS can only write an index as a whole. Saved after every batch, 100,000 rows would be written for
each saved file. Its graph or lists are therefore written by compaction, and later changes are found
by comparing their rows with those of the flat index.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.storage.segment_file import CorruptError, open_segment, write_segment
from codekin.storage.vectors.backends.faiss_indexes import APPROXIMATE, ExactIndex, FaissIndex
from codekin.storage.vectors.flat import FlatIndex
from codekin.storage.vectors.optional_imports import load, require_works, version_of
from codekin.storage.vectors.table_store import UNLIMITED, TableStore, product

EXTRA = "faiss"
MIN_ROWS = 20_000
"""Fewer rows are compared exactly, in a millisecond or two; also if few rows pass the filters."""
_FEW_SHARE = 10
"""If one row in this many passes, an approximate index would have to visit nearly all of its rows.
"""
Kind = Literal["", "hnsw", "ivf"]
_DISTRIBUTION = "faiss-cpu"
_PROBE = "import faiss, numpy; index = faiss.IndexFlatIP(8); index.add(numpy.eye(8, dtype='f4')); index.search(numpy.eye(8, dtype='f4'), 1)"
_BLOCK_ROWS = 65_536
_SAMPLE_ROWS = 131_072
_log = logging.getLogger(__name__)


def open_store(directory: Path, *, dim: int, embedder: str, writable: bool, index: Kind = "") -> TableStore:
    """Open the store.

    Raises IndexUnavailableError, also if the directory contains vectors of another model or width.
    """
    require_works(directory, _DISTRIBUTION, _PROBE, EXTRA)
    load("faiss", EXTRA)
    rows = FlatIndex.open(directory, dim=dim, embedder=embedder, writable=writable, exact=True)
    return TableStore(FaissTable(rows, directory, index), dim=dim, writable=writable)


class FaissTable:
    """`Table`: a FAISS index over the rows of a flat index.

    It becomes approximate (graph or lists) when the store is compacted with enough rows.
    """

    max_allowed = UNLIMITED
    failures: tuple[type[Exception], ...] = (RuntimeError, OSError)
    """FAISS raises RuntimeError for every error."""

    def __init__(self, rows: FlatIndex, directory: Path, kind: Kind = "") -> None:
        self.place = str(directory)
        self.problems = rows.problems
        self.max_gathered = MIN_ROWS
        self._faiss = load("faiss", EXTRA)
        self._rows = rows
        self._kind = kind
        self._file = directory / f"faiss-{kind}" / "index"
        self._lock = threading.Lock()
        self._changes = 0
        self._unsaved = False
        self._damage = ""
        self._index = self._open_index()
        mode = f"exact{self._damage}" if self._index.exact else kind
        self.note = f"faiss-cpu {version_of(_DISTRIBUTION)}, {mode}"

    def generation(self) -> int:
        """See `Table.generation`: the number of changes this process has seen."""
        if self._rows.refresh():
            with self._lock:
                self._follow(self._index)
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
            self._use_threads(1)
            if len(known):
                self._index.remove(known)
            self._index.add(keys, rows)
        self._unsaved = True
        self._changes += 1
        return self._changes

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        self._rows.delete(keys)
        with self._lock:
            self._index.remove(keys)
        self._unsaved = True
        self._changes += 1
        return self._changes

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        found, rows = self._rows.get(keys)
        return keys[found], rows[found]

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        few = max(self.max_gathered, len(self._rows) // _FEW_SHARE)
        if allowed is not None and not self._index.exact and len(allowed) <= few:
            return product(allowed, self._rows.get(allowed)[1], query, k)
        # For one query, several threads take two to five times as long as one.
        with self._lock:
            self._use_threads(1)
            return self._index.nearest(np.ascontiguousarray(query), k, allowed)

    def compact(self) -> None:
        """See `Table.compact`; builds and writes the graph or lists if there are enough rows.

        Searches continue meanwhile.
        """
        self._rows.compact()
        if not self._kind:
            return
        count = len(self._rows)
        if count >= MIN_ROWS and (self._index.exact or self._index.stale()):
            built = self._built(count)
            with self._lock:
                self._index = built
            self._unsaved = True
            self._changes += 1
        if self._unsaved and not self._index.exact:
            self._file.parent.mkdir(exist_ok=True)
            write_segment(self._file, {}, self._index.packed())
            self._unsaved = False

    def close(self) -> None:
        """See `Table.close`."""
        self._rows.close()

    def _open_index(self) -> FaissIndex:
        index = self._read()
        self._follow(index)
        return index

    def _read(self) -> FaissIndex:
        try:
            if self._kind:
                return APPROXIMATE[self._kind].unpacked(self._faiss, open_segment(self._file).arrays)
        except FileNotFoundError:
            pass  # The store was never compacted with enough rows.
        except (CorruptError, RuntimeError, OSError) as error:
            self._damage = f" until the next compaction, because its {self._kind} index is corrupt"
            _log.warning("%s is corrupt and is rebuilt by the next compaction: %s", self._file, error)
        return ExactIndex(self._faiss, self._rows.dim)

    def _follow(self, index: FaissIndex) -> None:
        """Make the index equal to the flat one: remove deleted and replaced rows, add new ones."""
        self._use_threads(1)
        index_keys, row_keys = index.keys(), self._rows.keys()
        kept = np.intersect1d(index_keys, row_keys, assume_unique=True)
        replaced = (keys[(index.rows(keys) != self._rows.get(keys)[1]).any(axis=1)] for keys in _blocks(kept))
        obsolete = np.concatenate([np.setdiff1d(index_keys, row_keys, assume_unique=True), *replaced])
        if len(obsolete):
            index.remove(obsolete)
            self._unsaved = True
        for keys in _blocks(np.setdiff1d(row_keys, index.keys(), assume_unique=True)):
            index.add(keys, self._rows.get(keys)[1])
            self._unsaved = True

    def _built(self, count: int) -> FaissIndex:
        self._use_threads(max(1, (os.cpu_count() or 2) // 2))
        keys = self._rows.keys()
        sample = np.sort(np.random.default_rng(0).permutation(keys)[:_SAMPLE_ROWS])
        built = APPROXIMATE[self._kind].empty(self._faiss, self._rows.dim, self._rows.get(sample)[1], count)
        for block in _blocks(keys):
            built.add(block, self._rows.get(block)[1])
        return built

    def _use_threads(self, number: int) -> None:
        """Set the number of FAISS threads for the following calls of this thread."""
        self._faiss.omp_set_num_threads(number)


def _blocks(keys: Keys) -> Iterator[Keys]:
    for start in range(0, len(keys), _BLOCK_ROWS):
        yield keys[start : start + _BLOCK_ROWS]
