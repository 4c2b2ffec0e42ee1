"""The default vector store: cosine search over memory-mapped rows, exact up to a size.

The format is `docs/reference/flat-index.md`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Hits, Keys, Mask, Vectors
from codekin.errors import IndexUnavailableError
from codekin.storage.segments import Live, SegmentDirectory
from codekin.storage.top_k import ascending, best, best_of
from codekin.storage.vectors.binary_codes import RECALL_AT_10, TWO_STAGE_ROWS, WORD_BITS, BinaryCodes, first_stage
from codekin.storage.vectors.merging import merged_rows

_KIND = "flat"
_CHECKED_ROWS = {"rows": 1, "keys": 8}
"""Rows per checksum: what one damaged byte costs.

A checksum has 4 bytes, a row a thousand, a key eight.
"""
_METRIC = "cosine"
_FAN_IN = 8
_MERGE_ROWS = 65_536
"""Merging during `add` stays below this many rows, about 0.1 s; `compact` merges everything."""
_GATHER_SHARE = 0.1
"""Below this share of allowed rows, gathering them is faster than masking a full scan.

Measured: 20% cost twice the scan.
"""

_GATHERED_ROWS = 512
"""Half a megabyte at the usual width, which stays in a core's cache.

Measured: twice as fast for 7,400 of 92,000 rows.
"""
_MAX_RESTRICTIONS = 4
"""Cached restrictions to read-only keys: those of the views in use."""


class _LatestScores:
    """The scores of the latest read-only query.

    A search queries several views of one store for the same vector.
    """

    def __init__(self) -> None:
        self._known: tuple[Vectors, Vectors] | None = None

    def scores(self, rows: Vectors, query: Vectors) -> Vectors:
        """Return the scores, which must not be written to."""
        known = self._known
        if known is not None and known[0] is query:
            return known[1]
        scores: Vectors = np.vecdot(rows, query)
        fixed = query.flags.owndata and not query.flags.writeable
        self._known = (query, scores) if fixed else None
        return scores


@dataclass(frozen=True)
class _Part:
    """One segment as it is searched.

    Keys are ascending, `rows` are in their order, and `alive` is None if no row is deleted.
    """

    name: str
    keys: Keys
    rows: Vectors
    alive: Mask | None
    signs: BinaryCodes | None = None
    last: _LatestScores = field(default_factory=_LatestScores, compare=False)

    @cached_property
    def count(self) -> int:
        """Number of live rows."""
        return len(self.keys) if self.alive is None else int(self.alive.sum())

    def find(self, keys: Keys) -> tuple[Mask, np.ndarray]:
        """Return (found, position) of each key."""
        if not len(self.keys):
            return np.zeros(len(keys), np.bool_), np.zeros(len(keys), np.intp)
        slots = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found = self.keys[slots] == keys
        return (found if self.alive is None else found & self.alive[slots]), slots

    def within(self, allowed: Keys) -> _Within:
        """Return the live rows whose keys are in `allowed` (ascending, without duplicates)."""
        found, slots = self.find(allowed)
        chosen = slots[found]
        if len(chosen) < _GATHER_SHARE * len(self.keys):
            return _Within(chosen)
        usable = np.zeros(len(self.keys), np.bool_)
        usable[chosen] = True
        return _Within(chosen, usable, np.flatnonzero(~usable))

    def among(self, query: Vectors, k: int, rows: npt.NDArray[np.intp]) -> tuple[Keys, Vectors]:
        """Return the k best of these rows; the rows are ascending."""
        return best(self.keys[rows], _cosines(self.rows, rows, query), k)

    def search(self, query: Vectors, k: int, within: _Within | None) -> tuple[Keys, Vectors]:
        """Return the k best rows, only those of `within` if it is given."""
        if within is not None and within.usable is None:
            return self.among(query, k, within.rows)
        scores = self.last.scores(self.rows, query)
        if within is None:
            return best(self.keys, scores, k)
        masked = scores.copy()
        masked[within.others] = -np.inf
        return best(self.keys, masked, min(k, len(within.rows)))

    @cached_property
    def live(self) -> _Within | None:
        """The rows that are not deleted, or None for all."""
        return None if self.alive is None else self.within(self.keys)


@dataclass(frozen=True, slots=True)
class _Within:
    """The rows of a part that a search may find.

    For few rows, only `rows` is set. Otherwise `usable` is their mask and `others` are the other
    rows.
    """

    rows: npt.NDArray[np.intp]
    usable: Mask | None = None
    others: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))


@dataclass(frozen=True, slots=True)
class _Restriction:
    """The rows of each of `parts` that the `allowed` keys select."""

    allowed: Keys
    parts: tuple[_Part, ...]
    within: tuple[_Within, ...]


class FlatIndex:
    """`VectorStore` over segments.

    Writers take a lock. A search works on the parts it started with.
    """

    def __init__(self, directory: SegmentDirectory, dim: int, embedder: str, *, exact: bool = False) -> None:
        self._exact = exact
        self._directory = directory
        self._dim = dim
        self._embedder = embedder
        self._lock = threading.RLock()
        self._parts: tuple[_Part, ...] = ()
        self._restrictions: tuple[_Restriction, ...] = ()
        self._update_parts()

    @classmethod
    def open(cls, directory: Path, *, dim: int, embedder: str, writable: bool, exact: bool = False) -> FlatIndex:
        """Open or create the index; with `exact`, searches are exact at every size.

        Raises IndexUnavailableError, also if the directory contains vectors of another model or
        width.
        """
        segments = SegmentDirectory(directory, _KIND, writable=writable, checked_rows=_CHECKED_ROWS)
        for item in segments.live:
            stored = (item.segment.fields.get("embedder"), item.segment.fields.get("dim"))
            if stored != (embedder, dim):
                raise IndexUnavailableError(
                    f"{directory} contains vectors of {stored[0]} ({stored[1]} dimensions), not of {embedder} ({dim})."
                )
        store = cls(segments, dim, embedder, exact=exact)
        if writable:
            store._rewrite_damaged()
        return store

    @property
    def dim(self) -> int:
        """Width of every row."""
        return self._dim

    @property
    def problems(self) -> tuple[str, ...]:
        """What was found corrupt at open, in sentences."""
        return self._directory.problems

    @property
    def search_mode(self) -> str:
        """How it searches at its current size, for the status."""
        if any(part.signs is not None for part in self._parts):
            return f"in two stages above {TWO_STAGE_ROWS:,} rows, recall@10 {RECALL_AT_10} as measured"
        return "exact"

    def __len__(self) -> int:
        return sum(part.count for part in self._parts)

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `VectorStore.add`."""
        if vectors.dtype != np.float32 or vectors.shape != (len(keys), self._dim):
            raise ValueError(
                f"vectors must be float32 of shape ({len(keys)}, {self._dim}), not {vectors.dtype} {vectors.shape}"
            )
        if not len(keys):
            return
        unique, last = np.unique(np.asarray(keys, np.int64)[::-1], return_index=True)
        rows = vectors[len(keys) - 1 - last]
        with self._lock:
            deleted = self._deletions(unique)
            self._directory.commit(add=[self._segment(unique, rows)], deleted=deleted)
            self._update_parts()
            self._merge_small()

    def delete(self, keys: Keys) -> None:
        """See `VectorStore.delete`."""
        with self._lock:
            deleted = self._deletions(np.unique(np.asarray(keys, np.int64)))
            if deleted:
                self._directory.commit(deleted=deleted)
                self._update_parts()

    def contains(self, keys: Keys) -> Mask:
        """See `VectorStore.contains`."""
        result = np.zeros(len(keys), dtype=np.bool_)
        for part in self._parts:
            result |= part.find(keys)[0]
        return result

    def get(self, keys: Keys) -> tuple[Mask, Vectors]:
        """See `VectorStore.get`."""
        parts = self._parts
        if len(parts) == 1:
            found, slots = parts[0].find(keys)
            if found.all():
                return found, parts[0].rows.take(slots, axis=0, mode="clip")
        found = np.zeros(len(keys), dtype=np.bool_)
        rows = np.zeros((len(keys), self._dim), dtype=np.float32)
        for part in parts:
            here, slots = part.find(keys)
            rows[here] = part.rows[slots[here]]
            found |= here
        return found, rows

    def keys(self) -> Keys:
        """See `VectorStore.keys`."""
        live = [part.keys if part.alive is None else part.keys[part.alive] for part in self._parts]
        return np.sort(np.concatenate(live)) if live else np.empty(0, np.int64)

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """See `VectorStore.search`; exact unless more than TWO_STAGE_ROWS rows may be found."""
        parts = self._parts
        if k <= 0 or (allowed is not None and not len(allowed)):
            return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
        within = [part.live for part in parts] if allowed is None else self._within(parts, allowed)
        near = self._first_stage(parts, within, query, k)
        if near is not None:
            found = [part.among(query, k, rows) for part, rows in zip(parts, near, strict=True) if len(rows)]
        else:
            found = [part.search(query, k, rows) for part, rows in zip(parts, within, strict=True) if part.count]
        return Hits(*best_of(found, k))

    def _first_stage(
        self, parts: Sequence[_Part], within: Sequence[_Within | None], query: Vectors, k: int
    ) -> list[npt.NDArray[np.intp]] | None:
        chosen = [
            (part.signs, None if rows is None else rows.rows if rows.usable is None else rows.usable)
            for part, rows in zip(parts, within, strict=True)
            if part.signs is not None
        ]
        return first_stage(chosen, query, k) if chosen and len(chosen) == len(parts) else None

    def compact(self) -> None:
        """See `VectorStore.compact`: merges the live rows into one segment."""
        with self._lock:
            if len(self._parts) > 1 or any(part.alive is not None for part in self._parts):
                self._merge(self._parts)

    def refresh(self) -> bool:
        """See `VectorStore.refresh`."""
        with self._lock:
            changed = self._directory.refresh()
            if changed:
                self._update_parts()
            return changed

    def retire(self) -> None:
        """See `VectorStore.retire`: this store has no background work."""

    def close(self) -> None:
        """See `VectorStore.close`."""
        with self._lock:
            self._parts, self._restrictions = (), ()
            self._directory.close()

    def _within(self, parts: tuple[_Part, ...], allowed: Keys) -> Sequence[_Within]:
        """Return the allowed rows of each part, cached for read-only keys.

        A view restricts each of its searches to the same keys.
        """
        for known in self._restrictions:
            if known.allowed is allowed and known.parts is parts:
                return known.within
        wanted = ascending(allowed)
        within = tuple(part.within(wanted) for part in parts)
        if not allowed.flags.writeable and allowed.flags.owndata:
            kept = [known for known in self._restrictions if known.parts is parts][: _MAX_RESTRICTIONS - 1]
            self._restrictions = (_Restriction(allowed, parts, within), *kept)
        return within

    def _segment(self, keys: Keys, rows: Vectors) -> tuple[dict[str, object], dict[str, np.ndarray]]:
        return self._fields(len(keys)), {"rows": rows.astype("<f4", copy=False), "keys": keys.astype("<i8", copy=False)}

    def _fields(self, count: int) -> dict[str, object]:
        return {"dim": self._dim, "dtype": "<f4", "metric": _METRIC, "count": count, "embedder": self._embedder}

    def _deletions(self, keys: Keys) -> dict[str, np.ndarray]:
        """Return the deleted rows, old and new, of each part that contains one of the keys."""
        deleted: dict[str, np.ndarray] = {}
        for part in self._parts:
            found, slots = part.find(keys)
            if found.any():
                before = np.empty(0, np.int32) if part.alive is None else np.flatnonzero(~part.alive)
                deleted[part.name] = np.union1d(before, slots[found]).astype(np.int32)
        return deleted

    def _rewrite_damaged(self) -> None:
        """Rewrite segments with damaged rows without these rows.

        Otherwise they would be checked row by row at every start.
        """
        damaged = set(self._directory.damaged)
        for part in self._parts:
            if part.name in damaged:
                self._merge([part])

    def _merge_small(self) -> None:
        """Merge small segments, so that their number grows with the logarithm of the rows."""
        tiers: dict[int, list[_Part]] = {}
        for part in self._parts:
            if len(part.keys) < _MERGE_ROWS:
                tiers.setdefault(int(np.log2(max(1, len(part.keys))) / 3), []).append(part)
        for parts in tiers.values():
            if len(parts) >= _FAN_IN:
                self._merge(parts)
                return

    def _merge(self, parts: Sequence[_Part]) -> None:
        keys = np.concatenate([part.keys if part.alive is None else part.keys[part.alive] for part in parts])
        merged = merged_rows([(part.rows, part.alive) for part in parts], keys, self._dim, self._directory.forget_pages)
        fields = self._fields(len(keys))
        self._directory.commit(add=[(fields, merged)] if len(keys) else [], drop=[part.name for part in parts])
        self._update_parts()

    def _update_parts(self) -> None:
        known = {part.name: part.signs for part in self._parts}
        live = self._directory.live
        rows = sum(len(item.segment.arrays["keys"]) for item in live)
        two_stages = not self._exact and rows > TWO_STAGE_ROWS and self._dim % WORD_BITS == 0
        self._parts = tuple(_part(item, known, two_stages=two_stages) for item in live)


