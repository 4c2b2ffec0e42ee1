"""Where a file is cut: around definitions, within big ones at the shallowest statements, small neighbours together."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

from codekin.chunking.definitions import Found, definitions
from codekin.chunking.languages import grammar_of, language_of
from codekin.chunking.lines import split_lines
from codekin.chunking.parsing import LIMIT_S, has_parser, parse
from codekin.domain.paths import TEST_PATH
from codekin.domain.values import Chunk, Definition, NodeKind

CHUNKER_VERSION = "3"
"""Part of every content key: chunks of two versions are never taken for the same."""

_HEADING = re.compile(r"(#{1,6})\s+(?=\S)")
_LONGEST_NAME = 200
_LEADING = re.compile(
    r"^\s*(//|/\*|\*|#(?!\s*(?:if|ifdef|ifndef|else|endif|include|define)\b)|--|;;|%%|@|\[\w|\"\"\"|'''|\{-)"
)
_OPENING = re.compile(r"\s*(?://[/!]?|/\*+!?|\*+/?|#+!?|--+\s*\|?|;+|%+|\{-\|?|-\}|\"\"\"|''')\s?")
_CLOSINGS = ("*/", '"""', "'''")
_PLAIN_OPENING = "* "
"""How most lines of comments begin; what is said on them begins right behind it."""
_MARKS = frozenset("/*#-;%@[\"'{")
"""First characters of what `_LEADING` matches, as a quick test."""
_SECTIONED = frozenset(("markdown", "restructuredtext", "asciidoc"))


@dataclass(frozen=True, slots=True)
class ChunkSizes:
    """A chunk grows by its neighbours up to `merge_lines`, and is cut beyond `most_lines` or `most_characters` (one line
    may be longer). `window_lines` is the size where there is no syntax to go by.
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
        """How many there are in lines [start, end)."""
        return self._begins[end] - self._begins[start]

    def of(self, start: int, end: int) -> str:
        """Lines [start, end)."""
        return self.text[self._begins[start] : self._begins[end]]


class _Names:
    """Definitions by line, to be cut into runs."""

    def __init__(self, found: list[Found]) -> None:
        self._definitions = [Definition(item.name, item.kind, item.line) for item in sorted(found, key=_line_of)]
        self._lines = [item.line for item in self._definitions]

    def within(self, start: int, end: int) -> tuple[Definition, ...]:
        """Those on lines [start, end)."""
        return tuple(self._definitions[bisect_left(self._lines, start) : bisect_left(self._lines, end)])


@dataclass(frozen=True, slots=True)
class Chunked:
    """Chunks in the order of the text. `trouble` says why they were cut without regard to syntax that there is a parser for, "" if
    they were not.
    """

    chunks: list[Chunk]
    trouble: str = ""


def chunk_file(path: str, text: str, sizes: ChunkSizes = DEFAULT_SIZES) -> list[Chunk]:
    """Chunks in the order of the text; together they hold every line that is not blank. Never raises for any text."""
    return chunked(path, text, sizes).chunks


def chunked(path: str, text: str, sizes: ChunkSizes = DEFAULT_SIZES, limit_s: float = LIMIT_S) -> Chunked:
    """Chunk a text, and say what came in between.

    Time and memory grow with the length of the text and no faster. Parsing ends after `limit_s`; a limit of 0 parses nothing,
    which cuts the text by lines.
    """
    whole = _Text(text)
    lines = whole.lines
    language = language_of(path, lines[0] if lines else "")
    found = _definitions(text, grammar_of(path, language, text), lines, limit_s)
    trouble = "" if found is not None else f"parsing takes more than {limit_s:g} s"
    found = found or []
    spans = _spans(found, lines)
    pieces = [piece for span in spans for piece in _cut(span, whole, sizes)]
    merged = _merge(pieces, whole, sizes)
    is_test = bool(TEST_PATH.search(path))
    named = _Names(found)
    return Chunked([_chunk(span, whole, named, language, is_test=is_test) for span in merged], trouble)


def has_grammar(path: str, text: str) -> bool:
    """Whether a parser would look at the text of a file."""
    return has_parser(language_of(path, text[:200].split("\n", 1)[0]))


def _definitions(text: str, language: str, lines: list[str], limit_s: float) -> list[Found] | None:
    """Return the definitions of a text, or None where parsing would exceed the limit."""
    if language in _SECTIONED:
        return _sections(lines)
    if not has_parser(language) or (text.count("\r") != text.count("\r\n")):
        return []  # a lone carriage return ends a line for editors and none for the parser
    syntax = parse(text, language, limit_s) if limit_s > 0 else None
    if syntax is None:
        return None
    last = len(lines)
    return [item for item in definitions(syntax) if item.start_line < last]


def _sections(lines: list[str]) -> list[Found]:
    """Headings of Markdown, each a section up to the next one."""
    found: list[Found] = []
    scope: list[tuple[int, str]] = []
    fenced = False
    for number, line in enumerate(lines):
        if line.startswith(("```", "~~~")):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line)
        if heading:
            level, title = len(heading.group(1)), _title(line[heading.end() :])
            scope = [(depth, above) for depth, above in scope if depth < level]
            names = tuple(above for _, above in scope)
            found.append(Found(title, "section", number, number, number + 1, names, container=True))
            scope.append((level, title))
    return found


def _title(text: str) -> str:
    """What a heading says, without the marks that may close it."""
    said = text.rstrip()
    return (said.rstrip("#").rstrip() or said[0])[:_LONGEST_NAME]


def _spans(found: list[Found], lines: list[str]) -> list[_Span]:
    """The whole file as spans without gaps: leaf definitions with the comments above them, and what lies between."""
    spans: list[_Span] = []
    line = 0
    holders: list[Found] = []
    leading = _Leading(lines)
    for item in sorted(found, key=lambda item: (item.start_line, -item.end_line)):
        start = leading.above(item.start_line, line)
        if start > line:
            spans.append(_Span(line, start, _holder(holders, line)))
            line = start
        if item.container:
            holders.append(item)
            continue
        end = min(item.end_line, len(lines))
        if end > line:
            spans.append(_Span(line, end, item))
            line = end
    if line < len(lines):
        spans.append(_Span(line, len(lines), _holder(holders, line)))
    return spans


def _holder(holders: list[Found], line: int) -> Found | None:
    """The innermost container around a line; sections of prose run up to the next one. Lines are asked for in ascending order:
    what ended before one is dropped.
    """
    place = len(holders) - 1
    while place >= 0:
        item = holders[place]
        if item.start_line <= line:
            if item.end_line > line or item.kind == "section":
                return item
            del holders[place]
        place -= 1
    return None


class _Leading:
    """The comments, attributes and decorators above definitions, each line looked at once."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._known = (0, 0)
        """A line that was asked about before, and the first of the run of leading lines that ends right above it."""

    def above(self, start: int, floor: int) -> int:
        """First line of the run that ends right above a line, not before `floor`. Both must never become smaller."""
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


