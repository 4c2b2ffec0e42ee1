"""The parts of a long query, such as a pasted issue, an error with its stack, or a commit message.

A text is read line by line, once. A token is a place if it ends in the extension of a language,
wherever the machine of its author keeps the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codekin.chunking import language_of
from codekin.domain.search import LONGEST_QUERY
from codekin.searching.query.term_weights import weights_of_terms

_LONG_WORDS = 20
_LONGEST_TOKEN = 300

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_HEADING = re.compile(r"\s{0,3}(?:#{1,6}\s(.+)|\*\*([^*\n]+)\*\*:?\s*)$")
_NOISY_HEADING = re.compile(
    r"\b(?:environment|versions?|system info|platform|screenshots?|checklist|your project|additional context|before submitting)\b",
    re.IGNORECASE,
)
_NOISY_LINE = re.compile(
    r"\s*(?:[-*]\s*\[[ xX]\]|\||(?:[-*]\s*)?(?:os|operating system|platform|architecture|browser|\w+ version|version)\s*:"
    r"|(?:signed-off-by|co-authored-by|reviewed-by|change-id|closes-bug|tested-by|acked-by):"
    r"|traceback \(most recent call last\):?\s*$|(?:hi|hello|hey)(?:\s(?:all|there|everyone|team|folks))?[\s,!.]*$)",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r'\s*(?:File "|at\s+\S|from\s+\S+:\d|#\d+\s|\d+:\s+0x|-->|\S+\.\w{1,5}:\d+(?::\d+)?:|\(\w[\w. ]*\) lib/|goroutine \d)'
)
_TOKEN = re.compile(r"[^\s\"'`()<>\[\]{},;|*=]+")
_LINE_SUFFIX = re.compile(r"(?::(\d+)(?::\d+)?|#L(\d+)(?:-L?\d+)?|:line)$")
_LINE_AFTER = re.compile(r"[\"'`]?,?\s{0,3}(?:line\s{1,3}|\()(\d{1,7})")
"""A line behind a path: `File \"a.py\", line 3` or `a.c(3)`."""
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_LEAST_WEIGHT = 0.65
"""Least weight of a word by which a heading says what an issue is about."""
_EXTENSION = re.compile(r"\.[A-Za-z][\w+]{0,9}$")
_QUOTED = re.compile(r"`([^`\n]{2,80})`|(?<!\w)[\"']([^\"'\n]{2,60})[\"'](?!\w)")
_NAME = re.compile(r"[^\W\d]\w*(?:(?:\.|::|#|->|/)[^\W\d]\w*)*[!?]?(?:\(\))?")


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A file that a text names, by as much of its path as is given; a 0-based line, -1 if none."""

    path: str
    line: int = -1


@dataclass(frozen=True, slots=True)
class LongText:
    """The parts of a long text.

    `title` is its first line, unless that is noise. `asked` is the text without instructions of
    templates and without `noise`: their headings, versions, environments, check lists, trailers.
    `places` are in the order of the text; `quoted` are names in backticks or quotes.
    """

    title: str
    asked: str
    noise: str
    places: tuple[NamedPlace, ...]
    quoted: tuple[str, ...]


def is_long(text: str) -> bool:
    """Return whether a query is read in parts: more than one line, or more than twenty words."""
    stripped = text.strip()
    return "\n" in stripped or len(stripped.split()) > _LONG_WORDS


def read_long_text(text: str) -> LongText:
    """Take a text apart, in time linear in its length. Never raises."""
    text = text.strip()[:LONGEST_QUERY]
    cut = _COMMENT.sub(" ", text).strip()
    lines = _settled(list(_classified(cut)))
    asked = "\n".join(line for part, line in lines if part != "noise").strip()
    return LongText(
        title=_title(lines) or text.partition("\n")[0],
        asked=asked or text,  # A text that is only noise asks for it.
        noise="\n".join(line for part, line in lines if part == "noise"),
        places=named_places(cut),
        quoted=tuple(dict.fromkeys(name for part, line in lines if part == "prose" for name in _quoted(line))),
    )


def _title(lines: Sequence[tuple[str, str]]) -> str:
    """Return the first line, or the first sentence of an issue that begins with its template."""
    if not lines or lines[0][0] != "noise":
        return lines[0][1] if lines else ""
    return _SENTENCE.split(next((line for part, line in lines if part == "prose"), ""), maxsplit=1)[0]


def _classified(text: str) -> Iterator[tuple[str, str]]:
    """Yield (part, line): prose, code, frames, noise, a heading, or a heading of a template."""
    in_code = noisy = False
    for line in text.splitlines():
        if _FENCE.match(line):
            in_code = not in_code
        elif _FRAME.match(line):
            yield "frames", line
        elif in_code or (line.startswith(("    ", "\t")) and line.strip()):
            yield "code", line
        elif heading := _HEADING.match(line):
            said = heading[1] or heading[2]
            noisy = _NOISY_HEADING.search(said) is not None
            yield "template" if noisy or _is_common(said) else "heading", line
        elif noisy or _NOISY_LINE.match(line):
            yield "noise", line
        elif line.strip():
            yield "prose", line


def _settled(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the lines with headings as noise, if a template asks for them or only noise is below.

    All others are prose.
    """
    settled: list[tuple[str, str]] = []
    below: set[str] = set()
    for part, line in reversed(lines):
        if part in ("heading", "template"):
            settled.append(("noise" if part == "template" or below == {"noise"} else "prose", line))
            below = set()
        else:
            settled.append((part, line))
            below |= {part} if line.strip() else set()
    return settled[::-1]


def _is_common(heading: str) -> bool:
    """Return whether most texts have the words of a heading, as those that a template asks for."""
    return max(weights_of_terms(heading).values(), default=0.0) < _LEAST_WEIGHT


def named_places(text: str) -> tuple[NamedPlace, ...]:
    """Return the files that a text names, each with its line once, in the order of the text."""
    found: dict[NamedPlace, None] = {}
    for match in _TOKEN.finditer(text):
        token = match[0]
        if "." not in token or len(token) > _LONGEST_TOKEN:
            continue
        token = token.rstrip(".:!?")
        line = -1
        if suffix := _LINE_SUFFIX.search(token):
            line = int(suffix[1] or suffix[2] or 0) - 1
            token = token[: suffix.start()]
        elif after := _LINE_AFTER.match(text, match.end()):
            line = int(after[1]) - 1
        path = token.replace("\\", "/")
        if _EXTENSION.search(path) and language_of(path) != "text":
            found[NamedPlace(path.strip("/"), line)] = None
    return tuple(found)


def _quoted(line: str) -> list[str]:
    return [
        name.removesuffix("()")
        for match in _QUOTED.finditer(line)
        if _NAME.fullmatch(name := (match[1] or match[2]).strip())
    ]
