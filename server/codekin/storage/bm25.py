"""BM25F of all chunks for some terms at once: what each term costs is a look-up and its share of a few long arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BM25:
    """Parameters of the formula; `weights` and `b` by field in the order of `FIELDS`."""

    k1: float = 1.2
    weights: tuple[float, float, float] = (1.0, 2.5, 0.7)
    b: tuple[float, float, float] = (0.6, 0.4, 0.4)


class Postings(Protocol):
    """A segment's: of each posting its row and a count a field."""

    @property
    def keys(self) -> Keys: ...
    @property
    def rows(self) -> npt.NDArray[np.int32]: ...
    @property
    def counts(self) -> tuple[npt.NDArray[np.uint8], ...]: ...
    @property
    def alive(self) -> Mask | None: ...

    def pieces(self, terms: Keys) -> list[slice]:
        """The postings of each term, in order; empty where there are none."""

    def inverse_norms(self, params: BM25, means: tuple[float, ...]) -> tuple[Floats, ...]:
        """Weight over length norm, by field and row."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the formula has to know of all chunks that are there: how many, and the mean length of each field."""

    chunks: int
    means: tuple[float, ...]

    def idf(self, count: int) -> float:
        """How much a term in so many chunks tells."""
        return math.log1p((self.chunks - count + 0.5) / (count + 0.5))


def frequencies(parts: Sequence[Postings], terms: Keys) -> list[int]:
    """In how many live chunks each term is."""
    return _summed([_found(part, terms) for part in parts], len(terms))


def totals(
    parts: Sequence[Postings], corpus: Corpus, weights: Mapping[int, float], common_share: float, params: BM25
) -> list[Floats]:
    """Scores of all rows, by part; 0 for deleted ones. Terms in more than `common_share` of all chunks are left
    out while there are others.
    """
    terms = np.fromiter(weights, np.int64, len(weights))
    found = [_found(part, terms) for part in parts]
    counts = _summed(found, len(terms))
    useful = [0 < count <= common_share * corpus.chunks for count in counts]
    if not any(useful):
        useful = [count > 0 for count in counts]
    factors = [
        np.float32(share * corpus.idf(count) * (params.k1 + 1))
        for share, count in compress(zip(weights.values(), counts, strict=True), useful)
    ]
    return [_scored(own, useful, factors, corpus, params) for own in found]


@dataclass(frozen=True, slots=True)
class _Found:
    """The postings of some terms in one part: `pieces` and `counts`, of live rows alone, by term; `live` the places of these
    among all postings of the pieces in a row, None where there are no others.
    """

    part: Postings
    pieces: list[slice]
    counts: list[int]
    live: npt.NDArray[np.intp] | None


def _found(part: Postings, terms: Keys) -> _Found:
    pieces = part.pieces(terms)
    sizes = [piece.stop - piece.start for piece in pieces]
    if part.alive is None or not any(sizes):
        return _Found(part, pieces, sizes, None)
    live = np.flatnonzero(part.alive[np.concatenate([part.rows[piece] for piece in pieces])])
    ends = np.searchsorted(live, list(accumulate(sizes, initial=0)))
    return _Found(part, pieces, np.diff(ends).tolist(), live)


def _summed(found: Sequence[_Found], terms: int) -> list[int]:
    return found[0].counts if len(found) == 1 else [sum(own.counts[at] for own in found) for at in range(terms)]


def _scored(
    found: _Found, useful: Sequence[bool], factors: Sequence[np.float32], corpus: Corpus, params: BM25
) -> Floats:
    part, counts = found.part, list(compress(found.counts, useful))
    if not any(counts):
        return np.zeros(len(part.keys), np.float32)
    if found.live is None:
        pieces, live = list(compress(found.pieces, useful)), None
    else:
        pieces, live = found.pieces, found.live[np.repeat(useful, found.counts)]
    rows = _joined(part.rows, pieces, live)
    weight = np.zeros(len(rows), np.float32)
    for norms, times in zip(part.inverse_norms(params, corpus.means), part.counts, strict=True):
        weight += norms[rows] * _joined(times, pieces, live)
    gained = np.repeat(np.array(factors, np.float32), counts) * (weight / (weight + np.float32(params.k1)))
    return np.bincount(rows, weights=gained, minlength=len(part.keys)).astype(np.float32)


def _joined(values: npt.NDArray[Any], pieces: Sequence[slice], live: npt.NDArray[np.intp] | None) -> npt.NDArray[Any]:
    joined = np.concatenate([values[piece] for piece in pieces])
    return joined if live is None else joined[live]
