"""Lines as editors count them: ended by CR LF, CR or LF and by nothing else."""

from __future__ import annotations

import re

_ODD_ENDS = "\x0b\x0c\x1c\x1d\x1e"
"""What `str.splitlines` takes for the end of a line in ASCII, beside the carriage return, and editors do not."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str, most: int | None = None) -> list[str]:
    """All lines with their ends, or the first `most` of them; joined they are the text. An empty text has none, and a last
    line end opens no new one.

    `str.splitlines` also cuts at form feeds and Unicode separators, which editors do not.
    """
    if "\r" not in text:
        if most is None and text.isascii() and not any(end in text for end in _ODD_ENDS):
            return text.splitlines(keepends=True)
        lines = text.split("\n", -1 if most is None else most)
        last = lines.pop()
        ended = [line + "\n" for line in lines]
        return [*ended, last] if last and (most is None or len(ended) < most) else ended
    return _LINE.findall(text)[:most]
