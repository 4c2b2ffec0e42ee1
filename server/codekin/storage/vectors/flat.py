"""The default vector store: cosine search over memory-mapped rows, exact up to a size.

The format is `docs/reference/flat-index.md`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Hits, Keys, Mask, Vectors
from codekin.errors import IndexUnavailableError
from codekin.storage.segments import SegmentDirectory
from codekin.storage.top_k import ascending, best_of
from codekin.storage.vectors.binary_codes import RECALL_AT_10, TWO_STAGE_ROWS, first_stage, is_large, signs_of
from codekin.storage.vectors.flat_part import Part, Within, part_of
from codekin.storage.vectors.merging import merged_rows
from codekin.storage.vectors.stored_rows import INTEGERS, quantized

_KIND = "flat"
_CHECKED_ROWS = {"rows": 1, "keys": 8, "scales": 8}
"""Rows per checksum: what one damaged byte costs.

A checksum has 4 bytes, a row 256 or a thousand, a key eight, a scale four.
"""
_METRIC = "cosine"
_FAN_IN = 8
_MERGE_ROWS = 65_536
"""Merging during `add` stays below this many rows, about 0.1 s; `compact` merges everything."""
_MAX_RESTRICTIONS = 4
"""Cached restrictions to read-only keys: those of the views in use."""


@dataclass(frozen=True, slots=True)
class _Restriction:
    """The rows of each of `parts` that the `allowed` keys select."""

    allowed: Keys
    parts: tuple[Part, ...]
    within: tuple[Within, ...]


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
        self._parts: tuple[Part, ...] = ()
        self._restrictions: tuple[_Restriction, ...] = ()
        self._update_parts()

    @classmethod
    def open(cls, directory: Path, *, dim: int, embedder: str, writable: bool, exact: bool = False) -> FlatIndex:
        """Open or create the index.

        With `exact`, rows are written as they are given, and searches are exact, at every size.
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

    @property
    def outdated(self) -> bool:
        """Whether `compact` would store some rows in less space: an earlier version wrote them."""
        return not self._exact and any(
            part.rows.scales is None and is_large(part.count, self._dim) for part in self._parts
        )

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
                return found, parts[0].rows.get(slots)
        found = np.zeros(len(keys), dtype=np.bool_)
        rows = np.zeros((len(keys), self._dim), dtype=np.float32)
        for part in parts:
            here, slots = part.find(keys)
            rows[here] = part.rows.get(slots[here])
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
        self, parts: Sequence[Part], within: Sequence[Within | None], query: Vectors, k: int
    ) -> list[npt.NDArray[np.intp]] | None:
        chosen = [
            (part.signs, None if rows is None else rows.usable if rows.rows is None else rows.rows)
            for part, rows in zip(parts, within, strict=True)
            if part.signs is not None
        ]
        return first_stage(chosen, query, k) if chosen and len(chosen) == len(parts) else None

    def compact(self) -> None:
        """See `VectorStore.compact`: merges the live rows into one segment."""
        with self._lock:
            if len(self._parts) > 1 or self.outdated or any(part.alive is not None for part in self._parts):
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

    def _within(self, parts: tuple[Part, ...], allowed: Keys) -> Sequence[Within]:
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
        fields = self._fields(len(keys))
        arrays: dict[str, np.ndarray] = {"rows": rows.astype("<f4", copy=False), "keys": keys.astype("<i8", copy=False)}
        if fields["dtype"] == INTEGERS:
            arrays["rows"], arrays["scales"] = quantized(rows)
            arrays.update(signs_of(arrays["rows"]))
        return fields, arrays

    def _fields(self, count: int) -> dict[str, object]:
        dtype = INTEGERS if not self._exact and is_large(count, self._dim) else "<f4"
        return {"dim": self._dim, "dtype": dtype, "metric": _METRIC, "count": count, "embedder": self._embedder}

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
        tiers: dict[int, list[Part]] = {}
        for part in self._parts:
            if len(part.keys) < _MERGE_ROWS:
                tiers.setdefault(int(np.log2(max(1, len(part.keys))) / 3), []).append(part)
        for parts in tiers.values():
            if len(parts) >= _FAN_IN:
                self._merge(parts)
                return

    def _merge(self, parts: Sequence[Part]) -> None:
        keys = np.concatenate([part.keys if part.alive is None else part.keys[part.alive] for part in parts])
        fields = self._fields(len(keys))
        merged = merged_rows(
            [(part.rows, part.alive) for part in parts],
            keys,
            self._dim,
            self._directory.forget_pages,
            integers=fields["dtype"] == INTEGERS,
        )
        self._directory.commit(add=[(fields, merged)] if len(keys) else [], drop=[part.name for part in parts])
        self._update_parts()

    def _update_parts(self) -> None:
        known = {part.name: part.signs for part in self._parts}
        live = self._directory.live
        rows = sum(len(item.segment.arrays["keys"]) for item in live)
        two_stages = not self._exact and is_large(rows, self._dim)
        self._parts = tuple(part_of(item, known, two_stages=two_stages) for item in live)
