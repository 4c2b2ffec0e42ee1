"""Lines as editors count them: ended by CR LF, CR or LF and by nothing else."""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str) -> list[str]:
    """All lines with their ends; joined they are the text. An empty text has none, and a last line end opens no new one.

    `str.splitlines` also cuts at form feeds and Unicode separators, which editors do not.
    """
    if "\r" not in text:
        lines = text.split("\n")
        last = lines.pop()
        ended = [line + "\n" for line in lines]
        return [*ended, last] if last else ended
    return _LINE.findall(text)
