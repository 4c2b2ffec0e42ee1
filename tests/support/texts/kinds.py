"""Small texts of each kind of file, and the names that each defines, with their 1-based lines.

They are in kinds.txt.
"""

from __future__ import annotations

from pathlib import Path


def _read() -> dict[str, tuple[str, str]]:
    kinds: dict[str, tuple[str, str]] = {}
    parts = Path(__file__).with_suffix(".txt").read_text("utf-8").split("@@@@ ")[1:]
    for sample, defines in zip(parts[::2], parts[1::2], strict=True):
        path, _, text = sample.partition("\n")
        kinds[path] = text, defines.removeprefix("defines\n")
    return kinds


KINDS = _read()
"""By path: the text of the file, and its definitions, one a line."""
