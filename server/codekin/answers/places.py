"""Search results as places to pack: at their current lines, with near-duplicates folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from codekin.answers.current import Reader
from codekin.answers.excerpts import Run, Sought, excerpt
from codekin.answers.packing import Place
from codekin.chunking import redact
from codekin.display import short_sha
from codekin.domain.roles import Role
from codekin.domain.search import SIMILAR, SearchResult
from codekin.domain.values import NodeKind, Skipped
from codekin.domain.words import identifiers
from codekin.searching.query.parsing import parse_query
from codekin.searching.snapshot.roles import role_of

_ALIKE_SHARE = 0.8
"""Shared lines, as a share of all lines of both, from which two places count as nearly the same."""
_LEAST_ALIKE_LINES = 4
_MAX_COMPARED = 60
_RECORDS = (NodeKind.COMMIT.value, NodeKind.PULL_REQUEST.value)
_CHANGED = "changed since it was indexed"


@dataclass(slots=True)
class _Kept:
    """A place with the text that later ones are compared with."""

    place: Place
    lines: frozenset[str]
    alike: list[str] = field(default_factory=list)


def sought_in(query: str) -> Sought:
    """Return the words and names that a query looks for; none if it is empty."""
    parsed = parse_query(query)
    return Sought(parsed.content_words, tuple(name for token in parsed.identifiers for name in identifiers(token)))


def places_of(results: Sequence[SearchResult], reader: Reader, sought: Sought, weak_share: float = 0.0) -> list[Place]:
    """Return the places of results in their order; those whose file vanished are left out.

    Places that score below `weak_share` of the best score are weak.
    """
    least = weak_share * max((result.score for result in results), default=0.0)
    kept: list[_Kept] = []
    for result in results:
        place = _place(result, reader, sought)
        if place is None:
            continue
        lines = _compared(result)
        same = next((item for item in kept[:_MAX_COMPARED] if _is_alike(item.lines, lines)), None)
        if same is None:
            kept.append(_Kept(replace(place, is_weak=result.score < least), lines))
        else:
            same.alike.append(place.where)
    return [replace(item.place, alike=tuple(item.alike)) for item in kept]


def _place(result: SearchResult, reader: Reader, sought: Sought) -> Place | None:
    symbol = redact(result.symbol)[0]
    if result.kind in _RECORDS:
        number = f"#{result.pull_request}" if result.pull_request else ""
        role = f"{result.kind.replace('_', ' ')} {number}".strip()
        note = ", ".join(filter(None, (_relation(result), result.author, result.day)))
        return Place(short_sha(result.commit), 0, 0, symbol, role, note)
    if result.kind == NodeKind.DIRECTORY.value:
        return Place(result.path or ".", 0, 0, "", "folder")
    if result.revision:
        return _of_revision(result, symbol, reader, sought)
    span = reader.span(result)
    if span is None:
        return None
    changed = _CHANGED if reader.is_changed(result.root, result.path) else ""
    note = ", ".join(filter(None, (_relation(result), changed)))

    def quote(count: int) -> tuple[Run, ...]:
        text = reader.text(result.root, result.path)
        if isinstance(text, Skipped):
            return ()
        return excerpt(text.lines, span.start, span.end, span.focus, sought, count)

    return Place(result.path, span.start, span.end, symbol, role_name(result), note, quote=quote)


def _of_revision(result: SearchResult, symbol: str, reader: Reader, sought: Sought) -> Place:
    """Return a place in another revision, whose text is read from git."""
    focus = result.focus.start_line if result.focus else result.start_line

    def quote(count: int) -> tuple[Run, ...]:
        lines = reader.at_revision(result.root, result.path, result.revision)
        return excerpt(lines, result.start_line, result.end_line, focus, sought, count)

    note = f"at {short_sha(result.revision)}"
    return Place(result.path, result.start_line, result.end_line, symbol, role_name(result), note, quote=quote)


def role_name(result: SearchResult) -> str:
    """Return what a file is for, such as "test"; "" for code."""
    role = Role.TEST if result.kind == NodeKind.TEST.value else role_of(result.path)
    return "" if role is Role.CODE else role.label.replace("_", " ")


def _relation(result: SearchResult) -> str:
    if not result.relation or result.relation == SIMILAR:
        return ""
    return f"{result.relation}: {result.reason}" if result.reason else result.relation


def _compared(result: SearchResult) -> frozenset[str]:
    if result.kind not in (NodeKind.CODE.value, NodeKind.TEST.value):
        return frozenset()
    return frozenset(stripped for line in result.snippet.splitlines() if (stripped := line.strip()))


def _is_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if min(len(one), len(other)) < _LEAST_ALIKE_LINES:
        return False
    return len(one & other) >= _ALIKE_SHARE * len(one | other)
