"""BM25F of all chunks for a set of terms at once.

A term costs one look-up and its share of a few long arrays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Protocol

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask
from codekin.storage.lexical.packing import Counts, PlainCounts, Rows

Floats = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of rows of a segment, in ascending order of the rows.

    `rows` is None if each row has a score. Those of deleted rows mean nothing.
    """

    scores: Scores
    rows: npt.NDArray[np.int32] | None = None


@dataclass(frozen=True, slots=True)
class BM25:
    """Parameters of the formula; `weights` and `b` are by field, in the order of `FIELDS`."""

    k1: float = 1.2
    weights: tuple[float, float, float] = (1.0, 2.5, 0.7)
    b: tuple[float, float, float] = (0.6, 0.4, 0.4)


_MANY_POSTINGS = 10_000
_FEW_SHARE = 0.5
"""Below this share of postings with a term in a field, the others are left out if there are many.

Most terms of a chunk are in no name and no comment.
"""
_SCORED_POSTINGS = 65_536
_MOST_ALIVE = 0.5
_MANY_ROWS = 50_000
"""In a segment with more rows, only those with a term are scored, if these are few."""


class Postings(Protocol):
    """The postings of a segment: the row of each posting, and its count in each field."""

    @property
    def keys(self) -> Keys:
        """Content keys of the rows, ascending."""

    @property
    def rows(self) -> Rows:
        """The row of each posting."""

    @property
    def counts(self) -> Counts | PlainCounts:
        """The counts of each posting."""

    @property
    def alive(self) -> Mask | None:
        """Mask of the rows that are not deleted, or None if none is."""

    @property
    def live_counts(self) -> dict[int, int]:
        """How many live rows have a term, for terms that were counted."""

    def pieces(self, terms: Keys) -> list[slice]:
        """Return the range of postings of each term, in order; empty for an unknown term."""

    def inverse_norms(self, params: BM25, means: tuple[float, ...]) -> tuple[Floats, ...]:
        """Return weight over length norm, by field and row."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Statistics of all live chunks: their number, and the mean length of each field."""

    chunks: int
    means: tuple[float, ...]

    def idf(self, count: int) -> float:
        """Return the inverse document frequency of a term that occurs in `count` chunks."""
        return inverse_frequency(self.chunks, count)


def inverse_frequency(chunks: int, count: int) -> float:
    """Return the inverse document frequency of a term that occurs in `count` of the chunks."""
    return math.log1p((chunks - count + 0.5) / (count + 0.5))


def frequencies(parts: Sequence[Postings], terms: Keys) -> list[int]:
    """Return the number of live chunks that contain each term."""
    return _counted(parts, terms, [part.pieces(terms) for part in parts])


def totals(
    parts: Sequence[Postings],
    corpus: Corpus,
    weights: Mapping[int, float],
    common_share: float,
    params: BM25,
    elsewhere: Sequence[Postings] = (),
) -> list[Scored]:
    """Return the scores of the rows with any of the terms, by part.

    Terms in more than `common_share` of all chunks are ignored while there are others. Chunks of
    `elsewhere` count in the document frequency of a term, as they do in `corpus`.
    """
    terms = np.fromiter(weights, np.int64, len(weights))
    pieces = [part.pieces(terms) for part in parts]
    counts = _counted(parts, terms, pieces)
    if elsewhere:
        counts = [own + other for own, other in zip(counts, frequencies(elsewhere, terms), strict=True)]
    useful = [0 < count <= common_share * corpus.chunks for count in counts]
    if not any(useful):
        useful = [count > 0 for count in counts]
    factors = [
        np.float32(share * corpus.idf(count) * (params.k1 + 1))
        for share, count in compress(zip(weights.values(), counts, strict=True), useful)
    ]
    return [
        _scored(part, list(compress(own, useful)), factors, corpus, params)
        for part, own in zip(parts, pieces, strict=True)
    ]


