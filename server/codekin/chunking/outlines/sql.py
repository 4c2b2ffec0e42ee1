"""What statements of SQL create: tables, views, functions, procedures, triggers, types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from codekin.chunking.definitions import Found
from codekin.chunking.lines import split_lines
from codekin.chunking.outlines.masking import Marks, masked

_LOOKED_AT = 600
_NAME = r"""(?:[\w$#@]+|"[^"\n]+"|`[^`\n]+`|\[[^\]\n]+\])"""
_CREATE = re.compile(
    r"\s*create\s+(?:or\s+(?:replace|alter)\s+)?"
    r"(?:(?:global|local|temp|temporary|unlogged|external|foreign|unique|clustered|nonclustered|materialized|recursive|virtual"
    r"|constraint|editionable|noneditionable|fulltext|definer\s*=\s*\S+|transient|force|algorithm\s*=\s*\w+|sql\s+security\s+\w+"
    r")\s+)*"
    r"(table|view|function|procedure|proc|trigger|type|domain|index|schema|sequence|aggregate|package(?:\s+body)?|event)\s+"
    rf"(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?({_NAME}(?:\s*\.\s*{_NAME})*)",
    re.IGNORECASE,
)
_PART = re.compile(_NAME)
_KINDS = {"proc": "procedure", "domain": "type", "package": "module", "aggregate": "function"}
_ROUTINES = frozenset(("function", "procedure", "trigger", "module", "event"))
_BEGINS = re.compile(r"\s{0,100}create\s", re.IGNORECASE)
_OVER = re.compile(r"(?:go|/|\$\$|//|end\b[^;]*;.*|end\b.*(?:\$\$|//)|delimiter\b.*)\s*\Z", re.IGNORECASE)
"""Ends a routine whose statements end with semicolons of their own: a line at the margin."""
_DOLLARS = tuple((mark, mark) for mark in ("$$", "$_$", "$body$", "$BODY$", "$function$", "$func$", "$procedure$"))
_DELIMITER = re.compile(r"^\s{0,100}delimiter\s", re.IGNORECASE | re.MULTILINE)
_QUOTED = Marks(("--",), (("/*", "*/"), *_DOLLARS), "'")
_DELIMITED = Marks(("--", "# "), (("/*", "*/"),), "'")
"""Of scripts for MySQL, where `$$` ends statements and quotes nothing."""


def created(lines: Sequence[str]) -> list[Found]:
    """Return what a script creates, in the order of the text."""
    text = "".join(lines)
    clear = masked(text, _DELIMITED if _DELIMITER.search(text) else _QUOTED)
    clear_lines = split_lines(clear)
    begins = [0, *accumulate(map(len, clear_lines))]
    starts = [number for number, line in enumerate(clear_lines) if _BEGINS.match(line)]
    found: list[Found] = []
    for place, number in enumerate(starts):
        statement = _CREATE.match(clear, begins[number], begins[number] + _LOOKED_AT)
        if statement is None:
            continue
        kind = statement.group(1).lower().split()[0]
        kind = _KINDS.get(kind, kind)
        *scope, name = (part.strip('"`[]') for part in _PART.findall(statement.group(2)))
        line = number + clear.count("\n", begins[number], statement.start(2))
        limit = starts[place + 1] if place + 1 < len(starts) else len(lines)
        end = _end(clear_lines, lines, number, limit, is_routine=kind in _ROUTINES)
        found.append(Found(name, kind, line, number, max(end, line + 1), tuple(scope), container=False))
    return found


def _end(clear: Sequence[str], lines: Sequence[str], start: int, limit: int, *, is_routine: bool) -> int:
    """Return the line after a statement.

    A routine ends with a semicolon at the end of a line only if its body is quoted.
    """
    for number in range(start, limit):
        line = clear[number]
        if is_routine and "$" in lines[number]:
            is_routine = not any(mark in lines[number] for mark, _ in _DOLLARS)
        if is_routine and _OVER.match(line[:_LOOKED_AT]):
            return number + 1 if line[:1] in "eE" else number
        if not is_routine and line.rstrip().endswith(";"):
            return number + 1
    return limit
