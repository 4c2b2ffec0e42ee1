"""Headings of prose as sections: Markdown, reStructuredText, AsciiDoc and Org.

A section reaches to the next heading of its level or a higher one. No expression examines more than
the first 1,000 characters of a line, so the time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from codekin.chunking.definitions import Found

_LONGEST_NAME = 200
_LOOKED_AT = 1_000
"""Maximum number of characters of a line to examine. A heading is shorter."""
_DEEPEST = 24
_MARKDOWN_HEADING = re.compile(r"[ ]{0,3}(#{1,6})\s+(?=\S)")
_HTML_HEADING = re.compile(r"[ ]{0,3}<h([1-6])(?:\s[^<>]*)?>", re.IGNORECASE)
_HTML_CLOSING = re.compile(r"</h[1-6]>", re.IGNORECASE)
_HTML_TAG = re.compile(r"<[^<>]*>")
_HTML_HEADING_LINES = 6
"""Maximum number of lines that a heading in HTML may have."""
_FENCE = re.compile(r"[ ]{0,3}(`{3,}(?=[^`]*\Z)|~{3,})")
_MARKDOWN_PARAGRAPH = re.compile(r"[ ]{0,3}(?=\S)(?![-*+]\s|\d{1,9}[.)]\s|[#>|<`~=\s]|\[[^\]]*\]:|-+\s*\Z|\*+\s*\Z)")
"""Text that can be an underlined heading."""
_ASCIIDOC_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(?=\S)")
_ASCIIDOC_LEVELS = {"=": 1, "-": 2, "~": 3, "^": 4, "+": 5}
_ASCIIDOC_FENCES = frozenset("-.=*_+/")
_ORG_HEADING = re.compile(
    r"(\*+)[ \t]+(?:(?:TODO|DONE|NEXT|WAITING|HOLD|CANCELLED|CANCELED)[ \t]+)?(?:\[#\w\][ \t]+)?(?=\S)"
)
_ORG_TAGS = re.compile(r"[ \t]:[\w@#%:]+:\Z")
_RST_ADORNMENTS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_SHORTEST_ADORNMENT = 2
_LONG_ADORNMENT = 4
"""Length from which an adornment makes any text a title.

