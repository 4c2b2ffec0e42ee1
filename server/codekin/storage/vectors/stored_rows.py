"""The rows of a segment: 32-bit numbers, or 8-bit integers with a scale for each row.

Integers take a quarter of the space. A component is rounded by at most 1/254 of the largest of its
row; cosines change by about a thousandth (`docs/research/large.md`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Mask, Vectors

INTEGERS = "|i1"
"""The type of rows that have scales, as numpy writes it."""
LARGEST = 127
"""The integer of the component of a row that is farthest from zero."""

_BLOCK_ROWS = 512
"""Half a megabyte at the usual width, which stays in a core's cache.

Measured: twice as fast for 7,400 of 92,000 rows.
"""
Integers = npt.NDArray[np.int8]
Places = npt.NDArray[np.intp]


def quantized(rows: Vectors) -> tuple[Integers, Vectors]:
    """Return (integers, scales) of rows: a row is about its integers times its scale.

    The scale keeps the length of the row. Quantizing rows that were quantized changes nothing.
    """
    farthest = np.abs(rows).max(axis=1, initial=0)
    steps = np.divide(LARGEST, farthest, out=np.zeros_like(farthest), where=farthest > 0)
    integers = np.rint(rows * steps[:, None])
    lengths, wanted = _lengths(integers), _lengths(rows)
    scales = np.divide(wanted, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return integers.astype(np.int8), scales


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows as a file has them; `values` is float32, or int8 if there are `scales`, float32 (n,)."""

    values: npt.NDArray[Any]
    scales: Vectors | None = None

    def __len__(self) -> int:
        return len(self.values)

    def get(self, places: Places) -> Vectors:
        """Return rows by position; positions must be valid."""
        chosen = self.values.take(places, axis=0, mode="clip")  # "clip" skips a check.
        if self.scales is None:
            return chosen
        rows: Vectors = chosen * self.scales[places][:, None]
        return rows

    def get_quantized(self, places: Places) -> tuple[Integers, Vectors]:
        """Return (integers, scales) of rows by position."""
        chosen = self.values.take(places, axis=0, mode="clip")
        return quantized(chosen) if self.scales is None else (chosen, self.scales[places])

    def cosines(self, query: Vectors, places: Places | None = None) -> Vectors:
        """Return the cosines of the rows at `places`, or of all rows."""
        if places is None and self.scales is None:
            cosines: Vectors = np.vecdot(self.values, query)
            return cosines
        cosines = np.empty(len(self) if places is None else len(places), np.float32)
        for here, block in self._blocks(places, len(cosines)):
            np.vecdot(block, query, out=cosines[here])
        if self.scales is not None:
            cosines *= self.scales if places is None else self.scales[places]
        return cosines

    def _blocks(self, places: Places | None, count: int) -> Iterator[tuple[slice, Vectors]]:
        """Yield (where, rows without their scales) of so few rows that the CPU cache keeps them."""
        shape = min(count, _BLOCK_ROWS), self.values.shape[1]
        stored, converted = np.empty(shape, self.values.dtype), np.empty(shape, np.float32)
        for at in range(0, count, _BLOCK_ROWS):
            here = slice(at, min(at + _BLOCK_ROWS, count))
            length = here.stop - at
            if places is None:
                block = self.values[here]
            else:
                block = self.values.take(places[here], axis=0, out=stored[:length], mode="clip")
            if self.scales is not None:
                np.copyto(converted[:length], block)
                block = converted[:length]
            yield here, block


def same_rows(left: Vectors, right: Vectors) -> Mask:
    """Return which rows are the same, or differ by no more than `quantized` may change them."""
    step = np.abs(left).max(axis=1, initial=0) / LARGEST
    same: Mask = np.abs(left - right).max(axis=1, initial=0) <= step
    return same


def _lengths(rows: Vectors) -> Vectors:
    lengths: Vectors = np.sqrt(np.vecdot(rows, rows))
    return lengths
