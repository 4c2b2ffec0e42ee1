"""Doc comments: which lines they take, what they say, and what they describe."""

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
"""A docstring begins at most this far below the line that names its definition: behind a long list of parameters."""
_ELIXIR_DOC = ("@doc", "@moduledoc")


@dataclass(frozen=True, slots=True)
class DocComment:
    """Lines [start_line, end_line) hold nothing but a comment, which describes the definition `name` on `line`."""

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
    """(doc comments, all definitions) of a source file; both empty where no grammar is at hand, or parsing takes too long."""
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
            said = _plain(lines[block.start_line : block.end_line])
            comments.append(DocComment(block.start_line, block.end_line, said, owner.name, owner.line))
    return comments, found


def _blocks(syntax: Syntax) -> Iterator[_Block]:
    """Comments and docstrings that begin their line, in the order of the text."""
    waiting = [syntax.root]
    while waiting:
        node = waiting.pop()
        inside = _is_docstring(node)
        if inside or "comment" in node.type or node.type == "haddock" or _is_attribute(syntax, node):
            end = node.end_point.row + (node.end_point.column > 0)
            if not _shares_its_line(node):
                yield _Block(node.start_point.row, max(end, node.start_point.row + 1), inside)
        else:
            waiting.extend(reversed(node.named_children))


def _is_docstring(node: Node) -> bool:
    """A string that is the first thing in a body: as a statement, or by itself, as grammars of Python differ."""
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
    """Line comments that follow one another are one."""
    merged: list[_Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if last and not last.inside and not block.inside and last.end_line == block.start_line:
            merged[-1] = replace(last, end_line=block.end_line)
        else:
            merged.append(block)
    return merged


def _described(block: _Block, found: list[Found]) -> Found | None:
    """The innermost definition around a docstring, or the one that begins right below a comment."""
    if block.inside:
        around = [item for item in found if item.line <= block.start_line < item.end_line]
        near = [item for item in around if block.start_line - item.line <= _FURTHEST_LINES]
        return near[-1] if near else None
    return next((item for item in found if block.end_line in (item.start_line, item.line)), None)


def _plain(lines: list[str]) -> str:
    return "\n".join(_ENDS.sub("", _MARKS.sub("", line.rstrip("\r\n"), count=1)) for line in lines).strip()
