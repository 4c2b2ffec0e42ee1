"""Text whose comments and strings are blanked, so that what is left can be read line by line.

The time is linear: each character is passed once, also where a comment or a string is never closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_NOT_LINE_ENDS = re.compile(r"[^\r\n]")
_LINE_END = re.compile(r"[\r\n]")


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of comments and strings in a language.

    `comments` begin a comment that ends with its line. `blocks` are pairs of marks that may span
    lines. `quotes` delimit strings within a line, where a backslash escapes the next character. If
    several opening marks match, the longest counts.
    """

    comments: tuple[str, ...] = ()
    blocks: tuple[tuple[str, str], ...] = ()
    quotes: str = ""


def masked(text: str, marks: Marks) -> str:
    """Return the text with every character of its comments and strings replaced by a space.

    Line ends stay.
    """
    closers, openers = dict(marks.blocks), _openers(marks)
    parts: list[str] = []
    at = 0
    while opener := openers.search(text, at):
        start, end, mark = opener.start(), opener.end(), opener.group()
        if mark in closers:
            closed = text.find(closers[mark], end)
            end = len(text) if closed < 0 else closed + len(closers[mark])
        elif mark in marks.comments:
            closed_at = _LINE_END.search(text, end)
            end = closed_at.start() if closed_at else len(text)
        else:
            end = _string_end(text, end, mark)
        parts += (text[at:start], _NOT_LINE_ENDS.sub(" ", text[start:end]))
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _string_end(text: str, start: int, quote: str) -> int:
    inside = _inside(quote).match(text, start)
    end = inside.end() if inside else start
    return end + 1 if text[end : end + 1] == quote else end


@cache
def _inside(quote: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[^{quote}\\\r\n]|\\[^\r\n])*")


@cache
def _openers(marks: Marks) -> re.Pattern[str]:
    all_marks = [*marks.comments, *(opener for opener, _ in marks.blocks), *marks.quotes]
    return re.compile("|".join(re.escape(mark) for mark in sorted(all_marks, key=len, reverse=True)))
