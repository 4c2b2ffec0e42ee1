"""Merging several segments of the lexical index into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codekin.storage.lexical.packing import FIELDS, PostingWriter
from codekin.storage.lexical.segment import Arrays, Part, beside_postings
from codekin.storage.segment_file import Array
from codekin.storage.segment_stream import Column, Streamed

_POSTINGS_PER_RANGE = 500_000


def merged(parts: Sequence[Part], forget_pages: Callable[[], None]) -> Streamed:
    """Return the arrays of one segment with the live rows of several.

    Terms are distributed evenly over 63 bits. One range of terms at a time is merged and written,
    so that the postings are never in memory as a whole. `forget_pages` is called after each.
    """
    alive = [np.ones(len(part.keys), np.bool_) if part.alive is None else part.alive for part in parts]
    keys = np.concatenate([part.keys[mask] for part, mask in zip(parts, alive, strict=True)])
    order = np.argsort(keys, kind="stable")
    place = np.empty(len(keys), np.int32)
    place[order] = np.arange(len(keys), dtype=np.int32)
    bases = np.cumsum([0, *(int(mask.sum()) for mask in alive)])
    new_rows = []
    for mask, base in zip(alive, bases[:-1], strict=True):
        new_row = np.full(len(mask), -1, np.int32)
        new_row[mask] = place[base : base + int(mask.sum())]
        new_rows.append(new_row)
    count = sum(_live_postings(part) for part in parts)
    terms: list[npt.NDArray[np.int64]] = [np.empty(0, np.int64)]
    sizes: list[npt.NDArray[np.int64]] = [np.empty(0, np.int64)]
    postings = PostingWriter(count, len(keys))

    def blocks() -> Iterator[Mapping[str, Array]]:
        slices = -(-sum(len(part.rows) for part in parts) // _POSTINGS_PER_RANGE) or 1
        bounds = [2**63 // slices * at for at in range(slices)]
        for low, high in zip(bounds, [*bounds[1:], 2**63], strict=True):
            found = _merged_range(parts, new_rows, low, high - 1)
            terms.append(found.terms)
            sizes.append(found.sizes)
            yield postings.block(found.rows, found.counts, found.sizes)
            forget_pages()

    def rest() -> Arrays:
        lengths = [
            np.concatenate([part.lengths[at][mask] for part, mask in zip(parts, alive, strict=True)])[order]
            for at in range(len(FIELDS))
        ]
        first = np.concatenate(([0], np.cumsum(np.concatenate(sizes))))
        return {**beside_postings(keys[order], lengths, np.concatenate(terms), first), **postings.rest()}

    columns = {name: Column(dtype, (count,)) for name, dtype in postings.types.items()}
    return Streamed(columns, blocks(), rest)


def _live_postings(part: Part) -> int:
    if part.alive is None:
        return len(part.rows)
    step = _POSTINGS_PER_RANGE
    return sum(int(part.alive[part.rows.of([slice(at, at + step)])].sum()) for at in range(0, len(part.rows), step))


@dataclass(frozen=True, slots=True)
class _Range:
    """The postings of a range of terms, term after term.

    `terms` are ascending, and `sizes` is the number of postings of each term.
    """

    terms: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    counts: tuple[npt.NDArray[np.uint8], ...]


def _merged_range(parts: Sequence[Part], new_rows: Sequence[npt.NDArray[np.int32]], low: int, high: int) -> _Range:
    """Return the postings of the terms in [low, high] for live rows."""
    terms, sizes, rows = [], [], []
    counts: list[tuple[npt.NDArray[np.uint8], ...]] = []
    for part, new_row in zip(parts, new_rows, strict=True):
        begin, end = np.searchsorted(part.terms, low), np.searchsorted(part.terms, high, side="right")
        piece = slice(int(part.first[begin]), int(part.first[end]))
        terms.append(part.terms[begin:end])
        sizes.append(np.diff(part.first[begin : end + 1]))
        rows.append(new_row[part.rows.of([piece])])
        counts.append(part.counts.of([piece]))
    unique, number = np.unique(np.concatenate(terms), return_inverse=True)
    moved, of_term = np.concatenate(rows), np.repeat(number, np.concatenate(sizes))
    # A stable sort is fast because each part is sorted already. Deleted rows have negative numbers.
    order = np.argsort(of_term * (int(moved.max(initial=0)) + 1) + moved, kind="stable")
    order = order[moved[order] >= 0]
    kept = np.bincount(of_term[order], minlength=len(unique))
    return _Range(
        unique[kept > 0],
        kept[kept > 0],
        moved[order],
        tuple(np.concatenate(of_field)[order] for of_field in zip(*counts, strict=True)),
    )
