"""Three indexes of FAISS over rows with keys: one that compares all rows, a graph (HNSW), and lists around centres (IVFFlat).

The last two find almost all of the nearest, and are worth their making where there are many rows.
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
_MOST_GONE = 0.3
"""Share of a graph's rows that are no more, from which it is made anew: each is still gone through by searches."""
_PROBED_SHARE = 4
"""One list in so many is looked at."""
_GROWTH = 4
"""Lists are made anew of so many times the rows that they were made of."""
_GONE = -1


Packed = Mapping[str, npt.NDArray[Any]]


class FaissIndex(Protocol):
    """Rows with keys, float32 and C order. Calls come one at a time; which of FAISS's threads work is up to the caller."""

    exact: bool

    def keys(self) -> Keys:
        """All of them, ascending."""

    def rows(self, keys: Keys) -> Vectors:
        """Those of keys that are there."""

    def add(self, keys: Keys, rows: Vectors) -> None:
        """Keys that are not there yet."""

    def remove(self, keys: Keys) -> None:
        """Keys that are there."""

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""

    def stale(self) -> bool:
        """Whether another one, made of the same rows, would be better."""

    def packed(self) -> Packed:
        """What it can be made from again, nothing where that takes no less time than filling it."""


class ExactIndex:
    """Compares all rows."""

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
    """HNSW. FAISS numbers the rows and cannot take one out: a row that is gone remains as a way to others, and is never told."""

    exact = False

    def __init__(self, faiss: Any, graph: Any, keys: Keys) -> None:
        self._faiss, self._graph = faiss, graph
        self._keys = keys
        self._rank()

    @classmethod
    def made(cls, faiss: Any, dim: int, _sample: Vectors, _rows: int) -> GraphIndex:
        """Without rows."""
        graph = faiss.IndexHNSWFlat(dim, _LINKS, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = _BUILD_WIDTH
        return cls(faiss, graph, np.empty(0, np.int64))

    @classmethod
    def unpacked(cls, faiss: Any, packed: Packed) -> GraphIndex:
        """The one that `packed` came from."""
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
        self._keys[self._places(keys)] = _GONE
        self._rank()

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        places = self._order if allowed is None else self._places(allowed)
        chosen = None if len(places) == len(self._keys) else self._only(places)
        width = max(_SEARCH_WIDTH, 2 * k) * len(self._keys) // max(len(places), 1)  # so many of them pass
        options = self._faiss.SearchParametersHNSW(efSearch=width, sel=chosen)
        places, scores = _found(self._graph.search(query[np.newaxis], k, params=options))
        return self._keys[places], scores

    def stale(self) -> bool:
        """See `FaissIndex.stale`."""
        return len(self._keys) - len(self._order) > _MOST_GONE * len(self._keys)

    def packed(self) -> Packed:
        """See `FaissIndex.packed`."""
        return {"index": self._faiss.serialize_index(self._graph), "keys": self._keys}

    def _only(self, places: npt.NDArray[np.intp]) -> Any:
        passing = np.zeros(len(self._keys), np.bool_)
        passing[places] = True
        return self._faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little"))

    def _places(self, keys: Keys) -> npt.NDArray[np.intp]:
        places: npt.NDArray[np.intp] = self._order[np.searchsorted(self._keys, keys, sorter=self._sorter) - self._gone]
        return places

    def _rank(self) -> None:
        """Places in order of their keys: `_sorter` all, `_order` those that are there."""
        self._sorter = np.argsort(self._keys, kind="stable")  # nearly in order already
        self._gone = int((self._keys == _GONE).sum())
        self._order = self._sorter[self._gone :]


class ListsIndex:
    """IVFFlat: the rows in lists around centres, of which a search goes through the nearest."""

    exact = False

    def __init__(self, faiss: Any, lists: Any, keys: Keys, made_of: int) -> None:
        self._faiss, self._lists = faiss, lists
        self._keys, self._made_of = keys, made_of
        lists.set_direct_map_type(faiss.DirectMap.Hashtable)  # for `rows`, and for removals in no time

    @classmethod
    def made(cls, faiss: Any, dim: int, sample: Vectors, rows: int) -> ListsIndex:
        """Without rows, its centres made of a sample of those to come."""
        lists = faiss.index_factory(dim, f"IVF{lists_for(rows)},Flat", faiss.METRIC_INNER_PRODUCT)
        lists.train(sample)
        return cls(faiss, lists, np.empty(0, np.int64), rows)

    @classmethod
    def unpacked(cls, faiss: Any, packed: Packed) -> ListsIndex:
        """The one that `packed` came from."""
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
        return len(self._keys) >= _GROWTH * self._made_of

    def packed(self) -> Packed:
        """See `FaissIndex.packed`."""
        made_of = np.array([self._made_of])
        return {"index": self._faiss.serialize_index(self._lists), "keys": self._keys, "made_of": made_of}


APPROXIMATE: Mapping[str, type[GraphIndex | ListsIndex]] = {"hnsw": GraphIndex, "ivf": ListsIndex}


def lists_for(rows: int) -> int:
    """The power of two nearest to the root of the number of rows."""
    return int(2 ** round(math.log2(math.sqrt(rows))))


def _found(answer: tuple[Vectors, Keys]) -> tuple[Keys, Vectors]:
    scores, keys = answer[0][0], answer[1][0]
    return keys[keys >= 0], scores[keys >= 0]
