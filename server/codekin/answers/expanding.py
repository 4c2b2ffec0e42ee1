"""A place in more detail: the outline of a file, the definition around a line, or given lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codekin.answers.current import CurrentText, Reader
from codekin.answers.excerpts import shown_line
from codekin.answers.packing import Packed, Place
from codekin.answers.tokens import brief, count_tokens
from codekin.chunking import OutlineItem, outline_of
from codekin.display import visible
from codekin.domain.values import Skipped
from codekin.errors import SettingsError

_FOOTER_TOKENS = 40
_AROUND = 20
"""Lines before and after a line that is in no definition."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What to show of a file; lines count from 1, and the last one is included."""

    root: str
    path: str
    line: int | None
    end_line: int | None
    max_tokens: int


def expanded(reader: Reader, header: str, wanted: Expansion) -> Packed:
    """Return the outline of a file, or lines of it, within the budget. Blocking.

    Raises SettingsError if the file cannot be read, or has no such line.
    """
    text = reader.text(wanted.root, wanted.path)
    if isinstance(text, Skipped):
        raise SettingsError(f"{brief(wanted.path)} cannot be shown: {text.reason}.")
    if wanted.line is None:
        return _outline(text, header, wanted)
    if wanted.line > len(text.lines):
        raise SettingsError(
            f"{brief(wanted.path)} has {len(text.lines):,} lines, so there is no line {wanted.line:,}. To fix: pass a line "
            "of its outline."
        )
    if wanted.end_line is not None:
        return _lines(text, header, wanted, Place(wanted.path, wanted.line - 1, min(wanted.end_line, len(text.lines))))
    return _lines(text, header, wanted, _definition(text, wanted.path, wanted.line - 1))


def _outline(text: CurrentText, header: str, wanted: Expansion) -> Packed:
    items = [found for top in outline_of(wanted.path, "".join(text.lines)) for found in top.walk()]
    title = f"{header}\n{visible(wanted.path)}: {len(text.lines):,} lines, {len(items):,} definitions"
    shown = _prefix(title, [_outline_line(depth, item) for depth, item in items], wanted.max_tokens - _FOOTER_TOKENS)
    body = "\n".join([title, *(_outline_line(depth, item) for depth, item in items[:shown])])
    if shown < len(items):
        body += f"\n{len(items) - shown:,} more definitions from line {items[shown][1].line + 1}: raise max_tokens"
    return Packed(body, (Place(wanted.path, 0, len(text.lines)),), None)


def _outline_line(depth: int, item: OutlineItem) -> str:
    return f"{'  ' * depth}{item.start_line + 1}-{item.end_line} {item.kind} {visible(item.name)}"


def _definition(text: CurrentText, path: str, line: int) -> Place:
    """Return the innermost definition around a line, or some lines around it."""
    items = [item for top in outline_of(path, "".join(text.lines)) for _, item in top.walk()]
    around = [item for item in items if item.start_line <= line < item.end_line]
    if not around:
        return Place(path, max(0, line - _AROUND), min(len(text.lines), line + _AROUND + 1))
    best = min(around, key=lambda item: item.end_line - item.start_line)
    return Place(path, best.start_line, min(best.end_line, len(text.lines)), best.name, best.kind)


def _lines(text: CurrentText, header: str, wanted: Expansion, place: Place) -> Packed:
    facts = " ".join(filter(None, (visible(place.symbol), f"({place.role})" if place.role else "")))
    title = f"{header}\n{visible(place.where)}{f' {facts}' if facts else ''}\n@{place.start_line + 1}"
    lines = [shown_line(line) for line in text.lines[place.start_line : place.end_line]]
    shown = _prefix(title, lines, wanted.max_tokens - _FOOTER_TOKENS)
    end = place.start_line + shown
    body = "\n".join([title, *lines[:shown]])
    if end < place.end_line:
        body += f"\nCut at line {end}. For the rest: line={end + 1}, end_line={place.end_line}"
    return Packed(body, (Place(place.path, place.start_line, end, place.symbol, place.role),), None)


def _prefix(title: str, lines: Sequence[str], max_tokens: int) -> int:
    """Return how many of the lines fit under the title."""
    left = max_tokens - count_tokens(title)
    for number, line in enumerate(lines):
        left -= count_tokens(line) + 1
        if left < 0:
            return number
    return len(lines)
