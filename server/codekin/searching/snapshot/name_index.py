"""Which files define a name: one run of bytes over all files, searched as it is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

_BREAK = b"\n"


class NameIndex:
    """Built by joining (1 ms for 5,000 files), and asked in 1 ms a name: a dictionary of 100,000 names is faster to ask, but
    takes 0.3 s and 30 MB to build. Immutable.
    """

    def __init__(self, names: Sequence[bytes]) -> None:
        """`names` by file, as `PackedNodes.names` has them."""
        self._all = b"".join(names)
        self._ends = list(accumulate(map(len, names)))

    def defining(self, name: str) -> list[int]:
        """Positions of the files that define a name in any letter case, ascending."""
        return self._files(b"\n%b\n" % _folded(name)) if name else []

    def beginning(self, text: str) -> list[int]:
        """Positions of the files that define a name which begins with `text`, in any letter case, ascending."""
        return self._files(b"\n" + _folded(text))

    def holding(self, text: str) -> list[int]:
        """Positions of the files that define a name with `text` in it; all that define any for an empty text."""
        return self._files(_folded(text) or _BREAK)

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