def _scored(
    part: Postings, pieces: Sequence[slice], factors: Sequence[np.float32], corpus: Corpus, params: BM25
) -> Scored:
    """Return the scores of the rows of a segment with any of the terms.

    Few postings are scored at a time, so that they stay in the cache of the processor. Where most
    rows are alive, the others are scored too, which takes less time than to leave them out.
    """
    count = sum(piece.stop - piece.start for piece in pieces)
    if not count:
        return Scored(np.empty(0), np.empty(0, np.int32))
    norms, k1 = part.inverse_norms(params, corpus.means), np.float32(params.k1)
    if count <= _MANY_POSTINGS:
        few = _gained(part, pieces, factors, norms, k1, part.alive)
        return _added([few]) if len(part.keys) > _MANY_ROWS else Scored(_sums(*few, len(part.keys)))
    alive = len(part.keys) if part.alive is None else np.count_nonzero(part.alive)
    filtered = part.alive if alive < _MOST_ALIVE * len(part.keys) else None
    groups = _groups(pieces, factors)
    if filtered is not None and alive <= _MANY_ROWS < len(part.keys):
        return _added([_gained(part, *group, norms, k1, filtered) for group in groups])
    scores = np.zeros(len(part.keys))
    for group, group_factors in groups:
        rows, gained = _gained(part, group, group_factors, norms, k1, filtered)
        if len(group) == 1:
            scores[rows] += gained  # a term has a row once
        else:
            np.add.at(scores, rows, gained.astype(np.float64))
    return Scored(scores)


def _added(gained: Sequence[tuple[npt.NDArray[np.int32], Floats]]) -> Scored:
    """Return the sums of what rows gain."""
    rows, places = np.unique(np.concatenate([rows for rows, _ in gained]), return_inverse=True)
    return Scored(_sums(places, np.concatenate([gain for _, gain in gained]), len(rows)), rows)


def _sums(places: npt.NDArray[np.integer], gained: Floats, count: int) -> Scores:
    """Return the sum of what each of `count` places gains."""
    return np.bincount(places, weights=gained, minlength=count).astype(np.float64, copy=False)


def _groups(pieces: Sequence[slice], factors: Sequence[np.float32]) -> Iterator[tuple[list[slice], list[np.float32]]]:
    """Yield ranges of postings in their order, cut and put together to be scored at once."""
    group: list[slice] = []
    of_group: list[np.float32] = []
    free = _SCORED_POSTINGS
    for piece, factor in zip(pieces, factors, strict=True):
        for start in range(piece.start, piece.stop, _SCORED_POSTINGS):
            cut = slice(start, min(start + _SCORED_POSTINGS, piece.stop))
            if group and cut.stop - cut.start > free:
                yield group, of_group
                group, of_group, free = [], [], _SCORED_POSTINGS
            group.append(cut)
            of_group.append(factor)
            free -= cut.stop - cut.start
    if group:
        yield group, of_group


def _gained(
    part: Postings,
    pieces: Sequence[slice],
    factors: Sequence[np.float32],
    norms: Sequence[Floats],
    k1: np.float32,
    filtered: Mask | None,
) -> tuple[npt.NDArray[np.int32], Floats]:
    """Return (row, what it gains) for each posting, only of `filtered` rows if these are given."""
    rows = part.rows.of(pieces)
    factor = np.repeat(np.array(factors, np.float32), [piece.stop - piece.start for piece in pieces])
    live = slice(None) if filtered is None else np.flatnonzero(filtered[rows])
    rows, factor = rows[live], factor[live]
    weight = np.zeros(len(rows), np.float32)
    for of_field, counts in zip(norms, part.counts.of(pieces), strict=True):
        of_live = counts[live]
        if len(rows) > _MANY_POSTINGS and np.count_nonzero(of_live) < _FEW_SHARE * len(rows):
            some = np.flatnonzero(of_live != 0)  # of truth values, which is faster
            weight[some] += of_field[rows[some]] * of_live[some]
        else:
            weight += of_field[rows] * of_live
    return rows, factor * (weight / (weight + k1))


def _counted(parts: Sequence[Postings], terms: Keys, pieces: Sequence[Sequence[slice]]) -> list[int]:
    counts = [0] * len(terms)
    for part, own in zip(parts, pieces, strict=True):
        for at, (term, piece) in enumerate(zip(terms.tolist(), own, strict=True)):
            if piece.stop > piece.start:
                counts[at] += _live_count(part, term, piece)
    return counts


def _live_count(part: Postings, term: int, piece: slice) -> int:
    """Return how many live rows have a term; that of frequent ones is kept."""
    if part.alive is None:
        return int(piece.stop - piece.start)
    if term in part.live_counts:
        return part.live_counts[term]
    count = int(np.count_nonzero(part.alive[part.rows.of([piece])]))
    if piece.stop - piece.start > _MANY_POSTINGS:  # at most some thousand terms
        part.live_counts[term] = count
    return count
