"""Lines as editors count them: ended by CR LF, CR or LF only."""

from __future__ import annotations

import re

_ODD_ENDS = "\x0b\x0c\x1c\x1d\x1e"
"""ASCII line ends of `str.splitlines`, other than CR and LF, that editors do not recognise."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str, most: int | None = None) -> list[str]:
    """Return all lines with their ends, or the first `most`; joined they are the text.

    An empty text has no lines, and a line end at the end of the text begins no further line.
    `str.splitlines` also splits at form feeds and Unicode separators, which editors do not.
    """
    if "\r" not in text:
        if most is None and text.isascii() and not any(end in text for end in _ODD_ENDS):
            return text.splitlines(keepends=True)
        lines = text.split("\n", -1 if most is None else most)
        last = lines.pop()
        ended = [line + "\n" for line in lines]
        return [*ended, last] if last and (most is None or len(ended) < most) else ended
    return _LINE.findall(text)[:most]
