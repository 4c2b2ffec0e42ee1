"""Vectors searched by FAISS. The rows lie in the flat index's crash-safe files, FAISS holds a copy in memory.

FAISS can only write an index as a whole: saved after every batch, 100,000 rows would be written again for each file saved. So its graph or
lists are written when the store is tidied, and what has changed since is seen by comparing their rows with those of the flat index.
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
LEAST_ROWS = 20_000
"""Fewer are compared exactly, in a millisecond or two; the same where so few pass the filters."""
_FEW = 10
"""One row in so many passes: graphs and lists would have to be gone through almost wholly."""
Kind = Literal["", "hnsw", "ivf"]
_DISTRIBUTION = "faiss-cpu"
_PROBE = "import faiss, numpy; index = faiss.IndexFlatIP(8); index.add(numpy.eye(8, dtype='f4')); index.search(numpy.eye(8, dtype='f4'), 1)"
_BLOCK_ROWS = 65_536
_SAMPLE_ROWS = 131_072
_log = logging.getLogger(__name__)


def open_store(directory: Path, *, dim: int, embedder: str, writable: bool, index: Kind = "") -> TableStore:
    """Raises IndexUnavailableError, also when the directory holds vectors of another model or width."""
    require_works(directory, _DISTRIBUTION, _PROBE, EXTRA)
    load("faiss", EXTRA)
    rows = FlatIndex.open(directory, dim=dim, embedder=embedder, writable=writable)
    return TableStore(FaissTable(rows, directory, index), dim=dim, writable=writable)


class FaissTable:
    """`Table`: an index of FAISS over the rows of a flat index; a graph or lists once there are many and the store has been tidied."""

    most_allowed = UNLIMITED
    failures: tuple[type[Exception], ...] = (RuntimeError, OSError)
    """FAISS raises RuntimeError for everything."""

    def __init__(self, rows: FlatIndex, directory: Path, kind: Kind = "") -> None:
        self.place = str(directory)
        self.problems = rows.problems
        self.most_gathered = LEAST_ROWS
        self._faiss = load("faiss", EXTRA)
        self._rows = rows
        self._kind = kind
        self._file = directory / f"faiss-{kind}" / "index"
        self._lock = threading.Lock()
        self._changes = 0
        self._unsaved = False
        self._damage = ""
        self._index = self._opened()
        mode = f"exact{self._damage}" if self._index.exact else kind
        self.note = f"faiss-cpu {version_of(_DISTRIBUTION)}, {mode}"

    def generation(self) -> int:
        """See `Table.generation`: how many changes this process has seen."""
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
        few = max(self.most_gathered, len(self._rows) // _FEW)
        if allowed is not None and not self._index.exact and len(allowed) <= few:
            return product(allowed, self._rows.get(allowed)[1], query, k)
        # Several threads for one query take two to five times as long as one.
        with self._lock:
            self._use_threads(1)
            return self._index.nearest(np.ascontiguousarray(query), k, allowed)

    def compact(self) -> None:
        """See `Table.compact`. Makes a graph or lists where there are rows enough, and writes them; searches go on meanwhile."""
        self._rows.compact()
        if not self._kind:
            return
        count = len(self._rows)
        if count >= LEAST_ROWS and (self._index.exact or self._index.stale()):
            made = self._made(count)
            with self._lock:
                self._index = made
            self._unsaved = True
            self._changes += 1
        if self._unsaved and not self._index.exact:
            self._file.parent.mkdir(exist_ok=True)
            write_segment(self._file, {}, self._index.packed())
            self._unsaved = False

    def close(self) -> None:
        """See `Table.close`."""
        self._rows.close()

    def _opened(self) -> FaissIndex:
        index = self._read()
        self._follow(index)
        return index

    def _read(self) -> FaissIndex:
        try:
            if self._kind:
                return APPROXIMATE[self._kind].unpacked(self._faiss, open_segment(self._file).arrays)
        except FileNotFoundError:
            pass  # it has never been tidied with so many rows
        except (CorruptError, RuntimeError, OSError) as error:
            self._damage = f" until it is tidied: what was written of its {self._kind} index is damaged"
            _log.warning("%s is damaged and made anew when the store is tidied: %s", self._file, error)
        return ExactIndex(self._faiss, self._rows.dim)

    def _follow(self, index: FaissIndex) -> None:
        """Gives the index the rows of the flat one: takes out what is gone or is another row now, puts in what is new."""
        self._use_threads(1)
        held, wanted = index.keys(), self._rows.keys()
        kept = np.intersect1d(held, wanted, assume_unique=True)
        other = (keys[(index.rows(keys) != self._rows.get(keys)[1]).any(axis=1)] for keys in _blocks(kept))
        old = np.concatenate([np.setdiff1d(held, wanted, assume_unique=True), *other])
        if len(old):
            index.remove(old)
            self._unsaved = True
        for keys in _blocks(np.setdiff1d(wanted, index.keys(), assume_unique=True)):
            index.add(keys, self._rows.get(keys)[1])
            self._unsaved = True

    def _made(self, count: int) -> FaissIndex:
        self._use_threads(max(1, (os.cpu_count() or 2) // 2))
        keys = self._rows.keys()
        sample = np.sort(np.random.default_rng(0).permutation(keys)[:_SAMPLE_ROWS])
        made = APPROXIMATE[self._kind].made(self._faiss, self._rows.dim, self._rows.get(sample)[1], count)
        for block in _blocks(keys):
            made.add(block, self._rows.get(block)[1])
        return made

    def _use_threads(self, number: int) -> None:
        """So many of FAISS's do what the calling thread asks for from now on."""
        self._faiss.omp_set_num_threads(number)


def _blocks(keys: Keys) -> Iterator[Keys]:
    for start in range(0, len(keys), _BLOCK_ROWS):
        yield keys[start : start + _BLOCK_ROWS]
