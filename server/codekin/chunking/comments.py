"""Doc comments: their lines, their text, and the definition that they describe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codekin.chunking.definitions import Found, definitions
from codekin.chunking.languages import grammar_of, language_of
from codekin.chunking.lines import split_lines
from codekin.chunking.parsing import Syntax, has_parser, parse

if TYPE_CHECKING:
    from tree_sitter import Node

_MARKS = re.compile(
    r"^\s*(?:///?!?|/\*+!?|\*+/?|#+!?|--+\s*\|?|;+|%+|\{-\s*\|?|@\w*doc\b\s*\w*|[rRbBuU]?(?:\"\"\"|'''|\"|'))?\s?"
)
_ENDS = re.compile(r"\s*(?:\*+/|-\}|\"\"\"|'''|\"|')?\s*$")
_FURTHEST_LINES = 12
"""Maximum distance of a docstring from its definition's name, for long lists of parameters."""
_ELIXIR_DOC = ("@doc", "@moduledoc")


@dataclass(frozen=True, slots=True)
class DocComment:
    """A comment that describes the definition `name` on `line`.

    Lines [start_line, end_line) contain nothing else.
    """

    start_line: int
    end_line: int
    text: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class _Block:
    start_line: int
    end_line: int
    inside: bool


def doc_comments(path: str, text: str) -> tuple[list[DocComment], list[Found]]:
    """Return (doc comments, all definitions) of a source file.

    Both are empty if there is no grammar or parsing takes too long.
    """
    lines = split_lines(text)
    language = grammar_of(path, language_of(path, lines[0] if lines else ""), text)
    syntax = parse(text, language) if "\r" not in text and has_parser(language) else None
    if syntax is None:
        return [], []
    found = definitions(syntax)
    comments: list[DocComment] = []
    for block in _merged(_blocks(syntax)):
        owner = _described(block, found)
        if owner is not None:
            comment = _plain(lines[block.start_line : block.end_line])
            comments.append(DocComment(block.start_line, block.end_line, comment, owner.name, owner.line))
    return comments, found


def _blocks(syntax: Syntax) -> Iterator[_Block]:
    """Yield comments and docstrings that begin their line, in the order of the text."""
    pending = [syntax.root]
    while pending:
        node = pending.pop()
        inside = _is_docstring(node)
        if inside or "comment" in node.type or node.type == "haddock" or _is_attribute(syntax, node):
            end = node.end_point.row + (node.end_point.column > 0)
            if not _shares_its_line(node):
                yield _Block(node.start_point.row, max(end, node.start_point.row + 1), inside)
        else:
            pending.extend(reversed(node.named_children))


def _is_docstring(node: Node) -> bool:
    """Return whether a node is a string at the beginning of a body.

    Depending on the grammar of Python it is a statement or the bare string.
    """
    string = node.named_children[0] if node.type == "expression_statement" and node.named_child_count == 1 else node
    within = node.parent
    return (
        string.type == "string"
        and node.prev_named_sibling is None
        and within is not None
        and within.type in ("block", "module")
    )


def _is_attribute(syntax: Syntax, node: Node) -> bool:
    return node.type == "unary_operator" and syntax.text(node).startswith(_ELIXIR_DOC)


def _shares_its_line(node: Node) -> bool:
    previous = node.prev_sibling
    return previous is not None and previous.end_point.row == node.start_point.row and previous.end_point.column > 0


def _merged(blocks: Iterator[_Block]) -> list[_Block]:
    """Merge consecutive line comments."""
    merged: list[_Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if last and not last.inside and not block.inside and last.end_line == block.start_line:
            merged[-1] = replace(last, end_line=block.end_line)
        else:
            merged.append(block)
    return merged


def _described(block: _Block, found: list[Found]) -> Found | None:
    """Return the innermost definition around a docstring, or the one directly below a comment."""
    if block.inside:
        around = [item for item in found if item.line <= block.start_line < item.end_line]
        near = [item for item in around if block.start_line - item.line <= _FURTHEST_LINES]
        return near[-1] if near else None
    return next((item for item in found if block.end_line in (item.start_line, item.line)), None)


def _plain(lines: list[str]) -> str:
    return "\n".join(_ENDS.sub("", _MARKS.sub("", line.rstrip("\r\n"), count=1)) for line in lines).strip()
