"""BM25F of all chunks for a set of terms at once.

A term costs one look-up and its share of a few long arrays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Protocol

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask
from codekin.storage.lexical.packing import Counts, PlainCounts, Rows

Floats = npt.NDArray[np.float32]


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
        return math.log1p((self.chunks - count + 0.5) / (count + 0.5))


def frequencies(parts: Sequence[Postings], terms: Keys) -> list[int]:
    """Return the number of live chunks that contain each term."""
    return _counted(parts, [part.pieces(terms) for part in parts], len(terms))


def totals(
    parts: Sequence[Postings],
    corpus: Corpus,
    weights: Mapping[int, float],
    common_share: float,
    params: BM25,
    elsewhere: Sequence[Postings] = (),
) -> list[Floats]:
    """Return the scores of all rows, by part; 0 for deleted rows.

    Terms in more than `common_share` of all chunks are ignored while there are others. Chunks of
    `elsewhere` count in the document frequency of a term, as they do in `corpus`.
    """
    terms = np.fromiter(weights, np.int64, len(weights))
    pieces = [part.pieces(terms) for part in parts]
    counts = _counted(parts, pieces, len(terms))
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
) -> Floats:
    sizes = [piece.stop - piece.start for piece in pieces]
    if not any(sizes):
        return np.zeros(len(part.keys), np.float32)
    rows = part.rows.of(pieces)
    factor = np.repeat(np.array(factors, np.float32), sizes)
    live = slice(None) if part.alive is None else np.flatnonzero(part.alive[rows])
    rows, factor = rows[live], factor[live]
    weight = np.zeros(len(rows), np.float32)
    for norms, counts in zip(part.inverse_norms(params, corpus.means), part.counts.of(pieces), strict=True):
        of_live = counts[live]
        some = np.flatnonzero(of_live) if len(rows) > _MANY_POSTINGS else rows
        if len(some) < _FEW_SHARE * len(rows):
            weight[some] += norms[rows[some]] * of_live[some]
        else:
            weight += norms[rows] * of_live
    gained = factor * (weight / (weight + np.float32(params.k1)))
    return np.bincount(rows, weights=gained, minlength=len(part.keys)).astype(np.float32)


def _counted(parts: Sequence[Postings], pieces: Sequence[Sequence[slice]], terms: int) -> list[int]:
    counts = [0] * terms
    for part, own in zip(parts, pieces, strict=True):
        alive = part.alive
        for at, piece in enumerate(own):
            if piece.stop > piece.start:
                live = alive is None or np.count_nonzero(alive[part.rows.of([piece])])
                counts[at] += piece.stop - piece.start if live is True else int(live)
    return counts
