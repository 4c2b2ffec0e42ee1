"""Cut a file around definitions, large ones within, and merge small neighbours."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise

from codekin.chunking.definitions import Found
from codekin.chunking.finding import breaks, found_in
from codekin.chunking.languages import language_of
from codekin.chunking.lines import split_lines
from codekin.chunking.parsing import LIMIT_S
from codekin.domain.paths import TEST_PATH
from codekin.domain.values import Chunk, Definition, NodeKind

CHUNKER_VERSION = "3"
"""Part of every content key, so chunks of two versions are always distinct."""

_LEADING = re.compile(
    r"^\s*(//|/\*|\*|#(?!\s*(?:if|ifdef|ifndef|else|endif|include|define)\b)|--|;;|%%|@|\[\w|\"\"\"|'''|\{-)"
)
_OPENING = re.compile(r"\s*(?://[/!]?|/\*+!?|\*+/?|#+!?|--+\s*\|?|;+|%+|\{-\|?|-\}|\"\"\"|''')\s?")
_CLOSINGS = ("*/", '"""', "'''")
_PLAIN_OPENING = "* "
"""How most lines of comments begin; their text follows directly."""
_MARKS = frozenset("/*#-;%@[\"'{")
"""First characters of what `_LEADING` matches, as a quick test."""


@dataclass(frozen=True, slots=True)
class ChunkSizes:
    """Limits of chunk sizes.

    A chunk is merged with its neighbours up to `merge_lines`, and is cut beyond `most_lines` or
    `most_characters` (a single line may be longer). `window_lines` is the size without syntax.
    """

    merge_lines: int = 12
    most_lines: int = 60
    most_characters: int = 2_600
    window_lines: int = 40


DEFAULT_SIZES = ChunkSizes()


@dataclass(slots=True)
class _Span:
    start: int
    end: int
    owner: Found | None


class _Text:
    """A text by its lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = split_lines(text)
        self._begins = [0, *accumulate(map(len, self.lines))]

    def characters(self, start: int, end: int) -> int:
        """Return the number of characters in lines [start, end)."""
        return self._begins[end] - self._begins[start]

    def of(self, start: int, end: int) -> str:
        """Return lines [start, end)."""
        return self.text[self._begins[start] : self._begins[end]]


class _Names:
    """Definitions by line, for looking up those of a chunk."""

    def __init__(self, found: list[Found]) -> None:
        self._definitions = [Definition(item.name, item.kind, item.line) for item in sorted(found, key=_line_of)]
        self._lines = [item.line for item in self._definitions]

    def within(self, start: int, end: int) -> tuple[Definition, ...]:
        """Return the definitions on lines [start, end)."""
        return tuple(self._definitions[bisect_left(self._lines, start) : bisect_left(self._lines, end)])


@dataclass(frozen=True, slots=True)
class Chunked:
    """Chunks in the order of the text.

    `trouble` says why they were cut without regard to syntax although there is a parser, else "".
    """

    chunks: list[Chunk]
    trouble: str = ""


def chunk_file(path: str, text: str, sizes: ChunkSizes = DEFAULT_SIZES) -> list[Chunk]:
    """Return chunks in the order of the text, which together contain every line that is not blank.

    Never raises for any text.
    """
    return chunked(path, text, sizes).chunks


def chunked(path: str, text: str, sizes: ChunkSizes = DEFAULT_SIZES, limit_s: float = LIMIT_S) -> Chunked:
    """Chunk a text, and report what went wrong.

    Time and memory are linear in the length of the text. Parsing ends after `limit_s`; with a limit
    of 0 nothing is parsed, and the text is cut by lines.
    """
    source = _Text(text)
    lines = source.lines
    language = language_of(path, lines[0] if lines else "")
    found = found_in(path, text, language, lines, limit_s)
    trouble = "" if found is not None else f"parsing took more than {limit_s:g} s"
    found = found or []
    cells = breaks(language, lines)
    spans = _broken(_spans(found, lines), cells)
    pieces = [piece for span in spans for piece in _cut(span, source, sizes)]
    merged = _merge(pieces, source, sizes, frozenset(cells))
    is_test = bool(TEST_PATH.search(path))
    named = _Names(found)
    return Chunked([_chunk(span, source, named, language, is_test=is_test) for span in merged], trouble)


def _spans(found: list[Found], lines: list[str]) -> list[_Span]:
    """Divide the file into spans without gaps.

    They are leaf definitions with the comments above them, and the lines between.
    """
    spans: list[_Span] = []
    line = 0
    containers: list[Found] = []
    leading = _Leading(lines)
    for item in sorted(found, key=lambda item: (item.start_line, -item.end_line)):
        start = item.start_line if item.kind == "section" else leading.above(item.start_line, line)
        if start > line:
            spans.append(_Span(line, start, _container_at(containers, line)))
            line = start
        if item.container:
            containers.append(item)
            continue
        end = min(item.end_line, len(lines))
        if end > line:
            spans.append(_Span(line, end, item))
            line = end
    if line < len(lines):
        spans.append(_Span(line, len(lines), _container_at(containers, line)))
    return spans


def _broken(spans: list[_Span], at: list[int]) -> list[_Span]:
    """Return the spans, cut at the given ascending lines unless that cuts a definition."""
    cut: list[_Span] = []
    for span in spans:
        inside = at[bisect_right(at, span.start) : bisect_left(at, span.end)]
        starts = inside if span.owner is None or span.owner.container else []
        bounds = [span.start, *starts, span.end]
        cut += (_Span(start, end, span.owner) for start, end in pairwise(bounds))
    return cut


def _container_at(containers: list[Found], line: int) -> Found | None:
    """Return the innermost container around a line.

    Lines are given in ascending order; containers that end before one are dropped.
    """
    place = len(containers) - 1
    while place >= 0:
        item = containers[place]
        if item.start_line <= line:
            if item.end_line > line:
                return item
            del containers[place]
        place -= 1
    return None


class _Leading:
    """The comments, attributes and decorators above definitions; each line is examined once."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._known = (0, 0)
        """The previous line, and the first line of the run of leading lines directly above it."""

    def above(self, start: int, floor: int) -> int:
        """Return the first line of the run that ends directly above a line, at least `floor`.

        Neither argument may decrease from call to call.
        """
        lines, (known, its_first) = self._lines, self._known
        start = min(start, len(lines))
        if start == known:
            return max(its_first, floor)
        first = start
        while first > floor and lines[first - 1].lstrip()[:1] in _MARKS and _LEADING.match(lines[first - 1]):
            first -= 1
            if first == known:
                first = max(its_first, floor)
                break
        self._known = (start, first)
        return first


