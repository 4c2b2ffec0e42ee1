"""Lines too long to be written by hand: data is cut out of them, and what is nothing but such lines is minified."""

from __future__ import annotations

import re

LONG_LINE_CHARACTERS = 5_000
_KEPT_START = 300
_KEPT_END = 100
_MINIFIED_SHARE = 0.5
_MINIFIED_LINE_CHARACTERS = 150
"""Lines of code and prose are shorter than this on average; those of minified text that was wrapped are not."""
_LINE = re.compile(r"[^\r\n]+")
_OPEN_RUN = re.compile(r"[\w+/=-]+\Z")
_OPENED_RUN = re.compile(r"\A[\w+/=-]+")
_COMMENT = re.compile(r"\s*(?://|/\*|\*|<!--)")
_GAP = "…"


def long_lines_cut(text: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the text with the middle of each long line cut out, and the 0-based numbers of these lines.

    A long line has more than 5,000 characters. Its first 300 and last 100 are kept, so that its names are found and
    its brackets and quotes close; a word or a run of data that would be cut in two goes as a whole. All lines keep
    their numbers. None means that the text is minified: most of it stands in long lines, and there is little else.
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
        parts += (between, _stand_in(found.group()))
        long_characters += found.end() - found.start()
        end = found.end()
    if not numbers:
        return text, ()
    rest = "".join((*parts[::2], text[end:]))
    if long_characters > len(text) * _MINIFIED_SHARE and _says_little(rest, len(numbers)):
        return None
    return "".join((*parts, text[end:])), tuple(numbers)


def _has_long_line(text: str) -> bool:
    """Whether there may be one; a lone carriage return may end it too. Most files take a look every 5,000 characters."""
    start = 0
    while len(text) - start > LONG_LINE_CHARACTERS:
        # Backwards from the longest line there may be.
        end = text.rfind("\n", start, start + LONG_LINE_CHARACTERS + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _stand_in(line: str) -> str:
    return _OPEN_RUN.sub("", line[:_KEPT_START]) + _GAP + _OPENED_RUN.sub("", line[-_KEPT_END:])


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _says_little(rest: str, long_lines: int) -> bool:
    """Whether the lines that are not long are fewer than the long ones, comments aside, or look minified as well."""
    lines = [line for line in _LINE.findall(rest) if not line.isspace() and not _COMMENT.match(line)]
    return len(lines) < long_lines or sum(map(len, lines)) > len(lines) * _MINIFIED_LINE_CHARACTERS
