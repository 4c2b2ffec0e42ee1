"""The names that a file defines, as stems of their words."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache

from codekin.domain.words import words
from codekin.storage import PackedNodes, stem

_LOOKS_BEFORE_KEPT = 2
Stems = tuple[str, ...]


class DefinedNames:
    """The names of one file. Any thread may call; what two of them compute at once is equal.

    To split all names of a file takes some milliseconds, and to keep their stems 25 kB. So the
    first looks split only those names whose words begin like the words that are looked for.
    """

    __slots__ = ("_kept", "_longest", "_looks", "_nodes")

    def __init__(self, nodes: PackedNodes) -> None:
        self._nodes = nodes
        self._looks = 0
        self._kept: Mapping[str, tuple[Stems, ...]] | None = None
        self._longest: frozenset[str] = frozenset()

    def within(self, stems: frozenset[str]) -> list[Stems]:
        """Return the distinct stems, ascending, of each name whose words have no other stems."""
        if self._kept is not None:
            known = self._kept
            if stems.isdisjoint(self._longest):  # as of nearly all files
                return []
            return [name for longest in stems & self._longest for name in known[longest] if stems.issuperset(name)]
        self._looks += 1
        found = {stems_of_name(name) for name in self._beginning_like(stems)}
        return [name for name in found if name and stems.issuperset(name)]

    @property
    def are_worth_keeping(self) -> bool:
        """Whether the file was looked at several times, and its stems are not kept."""
        return self._kept is None and self._looks >= _LOOKS_BEFORE_KEPT

    def keep(self) -> None:
        """Find the stems of all names and keep them, each name under its longest stem. Idempotent.

        Sets of stems would take four times the memory.
        """
        if self._kept is not None:
            return
        found: dict[str, list[Stems]] = {}
        for stems in {stems_of_name(name) for name in self._nodes.defined()}:
            if stems:
                found.setdefault(max(stems, key=len), []).append(stems)
        self._longest = frozenset(found)
        self._kept = {longest: tuple(sets) for longest, sets in found.items()}

    def _beginning_like(self, stems: frozenset[str]) -> Iterable[str]:
        """Return the names whose words may all have one of the stems."""
        letters = "".join(sorted({stem[0] for stem in stems if stem[0].isascii() and stem[0].isalpha()}))
        found = set(_names_of(letters).findall(self._nodes.names))
        return [name for name in self._nodes.defined() if _stored(name) in found] if found else ()


@lru_cache(maxsize=100_000)
def stems_of_name(name: str) -> Stems:
    """Return the distinct stems of the words of a name, ascending."""
    return tuple(sorted({sys.intern(stem(word)) for word in words(name)}))


def _stored(name: str) -> bytes:
    """Return a name as packed nodes list it."""
    return name.lower().replace("\n", " ").encode("utf-8", "surrogatepass")


@lru_cache(maxsize=256)
def _names_of(letters: str) -> re.Pattern[bytes]:
    """Return an expression for the stored names in which every word begins with one of the letters.

    A word begins at the latest after a character that is neither a letter nor a digit, and with the
    same letter as its stem. Numbers and words of other scripts are not excluded; nor is the "v" of
    a version, which is not part of the word.
    """
    begins, inside, between = rb"[v0-9\x80-\xff%s]" % letters.encode(), rb"[a-z0-9\x80-\xff]*", rb"[^\na-z0-9\x80-\xff]"
    return re.compile(
        rb"(?<=\n)%b*(?:%b%b%b+)*%b%b%b*(?=\n)" % (between, begins, inside, between, begins, inside, between)
    )