A shorter adornment must be as long as the text.
"""


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    title: str
    start_line: int
    line: int


def sections(language: str, lines: Sequence[str]) -> list[Found]:
    """Return the sections of a text in the order of their headings."""
    found: list[Found] = []
    open_at: list[tuple[int, int]] = []
    """(level, place in `found`) of the headings that the current line is under."""
    for heading in _HEADINGS[language](lines):
        while open_at and (open_at[-1][0] >= heading.level or len(open_at) >= _DEEPEST):
            _end(found, open_at.pop()[1], heading.start_line)
        scope = tuple(found[place].name for _, place in open_at)
        open_at.append((heading.level, len(found)))
        found.append(
            Found(heading.title, "section", heading.line, heading.start_line, len(lines), scope, container=True)
        )
    return found


def _end(found: list[Found], place: int, end_line: int) -> None:
    item = found[place]
    found[place] = Found(item.name, item.kind, item.line, item.start_line, end_line, item.scope, container=True)


def _markdown(lines: Sequence[str]) -> Iterator[_Heading]:
    fence, hidden_until = "", ""
    previous, before = "", ""
    """The line above and the one above that; "" for what cannot belong to a heading."""
    for number in range(_behind_front_matter(lines), len(lines)):
        line = lines[number][:_LOOKED_AT].rstrip()
        if fence or hidden_until:
            fence = "" if fence and _closes(line, fence) else fence
            hidden_until = "" if hidden_until and hidden_until in lines[number] else hidden_until
            before = previous = ""
            continue
        fenced, heading = _FENCE.match(line), _MARKDOWN_HEADING.match(line)
        if fenced:
            fence, line = fenced.group(1), ""
        elif line.lstrip().startswith("<!--") and "-->" not in lines[number]:
            hidden_until, line = "-->", ""
        elif heading:
            yield _Heading(len(heading.group(1)), _title(line[heading.end() :]), number, number)
            line = ""
        elif html := _HTML_HEADING.match(line):
            if title := _html_title(lines, number, html.end()):
                yield _Heading(int(html.group(1)), title, number, number)
            line = ""
        elif level := _underline(line):
            if not before and _MARKDOWN_PARAGRAPH.match(previous):
                yield _Heading(level, _title(previous), number - 1, number - 1)
            line = ""
        before, previous = previous, line


def _html_title(lines: Sequence[str], number: int, begin: int) -> str:
    """Return the text of a heading whose tag ends at `begin`, "" if it is not closed."""
    end = min(number + _HTML_HEADING_LINES, len(lines))
    text = "\n".join((lines[number][begin:_LOOKED_AT], *(lines[at][:_LOOKED_AT] for at in range(number + 1, end))))
    closing = _HTML_CLOSING.search(text)
    title = " ".join(_HTML_TAG.sub("", text[: closing.start()]).split()) if closing else ""
    return _title(title) if title else ""


def _closes(line: str, fence: str) -> bool:
    body = line.strip()
    return body.startswith(fence) and not body.strip(fence[0])


def _underline(line: str) -> int:
    """Return the level of the heading that a line of Markdown underlines, or 0 for none."""
    body = line.strip()
    if len(body) < _SHORTEST_ADORNMENT or line.startswith("    "):
        return 0
    return 1 if not body.strip("=") else 2 if not body.strip("-") else 0


def _behind_front_matter(lines: Sequence[str]) -> int:
    """Return the first line after the YAML or TOML that a page may begin with."""
    mark = lines[0].rstrip() if lines else ""
    if mark not in ("---", "+++"):
        return 0
    return next((number + 1 for number in range(1, len(lines)) if lines[number].rstrip() == mark), 0)


def _restructuredtext(lines: Sequence[str]) -> Iterator[_Heading]:
    levels: dict[tuple[str, bool], int] = {}
    number = 0
    while number < len(lines):
        title = lines[number][:_LOOKED_AT].rstrip()
        below = _adornment(lines, number + 1)
        over = _adornment(lines, number - 1) if number else ""
        is_over = bool(over) and over == below
        if below and _is_rst_title(title, below, is_over=is_over) and (is_over or _is_blank(lines, number - 1)):
            level = levels.setdefault((below[0], is_over), len(levels) + 1)
            yield _Heading(level, title.strip()[:_LONGEST_NAME], number - is_over, number)
            number += 1
        number += 1


def _adornment(lines: Sequence[str], number: int) -> str:
    """Return a line that consists of one repeated mark, or "" for any other line."""
    line = lines[number].rstrip() if number < len(lines) else ""
    is_one = len(line) >= _SHORTEST_ADORNMENT and line[0] in _RST_ADORNMENTS and not line.strip(line[0])
    return line if is_one else ""


def _is_rst_title(title: str, below: str, *, is_over: bool) -> bool:
    if not title or title.startswith(".. ") or not any(map(str.isalnum, title)) or (title[0].isspace() and not is_over):
        return False
    return len(below) >= _LONG_ADORNMENT or len(below) >= len(title)


def _is_blank(lines: Sequence[str], number: int) -> bool:
    return number < 0 or lines[number].isspace()


def _asciidoc(lines: Sequence[str]) -> Iterator[_Heading]:
    block = previous = ""
    for number, whole in enumerate(lines):
        line = whole[:_LOOKED_AT].rstrip()
        is_fence = _is_asciidoc_fence(line)
        if block:
            block = "" if line == block else block
            line = ""
        elif heading := _ASCIIDOC_HEADING.match(line):
            yield _Heading(len(heading.group(1)), _title(line[heading.end() :], line[0]), number, number)
            line = ""
        elif is_fence and _underlines(previous, line):
            yield _Heading(_ASCIIDOC_LEVELS[line[0]], _title(previous), number - 1, number - 1)
            line = ""
        elif is_fence and line[0] not in "~^":
            block, line = line, ""
        previous = line


def _is_asciidoc_fence(line: str) -> bool:
    if line.startswith("```"):
        return True
    is_mark = line[:1] in _ASCIIDOC_FENCES or line[:1] in _ASCIIDOC_LEVELS
    return is_mark and len(line) >= _LONG_ADORNMENT and not line.strip(line[0])


def _underlines(title: str, line: str) -> bool:
    """Return whether a line of marks underlines the title above it.

    Such a line is about as long as the title, unlike the beginning of a block.
    """
    if line[0] not in _ASCIIDOC_LEVELS or not title or title[0] in ".[|:/ \t" or not any(map(str.isalnum, title)):
        return False
    return abs(len(title) - len(line)) <= 1


def _org(lines: Sequence[str]) -> Iterator[_Heading]:
    for number, line in enumerate(lines):
        heading = _ORG_HEADING.match(line[:_LOOKED_AT]) if line.startswith("*") else None
        if heading:
            said = line[heading.end() : _LOOKED_AT].rstrip()
            title = _ORG_TAGS.sub("", said).rstrip() or said
            yield _Heading(min(len(heading.group(1)), _DEEPEST), title[:_LONGEST_NAME], number, number)


def _title(text: str, mark: str = "#") -> str:
    """Return the text of a heading, without the marks that may close it."""
    said = text.strip()
    return (said.rstrip(mark).rstrip() or said[0])[:_LONGEST_NAME]


_HEADINGS: dict[str, Callable[[Sequence[str]], Iterator[_Heading]]] = {
    "markdown": _markdown,
    "restructuredtext": _restructuredtext,
    "asciidoc": _asciidoc,
    "org": _org,
}
SECTIONED = frozenset(_HEADINGS)
