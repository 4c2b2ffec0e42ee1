"""Postings as they are stored: many of them with two or three bytes for a row, one for counts.

A row is stored as its lowest 16 bits, and the others beside them if there are more rows than that.
Counts share a byte:

    bits 0-3: code, bits 4-5: symbols, bits 6-7: doc

255 stands for larger counts, which are listed. On the Linux kernel these are 3% of the postings.

The rows of a term ascend. For frequent terms, how many rows have each value of the high bits is
stored instead of these bits. On the Linux kernel these terms have three quarters of all postings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FIELDS = ("code", "symbols", "doc")
_BITS = ((0, 15), (4, 3), (6, 3))
"""Shift and largest count of each field."""
_LISTED = 255
_COUNTED_POSTINGS = 4_096
_POSTINGS_PER_RUN = 8
"""A term is frequent from this many postings on, for each value of the high bits."""
_PLAIN_COUNT = "count_{}"
_PLAIN_TYPES: dict[str, np.dtype[Any]] = {
    "rows": np.dtype("<i4"),
    **{_PLAIN_COUNT.format(name): np.dtype(np.uint8) for name in FIELDS},
}
PACKED_POSTINGS = 2_000_000
"""Segments with fewer keep four bytes for a row and one for each count, which are read faster."""
_LOW_BITS = 16
_LOW = (1 << _LOW_BITS) - 1
_ROWS_BY_LOW_BITS = 1 << _LOW_BITS
_MOST_ROWS_BY_A_BYTE = 1 << _LOW_BITS + 8
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.uint32]
ByField = tuple[Bytes, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of all postings of a segment; `high` are the bits above the lowest 16, if any.

    Segments that are not packed have all bits in `low`. The high bits of frequent terms are not in
    `high` but in `runs`.
    """

    low: npt.NDArray[np.uint16] | npt.NDArray[np.int32]
    high: npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | None = None
    runs: Runs | None = None

    def __len__(self) -> int:
        return len(self.low)

    def of(self, pieces: Sequence[slice]) -> npt.NDArray[np.int32]:
        """Return the rows for ranges of postings, one range after the other."""
        rows = np.concatenate([self.low[piece] for piece in pieces]).astype(np.int32, copy=False)
        if self.high is not None:
            high = self._high(pieces, self.high)
            joined = np.concatenate(high).astype(np.int32, copy=False)
            joined <<= _LOW_BITS
            rows |= joined
        return rows

    def _high(self, pieces: Sequence[slice], listed: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        if self.runs is None:
            return [listed[piece] for piece in pieces]
        return [listed[:0], *(part for piece in pieces for part in self.runs.high(piece, listed))]


@dataclass(frozen=True, slots=True)
class Runs:
    """The high bits of the rows of frequent terms, which ascend: how often each value occurs.

    Frequent term i has the postings [first[i], first[i] + ends[i, -1]); those below first[i] +
    ends[i, v] have high bits of at most v. `before` (n + 1) is the number of postings of the
    frequent terms before each.
    """

    first: Places
    ends: Places
    before: npt.NDArray[np.int64]

    def high(self, piece: slice, listed: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
        """Yield the high bits of a range of postings; `listed` are those of other terms."""
        at, stop = piece.start, piece.stop
        number = max(0, int(np.searchsorted(self.first, at, side="right")) - 1)
        while at < stop:
            first, size = self._postings(number)
            if at < first:
                skipped, end = int(self.before[number]), min(first, stop)
                yield listed[at - skipped : end - skipped]
                at = end
            elif at < first + size:
                counts = np.diff(np.clip(self.ends[number].astype(np.int64) + first, at, stop), prepend=at)
                yield np.repeat(np.arange(len(counts), dtype=np.int32), counts)
                at = min(first + size, stop)
                number += 1
            else:
                number += 1

    def _postings(self, number: int) -> tuple[int, int]:
        """Return the first posting of a frequent term, and their number."""
        if number == len(self.first):
            return np.iinfo(np.int64).max, 0
        return int(self.first[number]), int(self.ends[number, -1])


def opened_rows(arrays: Mapping[str, npt.NDArray[Any]]) -> Rows:
    """Return the rows of a segment."""
    high, runs = arrays.get("rows_high"), None
    if "frequent" in arrays:
        ends = arrays["frequent_ends"]
        runs = Runs(arrays["frequent"], ends, np.concatenate(([0], np.cumsum(ends[:, -1], dtype=np.int64))))
    return Rows(arrays["rows"], high, runs)


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of all postings of a segment.

    `listed`, uint8 (m, fields), has the counts of the postings whose code is `_LISTED`, in order.
    `listed_before` is the number of these before each block of `_COUNTED_POSTINGS` postings.
    """

    codes: Bytes
    listed: Bytes
    listed_before: Places

    def of(self, pieces: Sequence[slice]) -> ByField:
        """Return the counts in each field for ranges of postings, one range after the other."""
        codes = np.concatenate([self.codes[piece] for piece in pieces])
        fields = codes & np.uint8(15), (codes >> np.uint8(4)) & np.uint8(3), codes >> np.uint8(6)
        places = np.flatnonzero(codes == _LISTED)
        if len(places):
            listed = self.listed[self._numbers(places, pieces)]
            for number, counts in enumerate(fields):
                counts[places] = listed[:, number]
        return fields

    def _numbers(self, places: npt.NDArray[np.intp], pieces: Sequence[slice]) -> npt.NDArray[np.intp]:
        """Return the positions in `listed` of postings, by their places in the joined ranges."""
        ends = np.cumsum([piece.stop - piece.start for piece in pieces])
        own = np.diff(np.searchsorted(places, ends), prepend=0)
        before = np.array([self._before(piece.start) if some else 0 for piece, some in zip(pieces, own, strict=True)])
        return np.repeat(before - (np.cumsum(own) - own), own) + np.arange(len(places))

    def _before(self, posting: int) -> int:
        """Return how many postings before one are listed."""
        block = posting // _COUNTED_POSTINGS
        since = self.codes[block * _COUNTED_POSTINGS : posting]
        return int(self.listed_before[block]) + int(np.count_nonzero(since == _LISTED))


@dataclass(frozen=True, slots=True)
class EarlierCounts(Counts):
    """The same as format 2 stored it: `listed_before` are the postings that are listed."""

    def _before(self, posting: int) -> int:
        return int(np.searchsorted(self.listed_before, posting))


@dataclass(frozen=True, slots=True)
class PlainCounts:
    """The same with a byte for each field."""

    fields: ByField

    def of(self, pieces: Sequence[slice]) -> ByField:
        """Return the counts in each field for ranges of postings, one range after the other."""
        return tuple(np.concatenate([counts[piece] for piece in pieces]) for counts in self.fields)


class PostingWriter:
    """The arrays of the postings of one segment, block by block, in the form for their number."""

    def __init__(self, postings: int, rows: int) -> None:
        """Take the numbers of postings and of rows."""
        self._is_packed = is_packed(postings)
        self._written = 0
        self._high_values = (max(rows, 1) - 1 >> _LOW_BITS) + 1
        self._frequent: list[Places] = [np.empty(0, np.uint32)]
        self._frequent_ends: list[Places] = [np.empty((0, self._high_values), np.uint32)]
        self._listed_at: list[Places] = [np.empty(0, np.uint32)]
        self._listed: list[Bytes] = [np.empty((0, len(FIELDS)), np.uint8)]
        self.types = _packed_types(rows) if self._is_packed else _PLAIN_TYPES
        """The type of each array of a block, by name; only the last one may be shorter."""

    def block(
        self, rows: npt.NDArray[np.integer], counts: ByField, sizes: npt.NDArray[np.integer]
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays for the postings of the next terms, by name.

        `sizes` is the number of postings of each term.
        """
        if self._is_packed:
            arrays = {"rows": rows & _LOW, "counts": self._codes(counts)}
            if "rows_high" in self.types:
                arrays["rows_high"] = self._rare_high(rows, sizes)
        else:
            arrays = {"rows": rows, **{_PLAIN_COUNT.format(name): of for name, of in zip(FIELDS, counts, strict=True)}}
        self._written += len(rows)
        return {name: arrays[name].astype(dtype, copy=False) for name, dtype in self.types.items()}

    def rest(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays beside the blocks, after the last of them."""
        if not self._is_packed:
            return {}
        blocks = np.arange(0, self._written + 1, _COUNTED_POSTINGS, dtype=np.uint32)
        before = np.searchsorted(np.concatenate(self._listed_at), blocks).astype("<u4")
        rest: dict[str, npt.NDArray[Any]] = {"listed": np.concatenate(self._listed), "listed_before": before}
        if "rows_high" in self.types:
            rest["frequent"] = np.concatenate(self._frequent)
            rest["frequent_ends"] = np.concatenate(self._frequent_ends)
        return rest

    def _codes(self, fields: ByField) -> Bytes:
        codes = np.zeros(len(fields[0]), np.uint8)
        is_listed = np.zeros(len(codes), np.bool_)
        for counts, (shift, largest) in zip(fields, _BITS, strict=True):
            codes |= counts << shift
            is_listed |= counts > largest
        is_listed |= codes == _LISTED
        at = np.flatnonzero(is_listed).astype(np.uint32)
        codes[at] = _LISTED
        self._listed_at.append(at + np.uint32(self._written))
        self._listed.append(np.stack([counts[at] for counts in fields], axis=1))
        return codes

    def _rare_high(self, rows: npt.NDArray[np.integer], sizes: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """Return the high bits for terms that are not frequent, and keep the runs of the others."""
        high, first = rows >> _LOW_BITS, np.cumsum(sizes) - sizes
        is_frequent = sizes >= _POSTINGS_PER_RUN * self._high_values
        values = np.arange(self._high_values)
        ends = [
            np.searchsorted(high[start : start + size], values, side="right")
            for start, size in zip(first[is_frequent].tolist(), sizes[is_frequent].tolist(), strict=True)
        ]
        self._frequent.append((first[is_frequent] + self._written).astype(np.uint32))
        self._frequent_ends.append(np.array(ends, np.uint32).reshape(-1, self._high_values))
        return high[np.repeat(~is_frequent, sizes)]


def is_packed(postings: int) -> bool:
    """Return whether a segment with this number of postings stores them packed."""
    return postings > PACKED_POSTINGS


def _packed_types(rows: int) -> dict[str, np.dtype[Any]]:
    types: dict[str, np.dtype[Any]] = {"rows": np.dtype("<u2"), "counts": np.dtype(np.uint8)}  # "rows_high" is last
    if rows > _MOST_ROWS_BY_A_BYTE:
        types["rows_high"] = np.dtype("<u2")
    elif rows > _ROWS_BY_LOW_BITS:
        types["rows_high"] = np.dtype(np.uint8)
    return types


def opened_counts(arrays: Mapping[str, npt.NDArray[Any]]) -> Counts | PlainCounts:
    """Return the counts of a segment in either form."""
    if "listed_at" in arrays:
        return EarlierCounts(arrays["counts"], arrays["listed"], arrays["listed_at"])
    if "counts" in arrays:
        return Counts(arrays["counts"], arrays["listed"], arrays["listed_before"])
    return PlainCounts(tuple(arrays[_PLAIN_COUNT.format(name)] for name in FIELDS))
