"""The first stage of a search over many vectors, on the signs of their components only.

Signs take a thirty-second of the bytes. The share of components with different signs estimates the
angle between two vectors (Charikar, "Similarity estimation techniques from rounding algorithms",
2002). It is accurate enough to rule out most rows; the others are ranked by exact cosine. Only the
half of the components in which the query is largest is compared: the others say less about the
product than chance adds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Mask, Vectors

WORD_BITS = 64
RECALL_AT_10 = 0.992
"""Measured on 100,000 chunks of the Linux kernel with the bundled model; `docs/research/large.md`.

The queries are questions of people, and chunks that are not in the index. Of more rows, more are
found.
"""
_BLOCK_ROWS = 4_096
_FORGOTTEN_BLOCKS = 16
"""Blocks that are read before their pages are given back."""
_COMPARED_ROWS = 65_536
"""Rows whose signs are compared at once, so that what is computed stays in the CPU cache.

Measured: 40 instead of 63 ms for ten million rows; less than 16,384 cost as much for the calls.
"""
_BASE_ROWS, _ROWS_PER_RESULT = 4_000, 10
_AT_ROWS = 100_000
_GROWTH = 0.5
"""More rows need fewer in proportion (`docs/research/large.md`)."""
_MAX_SHARE = 0.25
"""Above this share of all rows, gathering costs as much as scanning them."""

TWO_STAGE_ROWS = 32_768
"""Searches over more rows compare signs first, then exact cosines of the nearest by signs."""

Rows = npt.NDArray[np.intp]
Words = npt.NDArray[np.uint64]
Differences = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def is_large(count: int, dim: int) -> bool:
    """Return whether a search of `count` rows compares their signs first."""
    return count > TWO_STAGE_ROWS and dim % WORD_BITS == 0


def signs_of(rows: npt.NDArray[Any]) -> dict[str, Words]:
    """Return the signs of rows as the arrays of a segment, by name: one for each 64 components.

    A number has the signs of 64 components of a row as 8 bytes, the first component in the highest
    bit of the first byte. Grouped like this, a query reads memory in order.
    """
    words = np.packbits(rows > 0, axis=1).view(np.uint64)
    return {_name(number): np.ascontiguousarray(words[:, number]) for number in range(words.shape[1])}


def sign_names(dim: int) -> list[str]:
    """Return the names of the arrays that `signs_of` returns."""
    return [_name(number) for number in range(dim // WORD_BITS)]


def stored_signs(arrays: Mapping[str, npt.NDArray[Any]], dim: int) -> list[Words] | None:
    """Return the signs that a segment has, or None."""
    names = sign_names(dim)
    return [arrays[name] for name in names] if all(name in arrays for name in names) else None


class BinaryCodes:
    """The signs of a set of rows, one bit each; immutable.

    The width of the rows must be a multiple of WORD_BITS.
    """

    def __init__(
        self,
        rows: npt.NDArray[Any],
        stored: Sequence[Words] | None = None,
        forget_pages: Callable[[], None] | None = None,
    ) -> None:
        """Take the rows and, if a file has them, their signs (see `signs_of`)."""
        self._rows = rows
        self._stored = stored
        self._forget_pages = forget_pages or (lambda: None)

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def _words(self) -> Sequence[Words]:
        """As stored, or computed by the first search: 10 ms and 3.2 MB for 100,000 rows of 256."""
        if self._stored is not None:
            return self._stored
        rows = self._rows
        words = np.empty((rows.shape[1] // WORD_BITS, len(rows)), np.uint64)
        for at in range(0, len(rows), _BLOCK_ROWS):
            here = slice(at, at + _BLOCK_ROWS)
            words[:, here] = list(signs_of(rows[here]).values())
            if at // _BLOCK_ROWS % _FORGOTTEN_BLOCKS == 0:
                self._forget_pages()
        self._forget_pages()
        return list(words)

    def differing(self, query: Vectors) -> Differences:
        """Return in how many of the query's largest components the sign of each row differs."""
        compared = len(query) // 2
        result = np.empty(len(self._rows), np.uint8 if compared < np.iinfo(np.uint8).max else np.uint16)
        words = list(zip(self._words, _words_of(query > 0), _words_of(_is_large(query, compared)), strict=True))
        scratch = np.empty(min(len(self._rows), _COMPARED_ROWS), np.uint64)
        for at in range(0, len(self._rows), _COMPARED_ROWS):
            here = slice(at, min(at + _COMPARED_ROWS, len(self._rows)))
            total, signs = result[here], scratch[: here.stop - at]
            total[:] = 0
            for stored, word, mask in words:
                np.bitwise_xor(stored[here], word, out=signs)
                np.bitwise_and(signs, mask, out=signs)
                total += np.bitwise_count(signs)
        return result


def first_stage(parts: Sequence[tuple[BinaryCodes, Mask | Rows | None]], query: Vectors, k: int) -> list[Rows] | None:
    """Return the rows of each part, ascending, that may contain the k nearest over all parts.

    A part is its signs and the rows that may be found: a mask, ascending positions, or None for
    all. The result is None if a first stage would select too many rows to be useful. One threshold
    applies to all parts and depends only on the rows that may be found, so the answer is the same
    however they are distributed over segments.
    """
    available = sum(_available(signs, usable) for signs, usable in parts)
    wanted = (_BASE_ROWS + _ROWS_PER_RESULT * k) * max(1.0, available / _AT_ROWS) ** _GROWTH
    if available <= TWO_STAGE_ROWS or wanted > _MAX_SHARE * available:
        return None
    differing = [_among(signs.differing(query), usable) for signs, usable in parts]
    threshold = _threshold(differing, wanted, len(query))
    return [_near(each, usable, threshold) for each, (_, usable) in zip(differing, parts, strict=True)]


def _available(signs: BinaryCodes, usable: Mask | Rows | None) -> int:
    if usable is None:
        return len(signs)
    return int(np.count_nonzero(usable)) if usable.dtype == np.bool_ else len(usable)


def _among(differing: Differences, usable: Mask | Rows | None) -> Differences:
    """Return the numbers of the usable rows; with a mask, other rows get the largest number."""
    if usable is None:
        return differing
    if usable.dtype != np.bool_:
        return differing[usable]
    np.copyto(differing, np.iinfo(differing.dtype).max, where=~usable)
    return differing


def _threshold(differing: Sequence[Differences], wanted: float, dim: int) -> int:
    """Return the lowest number that at least `wanted` rows do not exceed, by bisection.

    Counting is ten times as fast as a histogram.
    """
    low, high = 0, dim // 2
    while low < high:
        middle = (low + high) // 2
        if sum(np.count_nonzero(each <= middle) for each in differing) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def _near(differing: Differences, usable: Mask | Rows | None, threshold: int) -> Rows:
    near = np.flatnonzero(differing <= threshold)
    return near if usable is None or usable.dtype == np.bool_ else np.asarray(usable[near], np.intp)


def _is_large(query: Vectors, count: int) -> Mask:
    """Return which components are the `count` ones that are farthest from zero."""
    large = np.zeros(len(query), np.bool_)
    large[np.argpartition(-np.abs(query), count)[:count]] = True
    return large


def _words_of(bits: Mask) -> Words:
    words: Words = np.packbits(bits).view(np.uint64)
    return words


def _name(number: int) -> str:
    return f"signs_{number}"
