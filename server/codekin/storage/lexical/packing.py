"""Postings as they are stored: many of them with two or three bytes for a row, one for counts.

A row is stored as its lowest 16 bits, and the others beside them if there are more rows than that.
Counts share a byte:

    bits 0-3: code, bits 4-5: symbols, bits 6-7: doc

255 stands for larger counts, which are listed. On the Linux kernel these are 3% of the postings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FIELDS = ("code", "symbols", "doc")
_BITS = ((0, 15), (4, 3), (6, 3))
"""Shift and largest count of each field."""
_LISTED = 255
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

    Segments that are not packed have all bits in `low`.
    """

    low: npt.NDArray[np.uint16] | npt.NDArray[np.int32]
    high: npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | None = None

    def __len__(self) -> int:
        return len(self.low)

    def of(self, pieces: Sequence[slice]) -> npt.NDArray[np.int32]:
        """Return the rows for ranges of postings, one range after the other."""
        rows = np.concatenate([self.low[piece] for piece in pieces]).astype(np.int32, copy=False)
        if self.high is not None:
            rows |= np.concatenate([self.high[piece] for piece in pieces]).astype(np.int32) << _LOW_BITS
        return rows


def opened_rows(arrays: Mapping[str, npt.NDArray[Any]]) -> Rows:
    """Return the rows of a segment."""
    return Rows(arrays["rows"], arrays.get("rows_high"))


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of all postings of a segment.

    `listed_at` are the postings, ascending, whose counts are in `listed`, uint8 (m, fields).
    """

    codes: Bytes
    listed_at: Places
    listed: Bytes

    def of(self, pieces: Sequence[slice]) -> ByField:
        """Return the counts in each field for ranges of postings, one range after the other."""
        codes = np.concatenate([self.codes[piece] for piece in pieces])
        fields = codes & np.uint8(15), (codes >> np.uint8(4)) & np.uint8(3), codes >> np.uint8(6)
        places = np.flatnonzero(codes == _LISTED)
        if len(places):
            listed = self.listed[np.searchsorted(self.listed_at, _in_segment(places, pieces))]
            for number, counts in enumerate(fields):
                counts[places] = listed[:, number]
        return fields


def _in_segment(places: npt.NDArray[np.intp], pieces: Sequence[slice]) -> Places:
    """Return where in the segment the postings are that are at some places in the ranges joined."""
    starts = np.array([piece.start for piece in pieces])
    ends = np.cumsum([piece.stop - piece.start for piece in pieces])
    number = np.searchsorted(ends, places, side="right")
    found: Places = (places - np.concatenate(([0], ends))[number] + starts[number]).astype(np.uint32)
    return found


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
        self._listed_at: list[Places] = [np.empty(0, np.uint32)]
        self._listed: list[Bytes] = [np.empty((0, len(FIELDS)), np.uint8)]
        self.types = _packed_types(rows) if self._is_packed else _PLAIN_TYPES
        """The type of each array of a block, by name."""

    def block(self, rows: npt.NDArray[np.integer], counts: ByField) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays for the next postings, by name."""
        if self._is_packed:
            arrays = {"rows": rows & _LOW, "rows_high": rows >> _LOW_BITS, "counts": self._codes(counts)}
        else:
            arrays = {"rows": rows, **{_PLAIN_COUNT.format(name): of for name, of in zip(FIELDS, counts, strict=True)}}
        self._written += len(rows)
        return {name: arrays[name].astype(dtype, copy=False) for name, dtype in self.types.items()}

    def rest(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays beside the blocks, after the last of them."""
        if not self._is_packed:
            return {}
        return {"listed_at": np.concatenate(self._listed_at), "listed": np.concatenate(self._listed)}

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


def is_packed(postings: int) -> bool:
    """Return whether a segment with this number of postings stores them packed."""
    return postings > PACKED_POSTINGS


def _packed_types(rows: int) -> dict[str, np.dtype[Any]]:
    types: dict[str, np.dtype[Any]] = {"rows": np.dtype("<u2"), "counts": np.dtype(np.uint8)}
    if rows > _MOST_ROWS_BY_A_BYTE:
        types["rows_high"] = np.dtype("<u2")
    elif rows > _ROWS_BY_LOW_BITS:
        types["rows_high"] = np.dtype(np.uint8)
    return types


def opened_counts(arrays: Mapping[str, npt.NDArray[Any]]) -> Counts | PlainCounts:
    """Return the counts of a segment in either form."""
    if "counts" in arrays:
        return Counts(arrays["counts"], arrays["listed_at"], arrays["listed"])
    return PlainCounts(tuple(arrays[_PLAIN_COUNT.format(name)] for name in FIELDS))
