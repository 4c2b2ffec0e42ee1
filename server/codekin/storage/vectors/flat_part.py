"""One segment of the flat index as it is searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask, Vectors
from codekin.storage.segments import Live
from codekin.storage.top_k import best, located, present
from codekin.storage.vectors.binary_codes import BinaryCodes, stored_signs
from codekin.storage.vectors.stored_rows import StoredRows

_GATHER_SHARE = 0.1
"""Below this share of allowed rows, gathering them is faster than masking a full scan.

Measured: 20% cost twice the scan.
"""
_GATHER_SHARE_OF_INTEGERS = 0.5
"""The same for 8-bit integers, which have to be converted row by row in either case."""


class _LatestScores:
    """The scores of the latest read-only query.

    A search queries several views of one store for the same vector.
    """

    def __init__(self) -> None:
        self._known: tuple[Vectors, Vectors] | None = None

    def scores(self, rows: StoredRows, query: Vectors) -> Vectors:
        """Return the scores, which must not be written to."""
        known = self._known
        if known is not None and known[0] is query:
            return known[1]
        scores = rows.cosines(query)
        fixed = query.flags.owndata and not query.flags.writeable
        self._known = (query, scores) if fixed else None
        return scores


@dataclass(frozen=True)
class Part:
    """One segment as it is searched.

    Keys are ascending, `rows` are in their order, and `alive` is None if no row is deleted.
    """

    name: str
    keys: Keys
    rows: StoredRows
    alive: Mask | None
    signs: BinaryCodes | None = None
    last: _LatestScores = field(default_factory=_LatestScores, compare=False)

    @cached_property
    def count(self) -> int:
        """Number of live rows."""
        return len(self.keys) if self.alive is None else int(self.alive.sum())

    def find(self, keys: Keys) -> tuple[Mask, np.ndarray]:
        """Return (found, position) of each key."""
        found, slots = located(self.keys, keys)
        return (found if self.alive is None else found & self.alive[slots]), slots

    def within(self, allowed: Keys) -> Within:
        """Return the live rows whose keys are in `allowed` (ascending, without duplicates)."""
        if len(self.keys) < len(allowed):
            found = present(allowed, self.keys)
            chosen = np.flatnonzero(found if self.alive is None else found & self.alive)
        else:
            there, slots = self.find(allowed)
            chosen = slots[there]
        share = _GATHER_SHARE if self.rows.scales is None else _GATHER_SHARE_OF_INTEGERS
        if len(chosen) < share * len(self.keys):
            return Within(len(chosen), chosen)
        usable = np.zeros(len(self.keys), np.bool_)
        usable[chosen] = True
        return Within(len(chosen), None, usable, np.flatnonzero(~usable))

    def among(self, query: Vectors, k: int, rows: npt.NDArray[np.intp]) -> tuple[Keys, Vectors]:
        """Return the k best of these rows; the rows are ascending."""
        return best(self.keys[rows], self.rows.cosines(query, rows), k)

    def search(self, query: Vectors, k: int, within: Within | None) -> tuple[Keys, Vectors]:
        """Return the k best rows, only those of `within` if it is given."""
        if within is not None and within.rows is not None:
            return self.among(query, k, within.rows)
        scores = self.last.scores(self.rows, query)
        if within is None:
            return best(self.keys, scores, k)
        masked = scores.copy()
        masked[within.others] = -np.inf
        return best(self.keys, masked, min(k, within.count))

    @cached_property
    def live(self) -> Within | None:
        """The rows that are not deleted, or None for all."""
        return None if self.alive is None else self.within(self.keys)


@dataclass(frozen=True, slots=True)
class Within:
    """The rows of a part that a search may find.

    Few rows are listed. Otherwise `rows` is None, `usable` is their mask and `others` are the other
    rows.
    """

    count: int
    rows: npt.NDArray[np.intp] | None
    usable: Mask | None = None
    others: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))


def part_of(item: Live, known: Mapping[str, BinaryCodes | None], *, two_stages: bool) -> Part:
    """Return a live segment; `known` has the signs of those that were in use before."""
    arrays = item.segment.arrays
    keys, rows = arrays["keys"], StoredRows(arrays["rows"], arrays.get("scales"))
    alive = None
    if len(item.deleted):
        alive = np.ones(len(keys), dtype=np.bool_)
        alive[item.deleted] = False
    signs = known.get(item.segment.name) if two_stages else None
    if two_stages and signs is None:
        signs = BinaryCodes(rows.values, stored_signs(arrays, rows.values.shape[1]), item.segment.forget_pages)
    return Part(item.segment.name, keys, rows, alive, signs)
