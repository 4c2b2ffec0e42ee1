"""Three FAISS indexes over rows with keys: exact, graph (HNSW), and lists (IVFFlat).

The last two find nearly all of the nearest, and are worth building for many rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Vectors
from codekin.storage.top_k import merged

_LINKS, _BUILD_WIDTH, _SEARCH_WIDTH = 32, 80, 256
"""HNSW's M, efConstruction and efSearch."""
_MAX_DELETED_SHARE = 0.3
"""Share of deleted rows above which a graph is rebuilt, as searches still visit them."""
_PROBED_SHARE = 4
"""One list in this many is searched."""
_GROWTH = 4
"""Lists are rebuilt when there are this many times the rows they were built from."""
_DELETED = -1


Packed = Mapping[str, npt.NDArray[Any]]


class FaissIndex(Protocol):
    """Rows with keys, float32 and C order.

    Calls come one at a time. The caller sets the number of FAISS threads.
    """

    exact: bool

    def keys(self) -> Keys:
        """Return all keys, ascending."""

    def rows(self, keys: Keys) -> Vectors:
        """Return the rows of existing keys."""

    def add(self, keys: Keys, rows: Vectors) -> None:
        """Add rows under new keys."""

    def remove(self, keys: Keys) -> None:
        """Remove the rows of existing keys."""

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""

    def stale(self) -> bool:
        """Return whether an index rebuilt from the same rows would be better."""

    def packed(self) -> Packed:
        """Return the arrays to restore it from; empty if refilling it takes no longer."""


class ExactIndex:
    """Compares the query with all rows."""

    exact = True

    def __init__(self, faiss: Any, dim: int) -> None:
        self._faiss = faiss
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))

    def keys(self) -> Keys:
        """See `FaissIndex.keys`."""
        return np.sort(self._faiss.vector_to_array(self._index.id_map))

    def rows(self, keys: Keys) -> Vectors:
        """See `FaissIndex.rows`."""
        rows: Vectors = self._index.reconstruct_batch(keys)
        return rows

    def add(self, keys: Keys, rows: Vectors) -> None:
        """See `FaissIndex.add`."""
        self._index.add_with_ids(rows, keys)

    def remove(self, keys: Keys) -> None:
        """See `FaissIndex.remove`."""
        self._index.remove_ids(keys)

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        selected = None if allowed is None else self._faiss.SearchParameters(sel=self._faiss.IDSelectorBatch(allowed))
        return _found(self._index.search(query[np.newaxis], k, params=selected))

    def stale(self) -> bool:
        """See `FaissIndex.stale`."""
        return False

    def packed(self) -> Packed:
        """See `FaissIndex.packed`."""
        return {}


