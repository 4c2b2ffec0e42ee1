"""An index of which files define a name: one byte string over all files, searched directly."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

_BREAK = b"\n"
_MAX_SCANNED_BYTES = 4_000_000


class NameIndex:
    """The names defined in each file. Immutable.

    It is built by joining (1 ms for 5,000 files), and a lookup takes 1 ms. A dictionary of 100,000
    names is faster to query but takes 0.3 s and 30 MB to build.
    """

    def __init__(self, names: Sequence[bytes]) -> None:
        """Take the names of each file in the form of `PackedNodes.names`."""
        self._all = b"".join(names)
        self._ends = list(accumulate(map(len, names)))

    def defining(self, name: str) -> list[int]:
        """Return the positions of files that define a name in any letter case, ascending."""
        return self._files(b"\n%b\n" % _folded(name)) if name else []

    def beginning(self, text: str) -> list[int]:
        """Return the positions of files that define a name beginning with `text`, ascending.

        Letter case is ignored.
        """
        return self._files(b"\n" + _folded(text))

    def containing(self, text: str) -> list[int]:
        """Return the positions of files that define a name containing `text`, ascending.

        Letter case is ignored. An empty text returns all files that define any name.
        """
        return self._files(_folded(text) or _BREAK)

    def subsequence(self, text: str) -> list[int]:
        """Return the positions of files that define a name with these characters in this order.

        Letter case is ignored. At most the first 4 MB of names are searched, in about 40 ms.
        """
        # Each part excludes the character that ends it: there is one way to match, and no
        # backtracking.
        parts = [re.escape(bytes([code])) for code in _folded(text)]
        pattern = re.compile(b"\n" + b"".join(b"[^%b\n]*%b" % (part, part) for part in parts))
        found: list[int] = []
        match = pattern.search(self._all, 0, _MAX_SCANNED_BYTES)
        while match:
            file = bisect_right(self._ends, match.start())
            found.append(file)
            match = pattern.search(self._all, self._ends[file], _MAX_SCANNED_BYTES)
        return found

    def _files(self, wanted: bytes) -> list[int]:
        found: list[int] = []
        place = self._all.find(wanted)
        while place >= 0:
            file = bisect_right(self._ends, place)
            found.append(file)
            place = self._all.find(wanted, self._ends[file])
        return found


def _folded(text: str) -> bytes:
    return text.lower().replace("\n", " ").encode("utf-8", "surrogatepass")
