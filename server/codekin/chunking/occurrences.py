"""Where a name occurs in code, outside comments and strings, and in which definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codekin.chunking.definitions import Found, definitions
from codekin.chunking.languages import grammar_of, language_of
from codekin.chunking.lines import split_lines
from codekin.chunking.parsing import LIMIT_S, Syntax, has_parser, parse

if TYPE_CHECKING:
    from tree_sitter import Node

_TEXT = re.compile(
    r"(?!(?:bitstring|herestring_redirect|heredoc_redirect|string_get_expression|key_path_string_expression)$)"
    r".*(?:comment|string|str_lit|haddock|heredoc|nowdoc|regex|rune_literal|quoted_content|quasiquote|text_interpolation)"
    r"|char",
    re.IGNORECASE,
)
"""The node types of comments, strings and characters in all grammars."""
_CODE = re.compile(
    r"interpolation(?:_expression)?$|string_interpolation$|interpolated_(?:expression|identifier)$|raw_str_interpolation$"
    r"|template_(?:substitution|type)$|(?:command|process)_substitution$|(?:simple_|arithmetic_)?expansion$"
    r"|variable(?:_name)?$|sub_expression$"
)
"""The node types of code within a string, such as `{name}` in an f-string."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The lines on which a word is in code, 0-based, and the definitions of the file."""

    code: frozenset[int]
    definitions: Sequence[Found]

    def around(self, line: int) -> Found | None:
        """Return the innermost definition that contains a line."""
        found = [item for item in self.definitions if item.start_line <= line < item.end_line]
        return min(found, key=lambda item: item.end_line - item.start_line, default=None)


def occurrences_of(path: str, text: str, word: re.Pattern[str], limit_s: float = LIMIT_S) -> Occurrences | None:
    """Return where a word occurs in a file.

    None if there is no grammar for the file, or parsing takes longer than `limit_s`.
    """
    lines = split_lines(text)
    language = grammar_of(path, language_of(path, lines[0] if lines else ""), text)
    if not has_parser(language) or text.count("\r") != text.count("\r\n"):
        return None
    syntax = parse(text, language, limit_s)
    if syntax is None:
        return None
    code = frozenset(line for line, start, end in _matches(lines, word) if not _is_text(syntax, start, end))
    return Occurrences(code, definitions(syntax))


def _matches(lines: list[str], word: re.Pattern[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the line of each match with its first byte and the byte after its last one."""
    before = 0
    for number, line in enumerate(lines):
        for match in word.finditer(line):
            start = before + _bytes(line[: match.start()])
            yield number, start, start + _bytes(match[0])
        before += _bytes(line)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _is_text(syntax: Syntax, start: int, end: int) -> bool:
    """Return whether bytes are in a comment or in a string, and not in code within that string."""
    node: Node | None = syntax.root.descendant_for_byte_range(start, end)
    while node is not None:
        if _CODE.match(node.type):
            return False
        if node.is_named and _TEXT.match(node.type):
            return True
        node = node.parent
    return False