def _cut(span: _Span, whole: _Text, sizes: ChunkSizes) -> list[_Span]:
    """Pieces of at most the largest size, cut where the indentation is smallest, preferably after a blank line."""
    lines = whole.lines
    most = sizes.most_lines if span.owner else sizes.window_lines
    pieces: list[_Span] = []
    start = span.start
    while span.end - start > most or whole.characters(start, span.end) > sizes.most_characters:
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
    """The line in [lowest, highest] that is best to begin a chunk with."""
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


def _merge(pieces: list[_Span], whole: _Text, sizes: ChunkSizes) -> list[_Span]:
    """Neighbours grow together while they stay small; a span without any text joins the one before it."""
    lines = whole.lines
    merged: list[_Span] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last and (_fits(last, piece, whole, sizes) or _is_blank(lines, piece.start, piece.end)):
            last.owner = _common(last, piece)
            last.end = piece.end
        else:
            merged.append(_Span(piece.start, piece.end, piece.owner))
    return [trimmed for span in merged if (trimmed := _trim(span, lines)).end > trimmed.start]


def _fits(last: _Span, piece: _Span, whole: _Text, sizes: ChunkSizes) -> bool:
    return (
        piece.end - last.start <= sizes.merge_lines and whole.characters(last.start, piece.end) <= sizes.most_characters
    )


def _common(last: _Span, piece: _Span) -> Found | None:
    """Whose chunk it is when two spans are one: the one that holds the other, else the longer one."""
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


def _chunk(span: _Span, whole: _Text, named: _Names, language: str, *, is_test: bool) -> Chunk:
    owner = span.owner
    test = is_test or (owner is not None and owner.kind == "test")
    return Chunk(
        kind=NodeKind.TEST if test else NodeKind.CODE,
        language=language,
        start_line=span.start,
        end_line=span.end,
        text=whole.of(span.start, span.end),
        symbol=".".join((*owner.scope, owner.name)) if owner else "",
        symbol_kind=owner.kind if owner else "",
        scope=owner.scope if owner else (),
        doc=_doc(whole.lines[span.start : span.end]),
        definitions=named.within(span.start, span.end),
    )


def _doc(lines: list[str]) -> str:
    """What the comments among the lines say, their marks taken off."""
    marked = [body for line in lines if (body := line.lstrip())[:1] in _MARKS]
    return "\n".join(filter(None, map(_said, marked)))


def _said(body: str) -> str:
    """A line of a comment, its indentation taken off, without its marks; "" for an attribute, a decorator, or what is no comment."""
    if body.startswith(_PLAIN_OPENING):
        said = body[len(_PLAIN_OPENING) :].rstrip()
    elif _LEADING.match(body) and (opening := _OPENING.match(body)):
        said = body[opening.end() :].rstrip()
    else:
        return ""
    if said.endswith(_CLOSINGS):
        closing = next(closing for closing in _CLOSINGS if said.endswith(closing))
        return said[: -len(closing)].rstrip()
    return said


def _line_of(item: Found) -> int:
    return item.line


def _is_blank(lines: list[str], start: int, end: int) -> bool:
    return not any(line.strip() for line in lines[start:end])