class GraphIndex:
    """HNSW.

    FAISS numbers the rows and cannot remove one. A deleted row stays in the graph as a path to
    others and is never returned.
    """

    exact = False

    def __init__(self, faiss: Any, graph: Any, keys: Keys) -> None:
        self._faiss, self._graph = faiss, graph
        self._keys = keys
        self._rank()

    @classmethod
    def empty(cls, faiss: Any, dim: int, _sample: Vectors, _rows: int) -> GraphIndex:
        """Return an empty index."""
        graph = faiss.IndexHNSWFlat(dim, _LINKS, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = _BUILD_WIDTH
        return cls(faiss, graph, np.empty(0, np.int64))

    @classmethod
    def unpacked(cls, faiss: Any, packed: Packed) -> GraphIndex:
        """Return the index that `packed` describes."""
        return cls(faiss, faiss.deserialize_index(packed["index"]), packed["keys"].copy())

    def keys(self) -> Keys:
        """See `FaissIndex.keys`."""
        live: Keys = self._keys[self._order]
        return live

    def rows(self, keys: Keys) -> Vectors:
        """See `FaissIndex.rows`."""
        storage = self._faiss.downcast_index(self._graph.storage)
        all_rows = self._faiss.rev_swig_ptr(storage.get_xb(), len(self._keys) * storage.d).reshape(-1, storage.d)
        rows: Vectors = all_rows[self._places(keys)]
        return rows

    def add(self, keys: Keys, rows: Vectors) -> None:
        """See `FaissIndex.add`."""
        self._graph.add(rows)
        self._keys = np.concatenate([self._keys, keys])
        self._rank()

    def remove(self, keys: Keys) -> None:
        """See `FaissIndex.remove`."""
        self._keys[self._places(keys)] = _DELETED
        self._rank()

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        places = self._order if allowed is None else self._places(allowed)
        chosen = None if len(places) == len(self._keys) else self._only(places)
        width = (
            max(_SEARCH_WIDTH, 2 * k) * len(self._keys) // max(len(places), 1)
        )  # Wider by the inverse share of rows that pass.
        options = self._faiss.SearchParametersHNSW(efSearch=width, sel=chosen)
        places, scores = _found(self._graph.search(query[np.newaxis], k, params=options))
        return self._keys[places], scores

    def stale(self) -> bool:
        """See `FaissIndex.stale`."""
        return len(self._keys) - len(self._order) > _MAX_DELETED_SHARE * len(self._keys)

    def packed(self) -> Packed:
        """See `FaissIndex.packed`."""
        return {"index": self._faiss.serialize_index(self._graph), "keys": self._keys}

    def _only(self, places: npt.NDArray[np.intp]) -> Any:
        passing = np.zeros(len(self._keys), np.bool_)
        passing[places] = True
        return self._faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little"))

    def _places(self, keys: Keys) -> npt.NDArray[np.intp]:
        places: npt.NDArray[np.intp] = self._order[
            np.searchsorted(self._keys, keys, sorter=self._sorter) - self._deleted
        ]
        return places

    def _rank(self) -> None:
        """Sort the positions by key: `_sorter` has all, `_order` those of live rows."""
        self._sorter = np.argsort(self._keys, kind="stable")  # Fast, because the keys are nearly sorted.
        self._deleted = int((self._keys == _DELETED).sum())
        self._order = self._sorter[self._deleted :]


class ListsIndex:
    """IVFFlat: the rows are in lists around centres, and a search visits the nearest lists."""

    exact = False

    def __init__(self, faiss: Any, lists: Any, keys: Keys, built_from: int) -> None:
        self._faiss, self._lists = faiss, lists
        self._keys, self._built_from = keys, built_from
        lists.set_direct_map_type(faiss.DirectMap.Hashtable)  # Needed by `rows`, and makes removals fast.

    @classmethod
    def empty(cls, faiss: Any, dim: int, sample: Vectors, rows: int) -> ListsIndex:
        """Return an empty index with centres computed from a sample of the rows to come."""
        lists = faiss.index_factory(dim, f"IVF{lists_for(rows)},Flat", faiss.METRIC_INNER_PRODUCT)
        lists.train(sample)
        return cls(faiss, lists, np.empty(0, np.int64), rows)

    @classmethod
    def unpacked(cls, faiss: Any, packed: Packed) -> ListsIndex:
        """Return the index that `packed` describes."""
        return cls(faiss, faiss.deserialize_index(packed["index"]), packed["keys"].copy(), int(packed["made_of"][0]))

    def keys(self) -> Keys:
        """See `FaissIndex.keys`."""
        return self._keys

    def rows(self, keys: Keys) -> Vectors:
        """See `FaissIndex.rows`."""
        rows: Vectors = self._lists.reconstruct_batch(keys)
        return rows

    def add(self, keys: Keys, rows: Vectors) -> None:
        """See `FaissIndex.add`."""
        self._lists.add_with_ids(rows, keys)
        self._keys = merged(self._keys, keys)

    def remove(self, keys: Keys) -> None:
        """See `FaissIndex.remove`."""
        self._lists.remove_ids(self._faiss.IDSelectorArray(keys))
        self._keys = np.setdiff1d(self._keys, keys, assume_unique=True)

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        chosen = None if allowed is None else self._faiss.IDSelectorBatch(allowed)
        options = self._faiss.SearchParametersIVF(nprobe=math.ceil(self._lists.nlist / _PROBED_SHARE), sel=chosen)
        return _found(self._lists.search(query[np.newaxis], k, params=options))

    def stale(self) -> bool:
        """See `FaissIndex.stale`."""
        return len(self._keys) >= _GROWTH * self._built_from

    def packed(self) -> Packed:
        """See `FaissIndex.packed`."""
        built_from = np.array([self._built_from])
        return {"index": self._faiss.serialize_index(self._lists), "keys": self._keys, "made_of": built_from}


APPROXIMATE: Mapping[str, type[GraphIndex | ListsIndex]] = {"hnsw": GraphIndex, "ivf": ListsIndex}


def lists_for(rows: int) -> int:
    """Return the power of two nearest to the square root of the number of rows."""
    return int(2 ** round(math.log2(math.sqrt(rows))))


def _found(answer: tuple[Vectors, Keys]) -> tuple[Keys, Vectors]:
    scores, keys = answer[0][0], answer[1][0]
    return keys[keys >= 0], scores[keys >= 0]
