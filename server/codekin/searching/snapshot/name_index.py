"""An index of which files define a name: one byte string over all files, searched directly."""

from __future__ import annotations

import heapq
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from codekin.storage import NameBeginnings, NameTable

_BREAK = b"\n"
_MAX_SCANNED_BYTES = 4_000_000
_COPIED_BYTES = 1_000_000
"""Bytes of mapped names that are copied at a time, which is faster than searching the map."""

_PlaceOf = Callable[[bytes, int], int]


class NameIndex:
    """The names defined in each file. Immutable.

    It is built by joining (1 ms for 5,000 files), and a lookup takes 1 ms. A dictionary of 100,000
    names is faster to query but takes 0.3 s and 30 MB to build. Mapped names have a table instead.
    """

    def __init__(self, names: Sequence[bytes], files: Sequence[int] | None = None) -> None:
        """Take the names of each file in the form of `PackedNodes.names`.

        `files` are the positions of the files, if they are not numbered from 0.
        """
        self._pieces: tuple[_Piece, ...] = (_Piece(b"".join(names), list(accumulate(map(len, names))), files),)

    @classmethod
    def joined(cls, mapped: MappedNames, files: Sequence[int], beside: NameIndex) -> NameIndex:
        """Return an index of mapped names, and of those of another index.

        `files` are the positions of their files, -1 for a file that is not searched.
        """
        index = cls(())
        index._pieces = (_Piece(mapped.names, mapped.ends, files, mapped), *beside._pieces)
        return index

    def defining(self, name: str) -> list[int]:
        """Return the positions of files that define a name in any letter case, ascending."""
        folded = _folded(name)
        return list(heapq.merge(*(piece.defining(folded) for piece in self._pieces))) if name else []

    def beginning(self, text: str) -> Iterator[int]:
        """Yield the positions of files that define a name beginning with `text`, ascending.

        Letter case is ignored.
        """
        folded = _folded(text)
        pieces = [piece for piece in self._pieces if piece.may_begin(folded)]
        return _containing(pieces, b"\n" + folded)

    def containing(self, text: str) -> Iterator[int]:
        """Yield the positions of files that define a name containing `text`, ascending.

        Letter case is ignored. An empty text yields all files that define any name.
        """
        return _containing(self._pieces, _folded(text) or _BREAK)

    def subsequence(self, text: str) -> Iterator[int]:
        """Yield the positions of files that define a name with these characters in this order.

        Letter case is ignored. At most the first 4 MB of names are compared, in some 40 ms.
        """
        # Each part excludes the character that ends it, so there is no backtracking.
        parts = [re.escape(bytes([code])) for code in _folded(text)]
        pattern = re.compile(b"\n" + b"".join(b"[^%b\n]*%b" % (part, part) for part in parts))
        place_of: _PlaceOf = lambda names, start: _start(pattern.search(names, start))  # noqa: E731
        return heapq.merge(*(piece.matching(place_of, _MAX_SCANNED_BYTES) for piece in self._pieces))


@dataclass(frozen=True, slots=True)
class MappedNames:
    """Names of files in a map, where those of each end, and tables for looking them up."""

    names: npt.NDArray[np.uint8]
    ends: Sequence[int]
    table: NameTable
    beginnings: Callable[[], NameBeginnings]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Names of several files, where those of each end, and the positions of the files."""

    names: bytes | npt.NDArray[np.uint8]
    ends: Sequence[int]
    files: Sequence[int] | None
    mapped: MappedNames | None = None

    def may_begin(self, text: bytes) -> bool:
        """Return whether a name may begin with a folded text."""
        return self.mapped is None or self.mapped.beginnings().may_begin(text)

    def defining(self, name: bytes) -> Iterator[int]:
        """Yield the files that define a folded name, ascending."""
        wanted = b"\n%b\n" % name
        if self.mapped is None:
            yield from self.matching(lambda names, start: names.find(wanted, start))
            return
        for number in self.mapped.table.candidates(name):
            file = number if self.files is None else self.files[number]
            if file >= 0 and wanted in self._text(number, number + 1)[1]:
                yield file

    def matching(self, place_of: _PlaceOf, limit: int = sys.maxsize) -> Iterator[int]:
        """Yield the files in whose names `place_of` finds a place, ascending.

        It returns the next place from a start on, or -1. Names after `limit` bytes are not looked
        at.
        """
        first = 0
        while first < len(self.ends):
            base, names, last = self._next(first)
            if base >= limit:
                return
            names = names[: limit - base]
            place = place_of(names, 0)
            while place >= 0:
                number = bisect_right(self.ends, base + place)
                file = number if self.files is None else self.files[number]
                if file >= 0:
                    yield file
                place = place_of(names, self.ends[number] - base)
            first = last

    def _next(self, first: int) -> tuple[int, bytes, int]:
        """Return (where they begin, names, end) of the next files to look at in one go."""
        if isinstance(self.names, bytes):
            return 0, self.names, len(self.ends)
        start = self.ends[first - 1] if first else 0
        last = max(first + 1, bisect_right(self.ends, start + _COPIED_BYTES))
        return (*self._text(first, last), last)

    def _text(self, first: int, last: int) -> tuple[int, bytes]:
        start, end = self.ends[first - 1] if first else 0, self.ends[last - 1]
        return start, bytes(self.names[start:end])


def _containing(pieces: Sequence[_Piece], wanted: bytes) -> Iterator[int]:
    place_of: _PlaceOf = lambda names, start: names.find(wanted, start)  # noqa: E731
    return heapq.merge(*(piece.matching(place_of) for piece in pieces))


def _start(match: re.Match[bytes] | None) -> int:
    return match.start() if match else -1


def _folded(text: str) -> bytes:
    return text.lower().replace("\n", " ").encode("utf-8", "surrogatepass")
