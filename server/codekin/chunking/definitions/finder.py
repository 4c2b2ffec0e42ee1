"""The walk through a syntax tree that visits every node below which a definition may be.

The rules of a language say what its nodes mean. The walk visits the children of a node without a
rule. Within functions, it skips nodes with fewer lines than a definition needs there, which leaves
most of a tree unvisited.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from codekin.chunking.grammar import WORDS
from codekin.chunking.parsing import Syntax, children

if TYPE_CHECKING:
    from tree_sitter import Node

LOCAL_LINES = 4
"""A function or class within a function counts from this many lines on."""
_SHORTEST_LOCAL_BYTES = 24
_DEEPEST = 150
"""Levels of the tree; each takes two or three frames of Python's stack, which has 1,000."""
_DEEPEST_SCOPE = 24
_LEFT_OUT_IN_FUNCTIONS = frozenset(("constant", "variable", "declaration", "property", "field"))


class Level(IntEnum):
    """What counts as a definition at a place."""

    OPEN = 0
    """At the top of a file or a class: everything."""
    CALLBACK = 1
    """In a block or function that is passed to a call, such as a suite of tests.

    Constants and variables do not count.
    """
    LOCAL = 2
    """In a function: named functions and classes of some lines, and macros."""


@dataclass(frozen=True, slots=True)
class Found:
    """A definition over lines [start_line, end_line), with its name on `line`.

    Lines are 0-based. `scope` has the enclosing names, outermost first.
    """

    name: str
    kind: str
    line: int
    start_line: int
    end_line: int
    scope: tuple[str, ...]
    container: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where the walk is: the names around it, and what counts there."""

    scope: tuple[str, ...] = ()
    level: Level = Level.OPEN

    def within(self, *names: str, level: Level | None = None) -> Place:
        """Return the place inside the definitions with these names, outermost first."""
        named = tuple(filter(None, names)) if len(self.scope) < _DEEPEST_SCOPE else ()
        return Place((*self.scope, *named), self.level if level is None else level)


Rule = Callable[["Finder", "Node", Place, "Node"], None]
"""Takes a definition: (finder, node, place, the node whose lines are the definition's)."""
TOP = Place()


class Finder:
    """Collects the definitions of one tree."""

    def __init__(self, syntax: Syntax, rules: Mapping[str, Rule]) -> None:
        self.syntax = syntax
        self.found: list[Found] = []
        self._rules = rules
        self._words = _offsets(syntax.source, WORDS.get(syntax.grammar.parser, ()))
        self._depth = 0
        self.misread = False
        """Whether the grammar took something for what it is not."""
        self._last: dict[tuple[str, ...], int] = {}
        """Per scope, the place in `found` of its last definition."""

    def visit(self, node: Node, place: Place) -> None:
        """Look for definitions among the children of a node and below."""
        if self._depth >= _DEEPEST:
            return
        self._depth += 1
        rules, is_local = self._rules, place.level is Level.LOCAL
        for child in children(node):
            rule = rules.get(child.type)
            if rule is not None:
                if not is_local or child.type in _MACROS or not is_small(child):
                    rule(self, child, place, child)
            elif child.named_child_count and (not is_local or self.may_hold(child)):
                self.visit(child, place)
        self._depth -= 1

    def take(self, node: Node, place: Place, extent: Node) -> None:
        """Look for definitions at a node and below."""
        rule = self._rules.get(node.type)
        if rule is None:
            self.visit(node, place)
        elif place.level is not Level.LOCAL or not is_small(extent):
            rule(self, node, place, extent)

    def may_hold(self, node: Node) -> bool:
        """Whether there may be definitions in a node within a function."""
        start, end = node.start_byte, node.end_byte
        if end - start < _SHORTEST_LOCAL_BYTES:
            return False
        if self._words is not None:
            at = bisect_left(self._words, start)
            if at == len(self._words) or self._words[at] >= end:
                return False
        return not is_small(node)

    def add(self, name: str, kind: str, node: Node, place: Place, extent: Node, *, container: bool = False) -> bool:
        """Record a definition, and say whether it counts at its place."""
        if not name or (place.level is not Level.OPEN and kind in _LEFT_OUT_IN_FUNCTIONS):
            return False
        start, end = extent.start_point.row, extent.end_point
        end_line = max(end.row + (end.column > 0), start + 1)
        self._last[place.scope] = len(self.found)
        self.found.append(Found(name, kind, node.start_point.row, start, end_line, place.scope, container))
        return True

    def extends_last(self, name: str, kinds: frozenset[str], place: Place, extent: Node) -> bool:
        """Return whether this is another clause of the last definition of its scope.

        If so, that definition is extended to the end of the clause.
        """
        last = self._last.get(place.scope)
        if last is None or self.found[last].name != name or self.found[last].kind not in kinds:
            return False
        held = self.found[last]
        end = max(extent.end_point.row + (extent.end_point.column > 0), held.end_line)
        self.found[last] = Found(name, held.kind, held.line, held.start_line, end, held.scope, held.container)
        return True

    def text(self, node: Node | None) -> str:
        """Return the text of a node, or "" for None."""
        return self.syntax.text(node) if node is not None else ""


def _offsets(source: bytes, words: tuple[bytes, ...]) -> list[int] | None:
    """Return the sorted byte offsets of the words that mark definitions within a function.

    Return None for a language without such words.
    """
    if not words:
        return None
    found: list[int] = []
    for word in words:
        at = source.find(word)
        while at >= 0:
            found.append(at)
            at = source.find(word, at + 1)
    found.sort()
    return found


_MACROS = frozenset(("preproc_def", "preproc_function_def", "preproc_call"))


def is_small(node: Node) -> bool:
    """Whether a node has too few lines to hold a definition that counts within a function."""
    if node.end_byte - node.start_byte < _SHORTEST_LOCAL_BYTES:
        return True
    return node.end_point.row - node.start_point.row < LOCAL_LINES - 1
