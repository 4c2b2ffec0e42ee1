"""Setting and removing a table of a TOML text, or a marked section of a Markdown text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

_HEADER = re.compile(r"^[ \t]*\[+[^\]\n]+\]+[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
BEGIN, END = "<!-- codekin:begin -->", "<!-- codekin:end -->"


def has_table(text: str, name: str) -> bool:
    """Return whether a TOML text has the table, or a value under its dotted name."""
    last = re.escape(name.rpartition(".")[2])
    parent = re.escape(name.rpartition(".")[0])
    inline = re.search(rf"^[ \t]*{parent}\.\"?{last}\"?[ \t]*[.=]", text, re.MULTILINE)
    return _table(text, name) is not None or inline is not None


def with_table(text: str, name: str, values: Mapping[str, str | Sequence[str]]) -> str:
    """Return the text with the table at its end."""
    lines = [f"[{name}]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())]
    return _joined(text, "\n".join(lines) + "\n")


def without_table(text: str, name: str) -> str:
    """Return the text without the table and the tables inside it; other text is unchanged."""
    while (found := _table(text, name)) is not None:
        start, end = found
        text = text[:start].rstrip("\n") + ("\n" if text[:start].strip() else "") + _gap(text, start, end) + text[end:]
    return text if text.strip() else ""


def with_section(text: str, body: str) -> str:
    """Return the text with the marked section, in its old place if there is one."""
    section = f"{BEGIN}\n{body.strip()}\n{END}\n"
    found = _section(text)
    if found is None:
        return _joined(text, section)
    return text[: found[0]] + section + text[found[1] :]


def without_section(text: str) -> str:
    """Return the text without the marked section and the blank line before it."""
    found = _section(text)
    if found is None:
        return text
    start, end = found
    before, after = text[:start], text[end:]
    if before.endswith("\n\n"):
        before = before[:-1]
    rest = before + after
    return rest if rest.strip() else ""


def _joined(text: str, block: str) -> str:
    if not text.strip():
        return block
    return f"{text}{'' if text.endswith(chr(10)) else chr(10)}\n{block}"


def _gap(text: str, start: int, end: int) -> str:
    return "\n" if text[:start].strip() and text[end:].strip() else ""


def _table(text: str, name: str) -> tuple[int, int] | None:
    """Return where a table begins and where the next one that is not inside it begins."""
    headers = list(_HEADER.finditer(text))
    parts = name.split(".")
    own = re.compile(r"[ \t]*\[+[ \t]*" + r"[ \t]*\.[ \t]*".join(rf"[\"']?{re.escape(part)}[\"']?" for part in parts))
    for at, header in enumerate(headers):
        if own.match(header[0]) and _is_named(header[0], parts):
            following = headers[at + 1].start() if at + 1 < len(headers) else len(text)
            return header.start(), _before_comments(text, header.end(), following)
    return None


def _is_named(header: str, parts: Sequence[str]) -> bool:
    inside = header.strip().lstrip("[").partition("]")[0]
    found = [part.strip().strip("\"'") for part in inside.split(".")]
    return found[: len(parts)] == list(parts)


def _before_comments(text: str, start: int, end: int) -> int:
    """Return where comments begin that belong to the following table, or `end`."""
    lines = text[start:end].splitlines(keepends=True)
    kept = len(lines)
    while kept and (lines[kept - 1].strip().startswith("#") and end < len(text)):
        kept -= 1
    return end - sum(len(line) for line in lines[kept:])


def _section(text: str) -> tuple[int, int] | None:
    start, end = text.find(BEGIN), text.find(END)
    if start < 0 or end < start:
        return None
    end += len(END)
    return start, end + (text[end : end + 1] == "\n")
