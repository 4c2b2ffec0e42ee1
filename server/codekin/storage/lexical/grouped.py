"""BM25 of files, or of windows over neighbouring chunks, from the postings of their chunks.

A long query has words that are spread over a file. Its chunks have few of them each, so that their
scores say little; those of a group of chunks say more. Nothing is stored for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask
from codekin.storage.lexical.bm25 import Floats
from codekin.storage.lexical.packing import FIELDS
from codekin.storage.lexical.segment import Part

_MOST_CELLS = 2_000_000
"""Number of pairs of a term and a group that are in memory at a time."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroupBM25:
    """Parameters of the formula; `fields` are weights in the order of `FIELDS`."""

    k1: float = 1.2
    b: float = 0.75
    fields: tuple[float, float, float] = (1.0, 2.5, 0.7)


@dataclass(frozen=True, slots=True)
class _Members:
    """The groups of the rows of one segment: row i has `count[i]` of them, from `first[i]` on."""

    part: Part
    first: Ints
    count: Ints


class GroupedPostings:
    """The postings of a view by group. A chunk may be in several groups, and in none."""

    def __init__(self, parts: Sequence[Part], keys: Keys, groups: Ints, size: int) -> None:
        """Take pairs of a content key and a group; the groups are numbers below `size`."""
        order = np.argsort(keys, kind="stable")
        ordered, self._groups = keys[order], groups[order]
        self._size = size
        self._members = []
        seen = np.empty(0, np.int64)
        for part in parts:
            first = np.searchsorted(ordered, part.keys)
            count = np.searchsorted(ordered, part.keys, side="right") - first
            if part.alive is not None:
                count[~part.alive] = 0
            count[np.isin(part.keys, seen)] = 0  # A buffer may have chunks that are stored as well.
            seen = np.concatenate((seen, part.keys[count > 0]))
            self._members.append(_Members(part, first, count))
        self._lengths = np.stack([self._summed(field) for field in range(len(FIELDS))])

    def scores(self, weights: Mapping[int, float], counted: Mask, params: GroupBM25) -> Floats:
        """Return the score of each group for weighted terms.

        The rarity of a term is that among the groups in `counted`; one that occurs in none of them
        is as rare as one that occurs in a single group.
        """
        terms = np.fromiter(weights, np.int64, len(weights))
        shares = np.fromiter(weights.values(), np.float64, len(weights))
        lengths = np.array(params.fields) @ self._lengths
        mean = float(lengths[counted].mean()) if counted.any() else 1.0
        norms = params.k1 * (1 - params.b + params.b * lengths / max(mean, 1e-9))
        total = max(1, int(np.count_nonzero(counted)))
        result = np.zeros(self._size)
        step = max(1, _MOST_CELLS // max(1, self._size))
        for begin in range(0, len(terms), step):
            own = slice(begin, begin + step)
            cells, times = self._times(terms[own], params)
            numbers = cells // self._size
            groups = cells - numbers * self._size  # `np.divmod` takes ten times as long.
            found = np.bincount(numbers[counted[groups]], minlength=len(terms[own]))
            holding = np.maximum(found, 1)
            rarity = np.log1p((total - holding + 0.5) / (holding + 0.5))
            gained = (shares[own] * rarity)[numbers] * times * (params.k1 + 1) / (times + norms[groups])
            result += np.bincount(groups, weights=gained, minlength=self._size)
        return result.astype(np.float32)

    def _times(self, terms: Keys, params: GroupBM25) -> tuple[Ints, npt.NDArray[np.float64]]:
        """Return (number of a term times the groups, plus a group; how often the term is in it).

        Pairs without an occurrence are left out; the counts of fields are weighted.
        """
        result = np.zeros(len(terms) * self._size)
        for members in self._members:
            pieces = members.part.pieces(terms)
            rows = members.part.rows.of(pieces)
            times = np.zeros(len(rows))
            for weight, counts in zip(params.fields, members.part.counts.of(pieces), strict=True):
                if weight:
                    times += weight * counts
            numbers = np.repeat(np.arange(len(terms)), [piece.stop - piece.start for piece in pieces])
            some = np.flatnonzero(times)
            repeats, groups = self._of_rows(members, rows[some])
            cells = np.repeat(numbers[some] * self._size, repeats) + groups
            result += np.bincount(cells, weights=np.repeat(times[some], repeats), minlength=len(result))
        cells = np.flatnonzero(result)
        return cells, result[cells]

    def _of_rows(self, members: _Members, rows: npt.NDArray[np.int32]) -> tuple[Ints, Ints]:
        """Return (number of groups of each row, the groups one row after the other)."""
        repeats = members.count[rows]
        steps = np.arange(int(repeats.sum())) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        return repeats, self._groups[np.repeat(members.first[rows], repeats) + steps]

    def _summed(self, field: int) -> npt.NDArray[np.float64]:
        result = np.zeros(self._size)
        for members in self._members:
            repeats, groups = self._of_rows(members, np.arange(len(members.count), dtype=np.int32))
            lengths = np.repeat(members.part.lengths[field].astype(np.float64), repeats)
            result += np.bincount(groups, weights=lengths, minlength=self._size)
        return result
