"""Postings as they are stored: two or three bytes for the row, one for the counts of all fields.

A row is stored as its lowest 16 bits, and the others beside them if there are more rows than that.
Counts share a byte:

    bits 0-3: code, bits 4-5: symbols, bits 6-7: doc

255 stands for larger counts, which are listed. On the Linux kernel these are 3% of the postings.
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
_LOW_BITS = 16
_ROWS_BY_LOW_BITS = 1 << _LOW_BITS
_MOST_ROWS_BY_A_BYTE = 1 << _LOW_BITS + 8
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.uint32]
ByField = tuple[Bytes, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of all postings of a segment; `high` are the bits above the lowest 16, if any.

    Segments of version 1 have all bits in `low`.
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


def packed_rows(rows: npt.NDArray[np.integer], size: int) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays for the rows of postings, by name; all are below `size`."""
    arrays = dict.fromkeys(row_types(size), rows)
    if "rows_high" in arrays:
        arrays["rows_high"] = rows >> _LOW_BITS
    return {name: arrays[name].astype(dtype) for name, dtype in row_types(size).items()}


def row_types(size: int) -> dict[str, np.dtype[Any]]:
    """Return the type of each array that `packed_rows` returns."""
    types: dict[str, np.dtype[Any]] = {"rows": np.dtype("<u2")}
    if size > _MOST_ROWS_BY_A_BYTE:
        types["rows_high"] = np.dtype("<u2")
    elif size > _ROWS_BY_LOW_BITS:
        types["rows_high"] = np.dtype(np.uint8)
    return types


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
        fields = tuple((codes >> np.uint8(shift)) & np.uint8(largest) for shift, largest in _BITS)
        if len(self.listed_at):
            for places, listed in self._listed(pieces):
                for number, counts in enumerate(fields):
                    counts[places] = listed[:, number]
        return fields

    def _listed(self, pieces: Sequence[slice]) -> Iterator[tuple[npt.NDArray[np.int64], Bytes]]:
        # Of the type of `listed_at`, which is not converted then.
        starts = np.array([piece.start for piece in pieces], np.uint32)
        stops = np.array([piece.stop for piece in pieces], np.uint32)
        # The distance of a posting in the result from its place in the segment, for each range.
        offsets = np.cumsum(stops - starts, dtype=np.int64) - stops
        begins, ends = np.searchsorted(self.listed_at, starts), np.searchsorted(self.listed_at, stops)
        for number in np.flatnonzero(ends > begins).tolist():
            here = slice(int(begins[number]), int(ends[number]))
            yield self.listed_at[here] + offsets[number], self.listed[here]


@dataclass(frozen=True, slots=True)
class PlainCounts:
    """The same for a segment of version 1, which has a byte for each field."""

    fields: ByField

    def of(self, pieces: Sequence[slice]) -> ByField:
        """Return the counts in each field for ranges of postings, one range after the other."""
        return tuple(np.concatenate([counts[piece] for piece in pieces]) for counts in self.fields)


def packed_counts(fields: ByField) -> Counts:
    """Return the counts of postings, by field, as they are stored."""
    codes = np.zeros(len(fields[0]), np.uint8)
    is_listed = np.zeros(len(codes), np.bool_)
    for counts, (shift, largest) in zip(fields, _BITS, strict=True):
        codes |= counts << shift
        is_listed |= counts > largest
    is_listed |= codes == _LISTED
    listed_at = np.flatnonzero(is_listed).astype(np.uint32)
    codes[listed_at] = _LISTED
    return Counts(codes, listed_at, np.stack([counts[listed_at] for counts in fields], axis=1))


def opened_counts(arrays: Mapping[str, npt.NDArray[Any]]) -> Counts | PlainCounts:
    """Return the counts of a segment in either form."""
    if "counts" in arrays:
        return Counts(arrays["counts"], arrays["listed_at"], arrays["listed"])
    return PlainCounts(tuple(arrays[f"count_{name}"] for name in FIELDS))
