"""Parse any text within a time limit.

Some texts make a parser slow without end, such as an opening quote repeated a hundred thousand
times or nesting that is never closed. The text is passed in small windows, between which other
threads can run. The tree does not depend on them. It would depend on time slices, which this
version of the parser also offers: it reconsiders its alternatives after each.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codekin.chunking.grammar import GRAMMARS, Grammar

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Point

LIMIT_S = 2.0
"""Maximum time to parse one text; a megabyte of ordinary code takes 0.1 to 0.3 s."""
_WINDOW_BYTES = 2_048
"""Size of a window. A token that fails everywhere in it is tried at each of its bytes.

That is quadratic, about 10 ms for 2 KB.
"""
_SMALLEST_WINDOW_BYTES = 32
_SLOW_S = 0.004
"""A window that takes longer is followed by a smaller one."""
_LONGEST_TEXT_BYTES = 400
_MANY_CHILDREN = 4_096
_windows: list[bytearray] = []
"""Windows that are not in use.

The binding never releases what a reader returned, so they are reused.
"""
_parsers: dict[tuple[str, float], list[Parser]] = {}
"""Parsers that are not in use, by language and limit; a parser serves one thread at a time."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A syntax tree with its text, from which the texts of nodes are read."""

    root: Node
    grammar: Grammar
    source: bytes
    ends: float = 0.0
    """When its time is up, on the monotonic clock."""

    def text(self, node: Node) -> str:
        """Return the text of a node, at most its first 400 bytes, which is enough for names."""
        start = node.start_byte
        return self.source[start : min(node.end_byte, start + _LONGEST_TEXT_BYTES)].decode("utf-8", "replace")


def children(node: Node) -> Iterable[Node]:
    """Return the named children.

    The children of a node with very many are created one by one, so that other threads can run.
    """
    return node.named_children if node.named_child_count <= _MANY_CHILDREN else _one_by_one(node)


def _one_by_one(node: Node) -> Iterator[Node]:
    cursor = node.walk()
    more = cursor.goto_first_child()
    while more:
        child = cursor.node
        if child is not None and child.is_named:
            yield child
        more = cursor.goto_next_sibling()


def has_parser(language: str) -> bool:
    """Return whether there is a grammar for a language."""
    if language not in GRAMMARS:
        return False
    parser = _take_parser(language, LIMIT_S)
    if parser is not None:
        _parsers[language, LIMIT_S].append(parser)
    return parser is not None


def parse(text: str, language: str, limit_s: float = LIMIT_S) -> Syntax | None:
    """Return the syntax of a text, or None if parsing takes longer than `limit_s`.

    The language must have a parser. Safe for concurrent use.
    """
    source = text.encode("utf-8", "replace")
    ends = time.monotonic() + limit_s
    root = _tree(source, language, limit_s, ends)
    return None if root is None else Syntax(root, GRAMMARS[language], source, ends)


def parse_in_place_of(syntax: Syntax, source: bytes) -> Syntax | None:
    """Return the syntax of a changed source, or None if the remaining time does not suffice.

    `source` has the length of the original source, but other bytes at some places. The texts of the
    nodes come from the original.
    """
    again = parse_changed(syntax, source)
    return again and replace(again, source=syntax.source)


def parse_changed(syntax: Syntax, source: bytes) -> Syntax | None:
    """Return the syntax of another source in the same language, or None as `parse_in_place_of`."""
    language = next(name for name, grammar in GRAMMARS.items() if grammar is syntax.grammar)
    root = _tree(source, language, LIMIT_S, syntax.ends)
    return None if root is None else Syntax(root, syntax.grammar, source, syntax.ends)


def _tree(source: bytes, language: str, limit_s: float, ends: float) -> Node | None:
    parser = _take_parser(language, limit_s)
    if parser is None:
        return None
    reader = _Reader(source, ends)
    try:
        tree = parser.parse(reader.read)
    except ValueError:  # it took too long without reading any text
        return None
    finally:
        parser.reset()
        _parsers[language, limit_s].append(parser)
        _windows.append(reader.window)
    return None if reader.late else tree.root_node


class _Reader:
    """Passes a text to a parser by windows; when the time is up, the text ends."""

    def __init__(self, source: bytes, ends: float) -> None:
        self._source = memoryview(source)
        self._ends = ends
        self._size = _WINDOW_BYTES
        self._given = time.monotonic()
        self.late = False
        self.window = _taken(_windows) or bytearray(_WINDOW_BYTES)

    def read(self, offset: int, _point: Point) -> bytearray | None:
        """Return the bytes at an offset; none at the end."""
        now = time.monotonic()
        self.late = self.late or now > self._ends
        if self.late:
            return None
        if now - self._given > _SLOW_S:
            self._size = max(self._size // 4, _SMALLEST_WINDOW_BYTES)
        elif self._size < _WINDOW_BYTES:
            self._size *= 2
        self._given = now
        self.window[:] = self._source[offset : offset + self._size]
        return self.window


def _taken(free: list[bytearray]) -> bytearray | None:
    try:
        return free.pop()
    except IndexError:
        return None


def _take_parser(language: str, limit_s: float) -> Parser | None:
    """Take a parser, which must be returned, or None if there is none for this language."""
    free = _parsers.setdefault((language, limit_s), [])
    try:
        return free.pop()
    except IndexError:
        return _new_parser(language, limit_s)


def _new_parser(language: str, limit_s: float) -> Parser | None:
    from tree_sitter_language_pack import get_parser  # noqa: PLC0415 - takes 50 ms, and not every process parses

    try:
        parser = get_parser(GRAMMARS[language].parser)  # type: ignore[arg-type]
    except LookupError:
        return None
    # The progress callback that replaces this option crashes the process in binding version 0.25.2.
    warnings.filterwarnings("ignore", "Use the progress_callback", DeprecationWarning)
    parser.timeout_micros = round(limit_s * 1e6)  # type: ignore[misc]  # it is read-only in the stubs only
    return parser
