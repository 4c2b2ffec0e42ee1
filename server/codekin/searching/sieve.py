"""Which trigrams a text must contain to match a literal or a regular expression.

A condition may be weaker than the pattern, never stronger: texts that pass are read and matched.
After Russ Cox, "Regular Expression Matching with a Trigram Index" (2012).
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from codekin.domain.ports import Mask
from codekin.storage import TRIGRAM, Condition, TrigramPart, folded

if sys.version_info >= (3, 11):
    from re import _constants as op  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
else:
    import sre_constants as op
    import sre_parse as parser

_MOST_STRINGS = 16
"""More alternatives at one place count as anything."""
_LONGEST_STRING = 64
_MOST_TRIGRAMS = 40
"""The rarest trigrams of a string; the others exclude hardly anything."""
_ESCAPED = re.compile(r"\\[^a-zA-Z0-9]")
_OTHER_SYNTAX = re.compile(
    r"\[\^?\[|\[[:.=]|\(\?[^:=!<#P>imsa-]|\(\?[a-zA-Z-]*[xVrbefpwW]|\{(?!\d+(,\d*)?\}|,\d+\})|\\[pPXRKGLmMhN]"
)
"""Syntax that `regex` and `re` understand differently, or that `re` does not know."""
_Run = frozenset[str]
_EMPTY: _Run = frozenset(("",))


@dataclass(frozen=True, slots=True)
class _All(Condition):
    """All of several conditions; of none, every text."""

    conditions: tuple[Condition, ...]

    def mask(self, part: TrigramPart) -> Mask:
        result = np.ones(len(part.keys), np.bool_)
        for condition in self.conditions:
            result &= condition.mask(part)
        return result


@dataclass(frozen=True, slots=True)
class _Any(Condition):
    """At least one of several conditions."""

    conditions: tuple[Condition, ...]

    def mask(self, part: TrigramPart) -> Mask:
        result = np.zeros(len(part.keys), np.bool_)
        for condition in self.conditions:
            result |= condition.mask(part)
        return result


@dataclass(frozen=True, slots=True)
class _Contains(Condition):
    """All trigrams of a string, of which there is at least one."""

    trigrams: tuple[int, ...]

    def mask(self, part: TrigramPart) -> Mask:
        result = np.ones(len(part.keys), np.bool_)
        for trigram in sorted(self.trigrams, key=part.size)[:_MOST_TRIGRAMS]:
            here = np.zeros(len(part.keys), np.bool_)
            here[part.rows(trigram)] = True
            result &= here
            if not result.any():
                break
        return result


EVERYTHING = _All(())


def condition_of_literal(text: str) -> Condition:
    """Return what a text that contains this one must contain, in any letter case."""
    return _contains(text)


def condition_of_regex(pattern: str) -> Condition:
    """Return what a text that matches must contain; EVERYTHING if that cannot be said."""
    if _OTHER_SYNTAX.search(_ESCAPED.sub("", pattern)):
        return EVERYTHING
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Syntax whose meaning will change is not relied upon.
            parsed = parser.parse(pattern)
    except (re.error, Warning, RecursionError, OverflowError):
        return EVERYTHING
    if parsed.state.flags & re.VERBOSE:
        return EVERYTHING
    walk = _Walk()
    walk.sequence(parsed.data)
    return walk.finished()


class _Walk:
    """Reads a sequence from left to right.

    `_run` are the strings that the text has at the current place, one of them for certain; when
    something unknown follows, they become a condition.
    """

    def __init__(self) -> None:
        self._run: _Run = _EMPTY
        self._found: list[Condition] = []

    def finished(self) -> Condition:
        """Return the condition of everything that was read."""
        self._end_run()
        return _all(self._found)

    @property
    def exact(self) -> _Run | None:
        """The strings that everything read so far stands for, or None if there are others."""
        return None if self._found else self._run

    def sequence(self, items: Sequence[tuple[Any, Any]]) -> None:
        """Read the parts of a parsed expression."""
        for kind, value in items:
            self._item(kind, value)

    def _item(self, kind: Any, value: Any) -> None:
        if kind is op.LITERAL:
            self._append(_characters([(op.LITERAL, value)]))
        elif kind is op.IN:
            self._append(_characters(value))
        elif kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
            return  # They take no characters, so that what is beside them stays together.
        elif kind is op.SUBPATTERN:
            self._group(value[-1])
        elif kind is getattr(op, "ATOMIC_GROUP", None):
            self._group(value)
        elif kind is op.BRANCH:
            self._branch(value[1])
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, getattr(op, "POSSESSIVE_REPEAT", None)):
            self._repeat(*value)
        else:
            self._append(None)

    def _group(self, items: Sequence[tuple[Any, Any]]) -> None:
        inner = _Walk()
        inner.sequence(items)
        if inner.exact is not None:
            self._append(inner.exact)
        else:
            self._end_run()
            self._found.append(inner.finished())

    def _branch(self, choices: Sequence[Sequence[tuple[Any, Any]]]) -> None:
        walks = []
        for choice in choices:
            walk = _Walk()
            walk.sequence(choice)
            walks.append(walk)
        strings = [walk.exact for walk in walks]
        known = [item for item in strings if item is not None]
        if len(known) == len(strings) and sum(map(len, known)) <= _MOST_STRINGS:
            self._append(frozenset().union(*known))
        else:
            self._end_run()
            self._found.append(_any([walk.finished() for walk in walks]))

    def _repeat(self, least: int, most: int, items: Sequence[tuple[Any, Any]]) -> None:
        inner = _Walk()
        inner.sequence(items)
        strings = inner.exact
        if strings is not None and (least, most) == (0, 1):
            self._append(strings | _EMPTY)
        elif strings is not None and least:
            self._append(strings)
            if most > 1:
                self._end_run()
                self._run = strings if least > 1 or most > 1 else _EMPTY
        else:
            self._end_run()
            if least:
                self._found.append(inner.finished())

    def _append(self, strings: _Run | None) -> None:
        """Continue the run with one of the strings; None stands for anything."""
        if strings is None or len(self._run) * len(strings) > _MOST_STRINGS:
            self._end_run()
            if strings is not None and len(strings) <= _MOST_STRINGS:
                self._run = strings
            return
        self._run = frozenset(map("".join, product(self._run, strings)))
        if max(map(len, self._run)) > _LONGEST_STRING:
            self._end_run()

    def _end_run(self) -> None:
        # Even an empty run means that what was read is not exact any more.
        self._found.append(_any([_contains(text) for text in sorted(self._run)]))
        self._run = _EMPTY


def _characters(items: Sequence[tuple[Any, Any]]) -> _Run | None:
    """Return the characters of a set, or None if they are many or outside ASCII."""
    found: set[str] = set()
    for kind, value in items:
        if kind is op.LITERAL:
            found.add(chr(value))
        elif kind is op.RANGE and value[1] - value[0] < _MOST_STRINGS:
            found.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    if not found or not all(item.isascii() for item in found):
        return None
    strings = frozenset(map(str.lower, found))
    return strings if len(strings) <= _MOST_STRINGS else None


def _contains(text: str) -> Condition:
    trigrams = tuple(dict.fromkeys(_trigrams(folded(text))))
    return _Contains(trigrams) if trigrams else EVERYTHING


def _trigrams(text: str) -> Iterator[int]:
    """Yield the trigrams that the index has of a folded text; see `trigrams_of`."""
    for at in range(len(text) - TRIGRAM + 1):
        part = text[at : at + TRIGRAM]
        if part.isascii() and "\n" not in part and "\r" not in part:
            yield int.from_bytes(part.encode(), "big")


def _all(conditions: Sequence[Condition]) -> Condition:
    needed = tuple(item for item in conditions if item != EVERYTHING)
    return needed[0] if len(needed) == 1 else _All(needed)


def _any(conditions: Sequence[Condition]) -> Condition:
    if len(conditions) == 1:
        return conditions[0]
    return EVERYTHING if EVERYTHING in conditions else _Any(tuple(conditions))
