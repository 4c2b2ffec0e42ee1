"""The definitions of a file, whatever kind of file it is."""

from __future__ import annotations

import time
from dataclasses import replace

from codekin.chunking.definitions import Found, definitions
from codekin.chunking.languages import grammar_of, language_of
from codekin.chunking.outlines import EMBEDDING, outline
from codekin.chunking.outlines.embedded import CODE_BLOCKS, COMPONENT, RAZOR, Script, scripts
from codekin.chunking.outlines.notebooks import NOTEBOOK, cell_starts, code, headings
from codekin.chunking.parsing import has_parser, parse


def has_grammar(path: str, text: str) -> bool:
    """Return whether a parser would read the text of a file."""
    language = language_of(path, text[:200].split("\n", 1)[0])
    return language in EMBEDDING or language == NOTEBOOK or has_parser(language)


def found_in(path: str, text: str, language: str, lines: list[str], limit_s: float) -> list[Found] | None:
    """Return the definitions of a text, or None where parsing would exceed the limit."""
    listed = outline(path, language, lines)
    if listed is not None:
        return listed
    if text.count("\r") != text.count("\r\n"):
        return []  # a lone carriage return ends a line for editors and none for the parser
    if language in EMBEDDING:
        return _embedded(language, scripts(language, text), limit_s)
    if language == NOTEBOOK:
        defined = _embedded(language, code(lines), limit_s)
        return None if defined is None else [*headings(lines), *defined]
    found = _parsed(text, grammar_of(path, language, text), limit_s)
    return found and [item for item in found if item.start_line < len(lines)]


def breaks(language: str, lines: list[str]) -> list[int]:
    """Return the lines at which a text is cut though nothing is defined there: those of cells."""
    return cell_starts(lines) if language == NOTEBOOK else []


def _parsed(text: str, language: str, limit_s: float) -> list[Found] | None:
    if not has_parser(language):
        return []
    syntax = parse(text, language, limit_s) if limit_s > 0 else None
    return None if syntax is None else definitions(syntax)


def _embedded(language: str, parts: list[Script], limit_s: float) -> list[Found] | None:
    """Return the definitions of all scripts, or None if parsing them exceeds the shared limit."""
    found: list[Found] = []
    ends = time.monotonic() + limit_s
    for part in parts:
        more = _parsed(part.text, part.language, limit_s) if time.monotonic() < ends else None
        if more is None:
            return None
        inside = map(_outside, more) if language == RAZOR and part.language == CODE_BLOCKS else more
        found += (item for item in inside if item.name and item.line < part.end_line)
    return found


def _outside(item: Found) -> Found:
    """Return a definition without the class that was put around it.

    The definition of that class itself is returned with an empty name.
    """
    if item.scope[:1] == (COMPONENT,):
        return replace(item, scope=item.scope[1:])
    return replace(item, name="") if item.name == COMPONENT and not item.scope else item
