"""Brackets that half-typed code leaves open, closed where its indentation ends.

A grammar takes everything below an open bracket for its content, so a function that is being typed
would give its name to all definitions below it. The indentation says where it ends: before the next
line that is indented no deeper than the line of the bracket. The missing brackets are inserted at
the end of a line, so the numbers of all lines stay exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codekin.chunking.parsing import Syntax, parse_changed

if TYPE_CHECKING:
    from tree_sitter import Node

_CLOSING = {"{": "}", "(": ")", "[": "]"}
_OPENING = {closing: opening for opening, closing in _CLOSING.items()}
_PREPROCESSED = frozenset(("c", "cpp", "objc"))
_ENDINGS = (b";", b":", b"{")
_MOST_OPEN = 64
"""With more open brackets, a text is not code that somebody is typing."""


@dataclass(frozen=True, slots=True)
class _Bracket:
    """An opening bracket. `indentation` is that of the line where its expression begins."""

    mark: str
    row: int
    indentation: int


def closed(syntax: Syntax) -> Syntax | None:
    """Return the syntax of the text with its open brackets closed, or None if there are none.

    C and C++ are left as they are: branches of their preprocessor may each open a bracket that one
    closes, and their recovery finds what is below an open one.
    """
    if not syntax.root.has_error or syntax.grammar.parser in _PREPROCESSED:
        return None
    rows = syntax.source.split(b"\n")
    left = _left_open(_brackets(syntax.root), list(map(_indentation, rows)))
    if not left or len(left) > _MOST_OPEN:
        return None
    return parse_changed(syntax, _with_closing(rows, left))


def _indentation(row: bytes) -> int:
    return len(row) - len(row.lstrip(b" \t"))


def _brackets(root: Node) -> Iterator[tuple[str, int, int]]:
    """Yield (bracket, row, column) in the order of the text, none of strings and comments."""
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is not None and not node.is_missing and (node.type[-1:] in _CLOSING or node.type in _OPENING):
            yield node.type[-1:], node.start_point.row, node.start_point.column
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return


def _left_open(brackets: Iterator[tuple[str, int, int]], indentations: list[int]) -> list[_Bracket]:
    """Return the brackets that nothing closes, in the order of the text."""
    waiting: list[_Bracket] = []
    left: list[_Bracket] = []
    begun = (-1, 0)  # a row, and the indentation of the expression that continues on it
    for mark, row, column in brackets:
        indentation = begun[1] if begun[0] == row else indentations[row]
        if mark in _CLOSING:
            waiting.append(_Bracket(mark, row, indentation))
            continue
        partner = _partner(waiting, mark, column if column == indentations[row] else None)
        if partner is not None:
            begun = (row, min(waiting[partner].indentation, indentation))
            left += waiting[partner + 1 :]
            del waiting[partner:]
    return sorted((*left, *waiting), key=lambda bracket: bracket.row)


def _partner(waiting: list[_Bracket], mark: str, column: int | None) -> int | None:
    """Return the place of the bracket that `mark` closes, if there is one.

    A closing bracket that begins its line at `column` closes one whose line has this indentation.
    """
    if column is not None:
        for place in range(len(waiting) - 1, max(-1, len(waiting) - 1 - _MOST_OPEN), -1):
            if waiting[place].mark == _OPENING[mark] and waiting[place].indentation == column:
                return place
    return len(waiting) - 1 if waiting and waiting[-1].mark == _OPENING[mark] else None


def _with_closing(rows: list[bytes], left: list[_Bracket]) -> bytes:
    """Return the text with a closing bracket for each open one, the innermost first."""
    changed = list(rows)
    inner: _Bracket | None = None
    place = (0, 0)
    for bracket in reversed(left):
        if inner is None or inner.row != bracket.row:
            place = _end_of(bracket, rows)
        row, after = place
        cut = len(changed[row]) - after
        changed[row] = changed[row][:cut] + _CLOSING[bracket.mark].encode() + changed[row][cut:]
        inner = bracket
    return b"\n".join(changed)


def _end_of(bracket: _Bracket, rows: list[bytes]) -> tuple[int, int]:
    """Return where a bracket ends: a row, and the number of bytes of it that follow.

    A parenthesis in the head of a block or in a statement that is complete ends on its own row.
    """
    text = rows[bracket.row].rstrip()
    if bracket.mark != "{" and text.endswith(_ENDINGS):
        return bracket.row, len(rows[bracket.row]) - len(text) + 1
    return _last_row(rows, bracket), 0


def _last_row(rows: list[bytes], bracket: _Bracket) -> int:
    """Return the row that ends the content of a bracket: a blank one if there is one.

    A comment at the end of another row would hide what is added there.
    """
    for row in range(bracket.row + 1, len(rows)):
        if rows[row].strip() and _indentation(rows[row]) <= bracket.indentation:
            return row - 1
    return len(rows) - 1


def errors(root: Node) -> int:
    """Return the number of errors in a tree. Errors within an error are not counted."""
    count = 0
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            count += 1
        elif node.has_error:
            waiting += node.children
    return count
