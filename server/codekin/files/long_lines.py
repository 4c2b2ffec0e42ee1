"""Lines too long to be written by hand.

Their data is cut out, and files that consist of them are recognised as minified.
"""

from __future__ import annotations

import re

LONG_LINE_CHARACTERS = 5_000
_KEPT_START = 300
_KEPT_END = 100
_MINIFIED_SHARE = 0.5
_MINIFIED_LINE_CHARACTERS = 150
"""Average line length above which text is minified.

Lines of code and prose are shorter; those of minified text that was wrapped are not.
"""
_LINE = re.compile(r"[^\r\n]+")
_OPEN_RUN = re.compile(r"[\w+/=-]+\Z")
_OPENED_RUN = re.compile(r"\A[\w+/=-]+")
_COMMENT = re.compile(r"\s*(?://|/\*|\*|<!--)")
_GAP = "…"


def long_lines_cut(text: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the text with the middle of each long line cut out, and the numbers of these lines.

    Numbers are 0-based. A long line has more than 5,000 characters. Its first 300 and last 100 are
    kept, so that its names are found and its brackets and quotes close; a word or a run of data at
    the cut is removed completely. All lines keep their numbers. None means that the text is
    minified: most of it is in long lines, and there is little else.
    """
    if not _has_long_line(text):
        return text, ()
    parts: list[str] = []
    numbers: list[int] = []
    long_characters = line = end = 0
    for found in _LINE.finditer(text):
        if found.end() - found.start() <= LONG_LINE_CHARACTERS:
            continue
        between = text[end : found.start()]
        line += _line_ends(between)
        numbers.append(line)
        parts += (between, _shortened(found.group()))
        long_characters += found.end() - found.start()
        end = found.end()
    if not numbers:
        return text, ()
    rest = "".join((*parts[::2], text[end:]))
    if long_characters > len(text) * _MINIFIED_SHARE and _has_little_code(rest, len(numbers)):
        return None
    return "".join((*parts, text[end:])), tuple(numbers)


def _has_long_line(text: str) -> bool:
    """Return whether there may be a long line; a lone carriage return may end it too.

    Most files take one search every 5,000 characters.
    """
    start = 0
    while len(text) - start > LONG_LINE_CHARACTERS:
        # Backwards from the end of the longest possible line.
        end = text.rfind("\n", start, start + LONG_LINE_CHARACTERS + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _shortened(line: str) -> str:
    return _OPEN_RUN.sub("", line[:_KEPT_START]) + _GAP + _OPENED_RUN.sub("", line[-_KEPT_END:])


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _has_little_code(rest: str, long_lines: int) -> bool:
    """Return whether the other lines are fewer than the long ones, or look minified as well.

    Comments do not count.
    """
    lines = [line for line in _LINE.findall(rest) if not line.isspace() and not _COMMENT.match(line)]
    return len(lines) < long_lines or sum(map(len, lines)) > len(lines) * _MINIFIED_LINE_CHARACTERS
