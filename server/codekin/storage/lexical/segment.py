"""One segment of the lexical index: the row of each posting, and its count in each field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask
from codekin.storage.lexical.bm25 import BM25, Floats
from codekin.storage.lexical.packing import (
    FIELDS,
    Counts,
    PlainCounts,
    PostingWriter,
    Rows,
    opened_counts,
    opened_rows,
)
from codekin.storage.segment_file import Segment
from codekin.storage.segments import Live
from codekin.storage.top_k import differences, located, present

_SMALL_SEGMENT = _FEW_KEYS = 10_000
_KEPT_RESTRICTIONS = 3
_KEPT_NORMS = 2
_MOST_IN_2_BYTES, _MOST_IN_4_BYTES = 2**16 - 1, 2**32 - 1
Lengths = npt.NDArray[np.float32] | npt.NDArray[np.uint16]
Arrays = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Part:
    """One segment in memory.

    `terms` are ascending; term i has the postings [first[i], first[i + 1]). A posting is a row and
    one count per field.
    """

    name: str
    keys: Keys
    terms: npt.NDArray[np.int64]
    first: npt.NDArray[np.uint32] | npt.NDArray[np.int64]
    rows: Rows
    counts: Counts | PlainCounts
    lengths: tuple[Lengths, ...]
    alive: Mask | None
    norms: dict[tuple[BM25, tuple[float, ...]], tuple[Floats, ...]] = field(default_factory=dict)
    """The latest results of `inverse_norms`, which views of any rows share."""
    restricted: list[tuple[Keys, Mask]] = field(default_factory=list)
    """The latest results of `rows_with`."""
    live_counts: dict[int, int] = field(default_factory=dict)
    """How many live rows have a term, for frequent terms that were counted."""
    sums: list[float] = field(default_factory=list)
    """The sum of the lengths of each field, for parts with the same lengths."""

    def pieces(self, terms: Keys) -> list[slice]:
        """Return the range of postings of each term, in order; empty for an unknown term."""
        if not len(self.terms):
            return [slice(0, 0)] * len(terms)
        slots = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        known = (self.terms[slots] == terms).tolist()
        ends = zip(self.first[slots].tolist(), self.first[slots + 1].tolist(), known, strict=True)
        return [slice(start, end if there else start) for start, end, there in ends]

    def find(self, keys: Keys) -> tuple[Mask, npt.NDArray[np.intp]]:
        """Return (found, row) for each key."""
        found, slots = located(self.keys, keys)
        return (found if self.alive is None else found & self.alive[slots]), slots

    def rows_with(self, keys: Keys) -> Mask:
        """Return a mask of the rows with one of these keys (ascending, without duplicates).

        The latest results are cached: those of the files, of the code among them, and of the
        commits and folders. The next one mostly differs from one of these by the keys of one file,
        and to find these takes a tenth of the time. The rows of a small segment are looked up at
        once.
        """
        if len(self.keys) <= _SMALL_SEGMENT:
            return present(keys, self.keys)
        kept = tuple(self.restricted)
        nearest = min(kept, key=lambda item: abs(len(item[0]) - len(keys)), default=None)
        mask = self._mask_of_similar(*nearest, keys) if nearest else None
        if mask is None:
            nearest, mask = None, present(keys, self.keys)
        mask.flags.writeable = False
        if not keys.flags.writeable:
            others = [item for item in kept if item is not nearest]
            self.restricted[:] = [(keys, mask), *others][:_KEPT_RESTRICTIONS]
        return mask

    def _mask_of_similar(self, known: Keys, mask: Mask, keys: Keys) -> Mask | None:
        """Return the mask for `keys` from that for the known ones, or None if too many differ."""
        if abs(len(known) - len(keys)) > _FEW_KEYS:
            return None
        gone, new = differences(known, keys)
        if len(gone) + len(new) > _FEW_KEYS:
            return None
        result: Mask = mask.copy()
        for changed, alive in ((gone, False), (new, True)):
            found, places = located(self.keys, changed)
            result[places[found]] = alive
        return result

    def total_lengths(self) -> tuple[float, ...]:
        """Return the sum of the lengths of the live rows in each field.

        They are exact in float64 because lengths are whole numbers, so that they are the same
        however the chunks are distributed over segments. The fewer rows are added up, the live ones
        or the others.
        """
        if self.alive is not None and 2 * self.live < len(self.alive):
            return self._added(np.flatnonzero(self.alive))
        if not self.sums:
            self.sums[:] = [float(lengths.sum(dtype=np.float64)) for lengths in self.lengths]
        if self.alive is None:
            return tuple(self.sums)
        gone = self._added(np.flatnonzero(~self.alive))
        return tuple(total - others for total, others in zip(self.sums, gone, strict=True))

    @property
    def live(self) -> int:
        """The number of live rows."""
        return len(self.keys) if self.alive is None else int(np.count_nonzero(self.alive))

    def _added(self, rows: npt.NDArray[np.intp]) -> tuple[float, ...]:
        return tuple(float(lengths[rows].sum(dtype=np.float64)) for lengths in self.lengths)

    def inverse_norms(self, params: BM25, means: tuple[float, ...]) -> tuple[Floats, ...]:
        """Return weight over length norm, by field and row.

        The latest results are cached, because the arguments rarely change: those for the files, and
        for the commits and folders.
        """
        found = self.norms.get((params, means))
        if found is None:
            found = tuple(
                (weight / (1 - b + b * lengths.astype(np.float32, copy=False) / max(mean, 1e-9))).astype(np.float32)
                for weight, b, lengths, mean in zip(params.weights, params.b, self.lengths, means, strict=True)
            )
            for oldest in list(self.norms)[: 1 - _KEPT_NORMS]:
                self.norms.pop(oldest, None)
            self.norms[params, means] = found
        return found


def part_of(item: Live, known: Part | None = None) -> Part:
    """Return the segment in memory, or `known` if nothing in it has changed."""
    segment: Segment = item.segment
    alive = None
    if len(item.deleted):
        alive = np.ones(len(segment.arrays["keys"]), dtype=np.bool_)
        alive[item.deleted] = False
    if known is not None and _same_mask(known.alive, alive):
        return known
    arrays = segment.arrays
    return Part(
        name=segment.name,
        keys=arrays["keys"],
        terms=arrays["terms"],
        first=arrays["first"],
        rows=opened_rows(arrays),
        counts=opened_counts(arrays),
        lengths=tuple(arrays[f"length_{name}"] for name in FIELDS),
        alive=alive,
    )


def _same_mask(one: Mask | None, other: Mask | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other))


def assembled(
    keys: Keys,
    lengths: Iterable[Lengths],
    terms: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    rows: npt.NDArray[np.integer],
    counts: tuple[npt.NDArray[np.uint8], ...],
) -> Arrays:
    """Return the arrays of a segment in their stored types, by name."""
    arrays = beside_postings(keys, lengths, terms, first)
    postings = PostingWriter(len(rows), len(keys))
    arrays.update(postings.block(rows, counts, np.diff(first)))
    arrays.update(postings.rest())
    return arrays


def beside_postings(
    keys: Keys,
    lengths: Iterable[Lengths],
    terms: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
) -> Arrays:
    """Return the arrays of a segment that have no element for each posting."""
    arrays: Arrays = {
        "keys": keys.astype("<i8", copy=False),
        "terms": terms.astype("<i8", copy=False),
        "first": first.astype("<u4" if int(first[-1]) <= _MOST_IN_4_BYTES else "<i8", copy=False),
    }
    for name, length in zip(FIELDS, lengths, strict=True):
        is_short = int(length.max(initial=0)) <= _MOST_IN_2_BYTES
        arrays[f"length_{name}"] = length.astype("<u2" if is_short else "<f4", copy=False)
    return arrays
