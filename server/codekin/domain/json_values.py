"""The positions of the values of a JSON text, each with its path.

A JSON parser does not report them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError, loads

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A value at a path of keys and indices.

    `line` is the line of its key, or of its beginning if it has no key. `start_line` and `end_line`
    are the lines of its first and last character. Lines are 0-based. Its text is at [start, end).
    """

    path: tuple[str | int, ...]
    line: int
    start_line: int
    end_line: int
    start: int
    end: int


def json_values(text: str, deepest: int) -> Iterator[JsonValue]:
    """Yield the values whose paths have at most `deepest` parts, in the order in which they end.

    After an error in the text, values may be missing or misplaced. No text raises an exception. The
    time is linear in the length of the text.
    """
    walk = _Walk(text, deepest)
    for token in _TOKEN.finditer(text):
        value = walk.take(token.start(), token.end(), token.group())
        if value is not None:
            yield value


class _Walk:
    """Goes through the tokens of a text."""

    def __init__(self, text: str, deepest: int) -> None:
        self._ends = [found.end() for found in _LINE_END.finditer(text)]
        self._deepest = deepest
        self._path: list[str | int] = []
        self._opened: list[tuple[int, int]] = []
        """Per level, where its key begins, and where its value does."""
        self._key, self._key_at = "", 0
        self._waits = False
        """Whether a key was read whose value has not begun."""

    def take(self, start: int, end: int, said: str) -> JsonValue | None:
        """Return the value that ends with a token, if any."""
        path, named_at = self._path, self._key_at if self._waits else start
        if said in ("{", "["):
            self._opened.append((named_at, start))
            path.append("" if said == "{" else 0)
            self._waits = False
        elif said in ("}", "]"):
            if path:
                path.pop()
                return self._value(*self._opened.pop(), end)
        elif said in (",", ":"):
            self._separate(said)
        elif path and isinstance(path[-1], str) and not self._waits:
            self._key_at = start
            self._key = json_string(said) if len(path) <= self._deepest else ""
        else:
            self._waits = False
            return self._value(named_at, start, end)
        return None

    def _separate(self, mark: str) -> None:
        inner = self._path[-1] if self._path else None
        self._waits = mark == ":" and isinstance(inner, str)
        if self._waits:
            self._path[-1] = self._key
        elif mark == "," and isinstance(inner, int):
            self._path[-1] = inner + 1

    def _value(self, named_at: int, start: int, end: int) -> JsonValue | None:
        if len(self._path) > self._deepest:
            return None
        line, first, last = (bisect_right(self._ends, at) for at in (named_at, start, end - 1))
        return JsonValue(tuple(self._path), line, first, last, start, end)


def json_string(token: str) -> str:
    """Return the string that a token represents, or "" if it is not a string."""
    if len(token) < 2 or token[0] != '"':  # noqa: PLR2004 - two quotes
        return ""
    try:
        said = loads(token, strict=False)
    except JSONDecodeError:
        return ""
    return said if isinstance(said, str) else ""
