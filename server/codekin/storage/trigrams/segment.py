"""One segment: the content key of each row, and for each trigram the rows that contain it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask
from codekin.storage.segment_file import Array
from codekin.storage.segment_stream import Column, Streamed
from codekin.storage.segments import Live
from codekin.storage.trigrams.coding import Bytes, Rows, Trigrams, decoded, decoded_lists, encoded_lists

_BYTES_PER_RANGE = 1_500_000
FORM = {"lists": 2}
"""Of the lists, as fields of a segment: in form 1, none of them was stored as bits."""
_ALL = 1 << 24


@dataclass(frozen=True)
class Part:
    """A segment. Trigram i has the rows in the bytes [first[i], first[i + 1]) of `lists`."""

    name: str
    keys: Keys
    trigrams: Trigrams
    first: Rows
    lists: Bytes
    outdated: bool
    """Whether the lists are in form 1."""

    @classmethod
    def of(cls, item: Live) -> Part:
        """Return a live segment."""
        arrays = item.segment.arrays
        outdated = item.segment.fields.get("lists") != FORM["lists"]
        return cls(item.segment.name, arrays["keys"], arrays["trigrams"], arrays["first"], arrays["lists"], outdated)

    @cached_property
    def order(self) -> npt.NDArray[np.intp]:
        """The rows in the order of their keys."""
        return np.argsort(self.keys)

    def rows(self, trigram: int) -> Rows:
        """Return the rows that contain a trigram, ascending."""
        at = int(np.searchsorted(self.trigrams, np.uint32(trigram)))
        if at == len(self.trigrams) or self.trigrams[at] != trigram:
            return np.empty(0, np.int64)
        begin, end = int(self.first[at]), int(self.first[at + 1])
        return self.decoded(begin, np.array([0, end - begin]))[0]

    def decoded(self, begin: int, first: Rows) -> tuple[Rows, Rows]:
        """Return (rows, where each list begins) of lists, which begin at `first` after a byte."""
        data = self.lists[begin : begin + int(first[-1])]
        return decoded(data, first) if self.outdated else decoded_lists(data, first, len(self.keys))

    def size(self, trigram: int) -> int:
        """Return about how many rows contain a trigram."""
        at = int(np.searchsorted(self.trigrams, np.uint32(trigram)))
        known = at < len(self.trigrams) and self.trigrams[at] == trigram
        return int(self.first[at + 1] - self.first[at]) if known else 0


def built(keys: Keys, trigrams: Sequence[Trigrams]) -> dict[str, Array]:
    """Return the arrays of a segment of texts, one row for each key."""
    rows = np.repeat(np.arange(len(keys), dtype=np.uint64), [len(found) for found in trigrams])
    # Trigram and row are sorted as one number.
    pairs = np.concatenate([*trigrams, np.empty(0, np.uint32)]).astype(np.uint64) << np.uint64(32) | rows
    pairs.sort()
    lists = _lists(
        len(keys), (pairs >> np.uint64(32)).astype(np.uint32), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
    )
    return {"keys": keys, "trigrams": lists.trigrams, "first": lists.first, "lists": lists.data}


@dataclass(frozen=True, slots=True)
class _Lists:
    trigrams: Trigrams
    first: Rows
    data: Bytes


def _lists(size: int, trigram_of: Trigrams, rows: Rows) -> _Lists:
    """Return the lists of rows below `size` that are sorted by trigram, then by row."""
    begins = np.flatnonzero(np.concatenate(([True], trigram_of[1:] != trigram_of[:-1]))) if len(rows) else rows
    data, first = encoded_lists(rows, np.concatenate((begins, [len(rows)])).astype(np.int64), size)
    return _Lists(trigram_of[begins], first, data)


def merged(parts: Sequence[Part], keep: Sequence[Mask], forget_pages: Callable[[], None]) -> Streamed:
    """Return one segment of the rows of several that are kept, a range of trigrams at a time.

    Rows are numbered part after part, so that lists are joined without sorting.
    """
    numbers, base = [], 0
    for mask in keep:
        numbers.append(np.where(mask, np.cumsum(mask) - 1 + base, -1))
        base += int(mask.sum())
    trigrams: list[Trigrams] = [np.empty(0, np.uint32)]
    sizes: list[npt.NDArray[np.int64]] = [np.zeros(1, np.int64)]

    def blocks() -> Iterator[Mapping[str, Array]]:
        for low, high in _ranges(parts):
            found = _merged_range(parts, numbers, base, low, high)
            trigrams.append(found.trigrams)
            sizes.append(np.diff(found.first))
            yield {"lists": found.data}
            forget_pages()

    def rest() -> Mapping[str, Array]:
        keys = np.concatenate([part.keys[mask] for part, mask in zip(parts, keep, strict=True)])
        return {"keys": keys, "trigrams": np.concatenate(trigrams), "first": np.cumsum(np.concatenate(sizes))}

    about = sum(len(part.lists) for part in parts)
    return Streamed({"lists": Column(np.dtype(np.uint8), (about,))}, blocks(), rest)


def _ranges(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Return ranges [low, high) of trigrams with about as many bytes each."""
    largest = max(parts, key=lambda part: len(part.lists))
    count = sum(len(part.lists) for part in parts) // _BYTES_PER_RANGE + 1
    wanted = np.linspace(0, len(largest.lists), count + 1)[1:-1]
    bounds = np.unique(largest.trigrams[np.searchsorted(largest.first[1:], wanted)]).tolist()
    return list(pairwise([0, *bounds, _ALL]))


def _merged_range(parts: Sequence[Part], numbers: Sequence[Rows], size: int, low: int, high: int) -> _Lists:
    found_trigrams, found_rows = [], []
    for part, number in zip(parts, numbers, strict=True):
        begin, end = np.searchsorted(part.trigrams, [low, high])
        first = part.first[begin : end + 1]
        rows, starts = part.decoded(int(first[0]), first - first[0])
        of = np.repeat(part.trigrams[begin:end], np.diff(starts))
        moved = number[rows]
        found_rows.append(moved[moved >= 0])
        found_trigrams.append(of[moved >= 0])
    trigram_of = np.concatenate(found_trigrams)
    order = np.argsort(trigram_of, kind="stable")  # fast, because each part is sorted
    return _lists(size, trigram_of[order], np.concatenate(found_rows)[order])
