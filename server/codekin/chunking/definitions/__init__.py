"""Definitions in a syntax tree: their names, kinds and lines, wherever in the tree they are."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import LOCAL_LINES, TOP, Finder, Found
from codekin.chunking.definitions.recovery import RECOVERABLE, readable
from codekin.chunking.definitions.rules import rules_of
from codekin.chunking.definitions.unclosed import closed, errors
from codekin.chunking.parsing import Syntax, children, parse_in_place_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Found", "definitions"]

_BODIES = frozenset(("compound_statement", "block"))
_FUNCTIONS = frozenset(
    ("function_definition", "method_declaration", "constructor_declaration", "local_function_statement")
)


def definitions(syntax: Syntax) -> list[Found]:
    """Return every definition of a text, in the order of the text.

    Where the grammar fails, the text is parsed again with the brackets closed that it leaves open,
    or with the code blanked that the grammar cannot read.
    """
    finder = _visited(syntax)
    again = closed(syntax)
    if again is not None and (more := _visited(again)) and _is_clearer(more, finder):
        finder, syntax = more, again
    if syntax.grammar.parser in RECOVERABLE and (finder.misread or _loses(syntax.root, syntax.source)):
        return _recovered(syntax, finder.found)
    return finder.found


def _visited(syntax: Syntax) -> Finder:
    finder = Finder(syntax, rules_of(syntax.grammar))
    finder.visit(syntax.root, TOP)
    return finder


def _is_clearer(one: Finder, other: Finder) -> bool:
    """Return whether a tree has fewer errors than another, and hides no more names than that."""
    fewer = errors(other.syntax.root) - errors(one.syntax.root)
    return fewer > 0 and len(one.found) + fewer >= len(other.found)


def _loses(root: Node, source: bytes) -> bool:
    """Return whether an error in the tree may hide definitions.

    An error does so outside the bodies of functions, or in a body that continues past the end of
    its function.
    """
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        for child in children(node):
            if child.is_error or child.is_missing:
                return True
            if not child.has_error:
                continue
            if child.type not in _BODIES or node.type not in _FUNCTIONS:
                waiting.append(child)
            elif _goes_on(child, node, source):
                return True
    return False


def _goes_on(body: Node, function: Node, source: bytes) -> bool:
    """Return whether a body continues past the end of its function.

    The function ends at the first closing brace that is indented like the function. A function that
    does not begin its line has no indentation to compare, and the answer is True.
    """
    begin = source.rfind(b"\n", 0, function.start_byte) + 1
    indentation = source[begin : function.start_byte]
    return (
        indentation.strip() != b"" or source.find(b"\n" + indentation + b"}", body.start_byte, body.end_byte - 1) >= 0
    )


def _recovered(syntax: Syntax, found: list[Found]) -> list[Found]:
    """Return the definitions of the readable text, or `found` if the readable text has fewer names.

    Names that are defined by macros, which the grammar does not read, are added.
    """
    text = readable(syntax.source, syntax.grammar.parser)
    again = parse_in_place_of(syntax, text.source)
    if again is not None:
        more = _with_locals(_visited(again).found, found)
        found = more if len(_names(more)) >= len(_names(found)) else found
    known = {item.name for item in found}
    if all(name in known for _, name, _ in text.named):
        return found
    ends = [*accumulate(len(line) + 1 for line in syntax.source.split(b"\n"))]
    named = []
    for offset, name, kind in text.named:
        if name not in known:
            line = bisect_right(ends, offset)
            named.append(Found(name, kind, line, line, line + 1, (), container=False))
    return sorted((*found, *named), key=lambda item: item.start_line)


def _with_locals(found: list[Found], before: list[Found]) -> list[Found]:
    """Return the definitions, with those found before in the bodies of functions.

    The bodies are blank in the readable text, so the second parse cannot find them.
    """
    known = {(item.name, item.line) for item in found}
    functions = [item for item in found if not item.container and item.end_line - item.start_line > LOCAL_LINES]
    begins = [item.start_line for item in functions]
    local = []
    for item in before:
        around = bisect_right(begins, item.start_line - 1) - 1
        if around >= 0 and item.end_line < functions[around].end_line and (item.name, item.line) not in known:
            local.append(item)
    return sorted((*found, *local), key=lambda item: item.start_line) if local else found


def _names(found: list[Found]) -> set[str]:
    return {item.name for item in found}