def _cut(span: _Span, source: _Text, sizes: ChunkSizes) -> list[_Span]:
    """Cut a span into pieces of the maximum size.

    Cuts are where the indentation is smallest, preferably after a blank line.
    """
    lines = source.lines
    most = sizes.most_lines if span.owner else sizes.window_lines
    pieces: list[_Span] = []
    start = span.start
    while span.end - start > most or source.characters(start, span.end) > sizes.most_characters:
        limit = start + 1
        room = sizes.most_characters - len(lines[start])
        while limit < min(span.end, start + most) and room >= len(lines[limit]):
            room -= len(lines[limit])
            limit += 1
        if limit >= span.end:
            break
        cut = _best_cut(lines, start + max(1, (limit - start) // 2), limit)
        pieces.append(_Span(start, cut, span.owner))
        start = cut
    pieces.append(_Span(start, span.end, span.owner))
    return pieces


def _best_cut(lines: list[str], lowest: int, highest: int) -> int:
    """Return the line in [lowest, highest] at which a chunk should begin."""
    best, cost = highest, 1e9
    for line in range(highest, lowest - 1, -1):
        text = lines[line] if line < len(lines) else ""
        body = text.strip()
        if not body or body[0] in "})]" or body in ("end", "else", "else:"):
            continue
        indentation = len(text) - len(text.lstrip())
        after_blank = not lines[line - 1].strip()
        price = indentation - (3 if after_blank else 0)
        if price < cost:
            best, cost = line, price
    return best


def _merge(pieces: list[_Span], source: _Text, sizes: ChunkSizes, apart: frozenset[int]) -> list[_Span]:
    """Merge neighbours while they stay small; a blank span joins the one before it.

    A span that begins on a line in `apart` is not merged with what is before it.
    """
    lines = source.lines
    merged: list[_Span] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last and _is_blank(lines, piece.start, piece.end):
            last.end = piece.end
        elif last and piece.start not in apart and _fits(last, piece, source, sizes):
            last.owner = _common(last, piece)
            last.end = piece.end
        else:
            merged.append(_Span(piece.start, piece.end, piece.owner))
    return [trimmed for span in merged if (trimmed := _trim(span, lines)).end > trimmed.start]


def _fits(last: _Span, piece: _Span, source: _Text, sizes: ChunkSizes) -> bool:
    return (
        piece.end - last.start <= sizes.merge_lines
        and source.characters(last.start, piece.end) <= sizes.most_characters
    )


def _common(last: _Span, piece: _Span) -> Found | None:
    """Return the owner of two merged spans: one that contains the other, else the longer one."""
    one, other = last.owner, piece.owner
    if one is None or other is None or one is other:
        return one or other
    if one.container and other.scope[: len(one.scope) + 1] == (*one.scope, one.name):
        return one
    return one if last.end - last.start >= piece.end - piece.start else other


def _trim(span: _Span, lines: list[str]) -> _Span:
    start, end = span.start, span.end
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return _Span(start, end, span.owner)


def _chunk(span: _Span, source: _Text, named: _Names, language: str, *, is_test: bool) -> Chunk:
    owner = span.owner
    test = is_test or (owner is not None and owner.kind == "test")
    return Chunk(
        kind=NodeKind.TEST if test else NodeKind.CODE,
        language=language,
        start_line=span.start,
        end_line=span.end,
        text=source.of(span.start, span.end),
        symbol=".".join((*owner.scope, owner.name)) if owner else "",
        symbol_kind=owner.kind if owner else "",
        scope=owner.scope if owner else (),
        doc=_doc(source.lines[span.start : span.end]),
        definitions=named.within(span.start, span.end),
    )


def _doc(lines: list[str]) -> str:
    """Return the text of the comments among the lines, without their marks."""
    marked = [body for line in lines if (body := line.lstrip())[:1] in _MARKS]
    return "\n".join(filter(None, map(_comment_text, marked)))


def _comment_text(body: str) -> str:
    """Return the text of a comment line without indentation and marks.

    It is "" for an attribute, a decorator, or a line that is not a comment.
    """
    if body.startswith(_PLAIN_OPENING):
        text = body[len(_PLAIN_OPENING) :].rstrip()
    elif _LEADING.match(body) and (opening := _OPENING.match(body)):
        text = body[opening.end() :].rstrip()
    else:
        return ""
    if text.endswith(_CLOSINGS):
        closing = next(closing for closing in _CLOSINGS if text.endswith(closing))
        return text[: -len(closing)].rstrip()
    return text


def _line_of(item: Found) -> int:
    return item.line


def _is_blank(lines: list[str], start: int, end: int) -> bool:
    return not any(line.strip() for line in lines[start:end])