def _cosines(rows: Vectors, chosen: npt.NDArray[np.intp], query: Vectors) -> Vectors:
    """Return the cosines of the chosen rows, one block at a time.

    Gathered all at once, the rows would not stay in the CPU cache.
    """
    scores = np.empty(len(chosen), np.float32)
    block = np.empty((min(len(chosen), _GATHERED_ROWS), rows.shape[1]), np.float32)
    for at in range(0, len(chosen), _GATHERED_ROWS):
        places = chosen[at : at + _GATHERED_ROWS]
        gathered = block[: len(places)]
        rows.take(places, axis=0, out=gathered, mode="clip")  # The places are valid; "clip" skips a check.
        np.vecdot(gathered, query, out=scores[at : at + len(places)])
    return scores


def _part(item: Live, known: Mapping[str, BinaryCodes | None], *, two_stages: bool) -> _Part:
    keys, rows = item.segment.arrays["keys"], item.segment.arrays["rows"]
    alive = None
    if len(item.deleted):
        alive = np.ones(len(keys), dtype=np.bool_)
        alive[item.deleted] = False
    signs = known.get(item.segment.name) if two_stages else None
    if two_stages and signs is None:
        signs = BinaryCodes(rows, item.segment.arrays.get("signs"), item.segment.forget_pages)
    return _Part(item.segment.name, keys, rows, alive, signs)
