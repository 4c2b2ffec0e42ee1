"""The first stage of a search over many vectors: the signs of their components, a thirty-second of the bytes.

The share of components whose signs differ estimates the angle between two vectors (Charikar, "Similarity estimation
techniques from rounding algorithms", 2002). It is enough to leave out most rows; the rest is ranked by exact cosine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Mask, Vectors

WORD_BITS = 64
RECALL_AT_10 = 0.998
"""On 99,833 chunks under the bundled model, queries that are comments of chunks left out: `docs/research/measurements.md`."""
_BLOCK_ROWS = 4_096
_BASE_ROWS, _ROWS_PER_RESULT = 4_000, 10
_AT_ROWS = 100_000
_MOST_SHARE = 0.25
"""Beyond this share of all rows, gathering costs as much as scanning them."""

TWO_STAGE_ROWS = 32_768
"""Searches over more rows go through the signs first, then through the exact cosines of the nearest by signs."""

Rows = npt.NDArray[np.intp]


class BinaryCodes:
    """The signs of some rows, one bit each; their width must be a multiple of WORD_BITS. Immutable."""

    def __init__(self, rows: Vectors) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def _words(self) -> npt.NDArray[np.uint64]:
        """Made by the first search: 10 ms and 3.2 MB for 100,000 rows of 256."""
        rows = self._rows
        blocks = [np.packbits(rows[at : at + _BLOCK_ROWS] > 0, axis=1) for at in range(0, len(rows), _BLOCK_ROWS)]
        # One run for each 64 components: a query then goes over them in order.
        return np.ascontiguousarray(np.concatenate(blocks).view(np.uint64).T)

    def differing(self, query: Vectors) -> npt.NDArray[np.uint16]:
        """How many components of each row have another sign than the query's."""
        differing = np.zeros(len(self._rows), np.uint16)
        scratch = np.empty(len(self._rows), np.uint64)
        for words, word in zip(self._words, np.packbits(query > 0).view(np.uint64), strict=True):
            np.bitwise_xor(words, word, out=scratch)
            differing += np.bitwise_count(scratch)
        return differing


def first_stage(parts: Sequence[tuple[BinaryCodes, Mask | Rows | None]], query: Vectors, k: int) -> list[Rows] | None:
    """For each part, the positions (ascending) of the rows among which the k nearest of all parts are to be looked for.

    A part is its signs and what of it may be found: a mask, ascending positions, or None for all. None is returned where
    that would be too many for a first stage to be of use. One threshold holds for all parts, and depends on nothing but the
    rows that may be found: the answer is the same however they are spread over segments.
    """
    available = sum(_available(signs, usable) for signs, usable in parts)
    wanted = (_BASE_ROWS + _ROWS_PER_RESULT * k) * max(1.0, available / _AT_ROWS)
    if available <= TWO_STAGE_ROWS or wanted > _MOST_SHARE * available:
        return None
    differing = [signs.differing(query) for signs, _ in parts]
    counts = np.zeros(len(query) + 1, np.int64)
    for each, (_, usable) in zip(differing, parts, strict=True):
        counts += np.bincount(each if usable is None else each[usable], minlength=len(counts))
    threshold = int(np.searchsorted(np.cumsum(counts), wanted))
    return [_within(each, usable, threshold) for each, (_, usable) in zip(differing, parts, strict=True)]


def _available(signs: BinaryCodes, usable: Mask | Rows | None) -> int:
    if usable is None:
        return len(signs)
    return int(np.count_nonzero(usable)) if usable.dtype == np.bool_ else len(usable)


def _within(differing: npt.NDArray[np.uint16], usable: Mask | Rows | None, threshold: int) -> Rows:
    if usable is None:
        return np.flatnonzero(differing <= threshold)
    if usable.dtype == np.bool_:
        return np.flatnonzero((differing <= threshold) & usable)
    return np.asarray(usable[differing[usable] <= threshold], np.intp)
