"""The first stage of a search over many vectors, on the signs of their components only.

Signs take a thirty-second of the bytes. The share of components with different signs estimates the
angle between two vectors (Charikar, "Similarity estimation techniques from rounding algorithms",
2002). It is accurate enough to rule out most rows; the others are ranked by exact cosine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Mask, Vectors

WORD_BITS = 64
RECALL_AT_10 = 0.998
"""Measured on 99,833 chunks with the bundled model; `docs/research/measurements.md`.

The queries are comments that were removed from their chunks.
"""
_BLOCK_ROWS = 4_096
_FORGOTTEN_BLOCKS = 16
_COMPARED_ROWS = 65_536
"""Blocks that are read before their pages are given back."""
_BASE_ROWS, _ROWS_PER_RESULT = 4_000, 10
_AT_ROWS = 100_000
_GROWTH = 0.7
"""More rows need fewer in proportion: at 1.55 million, 28,000 rows find as many of the ten nearest
as 4,100 do at 100,000 (`docs/research/large.md`).
"""
_MAX_SHARE = 0.25
"""Above this share of all rows, gathering costs as much as scanning them."""

TWO_STAGE_ROWS = 32_768
"""Searches over more rows compare signs first, then exact cosines of the nearest by signs."""

Rows = npt.NDArray[np.intp]
Words = npt.NDArray[np.uint64]


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

    def differing(self, query: Vectors) -> npt.NDArray[np.uint16]:
        """Return the number of components of each row whose sign differs from the query's."""
        differing = np.zeros(len(self._rows), np.uint16)
        signs = np.packbits(query > 0).view(np.uint64)
        scratch = np.empty(_COMPARED_ROWS, np.uint64)
        # Few rows at a time, so that the scratch array stays in the cache of the processor.
        for at in range(0, len(differing), _COMPARED_ROWS):
            own = differing[at : at + _COMPARED_ROWS]
            for words, word in zip(self._words, signs, strict=True):
                np.bitwise_xor(words[at : at + len(own)], word, out=scratch[: len(own)])
                own += np.bitwise_count(scratch[: len(own)])
        return differing


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
    differing = [signs.differing(query) for signs, _ in parts]
    counts = np.zeros(len(query) + 1, np.int64)
    for each, (_, usable) in zip(differing, parts, strict=True):
        counts += _histogram(each, usable, len(counts))
    threshold = int(np.searchsorted(np.cumsum(counts), wanted))
    return [_within(each, usable, threshold) for each, (_, usable) in zip(differing, parts, strict=True)]


def _histogram(differing: npt.NDArray[np.uint16], usable: Mask | Rows | None, size: int) -> npt.NDArray[np.int64]:
    """Return how many of the usable rows differ in each number of components, int64 (size,)."""
    counts = np.zeros(size, np.int64)
    if usable is not None and usable.dtype != np.bool_:
        differing, usable = differing[usable], None
    for at in range(0, len(differing), _COMPARED_ROWS):
        own = differing[at : at + _COMPARED_ROWS]
        chosen = own if usable is None else own[usable[at : at + _COMPARED_ROWS]]
        counts += np.bincount(chosen, minlength=size)
    return counts


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


def _name(number: int) -> str:
    return f"signs_{number}"
