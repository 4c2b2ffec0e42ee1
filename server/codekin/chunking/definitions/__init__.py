"""Definitions in a syntax tree: their names, kinds and lines, wherever in the tree they are."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from codekin.chunking.definitions.finder import TOP, Finder, Found
from codekin.chunking.definitions.recovery import RECOVERABLE, readable
from codekin.chunking.definitions.rules import rules_of
from codekin.chunking.parsing import Syntax, parse_in_place_of

__all__ = ["Found", "definitions"]


def definitions(syntax: Syntax) -> list[Found]:
    """Every definition of a text, in the order of the text. Where the grammar fails, what is in its way is passed over."""
    finder = _visited(syntax)
    if syntax.grammar.parser in RECOVERABLE and (syntax.root.has_error or finder.misread):
        return _recovered(syntax, finder.found)
    return finder.found


def _visited(syntax: Syntax) -> Finder:
    finder = Finder(syntax, rules_of(syntax.grammar))
    finder.visit(syntax.root, TOP)
    return finder


def _recovered(syntax: Syntax, found: list[Found]) -> list[Found]:
    """The definitions of the readable text if there are more, and those of macros that the grammar does not read."""
    text = readable(syntax.source, syntax.grammar.parser)
    again = parse_in_place_of(syntax, text.source)
    if again is not None:
        more = _visited(again).found
        found = more if len(_names(more)) >= len(_names(found)) else found
    known = {item.name for item in found}
    if all(name in known for _, name in text.named):
        return found
    ends = [*accumulate(len(line) + 1 for line in syntax.source.split(b"\n"))]
    lines = ((bisect_right(ends, offset), name) for offset, name in text.named if name not in known)
    named = [Found(name, "function", line, line, line + 1, (), container=False) for line, name in lines]
    return sorted((*found, *named), key=lambda item: item.start_line)


def _names(found: list[Found]) -> set[tuple[str, str]]:
    return {(item.name, item.kind) for item in found}
