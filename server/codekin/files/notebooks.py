"""Jupyter notebooks as text: the source of their cells, without outputs and metadata.

Cells are written in the percent format, which editors know: `# %%` or `# %% [markdown]` above each
cell that is not empty. All lines keep their numbers.
"""

from __future__ import annotations

import re
from json import loads
from typing import Any

from codekin.domain.json_values import JsonValue, json_string, json_values

_EXTENSION = ".ipynb"
_LINE = re.compile(r"[^\r\n]*(\r\n|\r|\n|\Z)")
_LINE_ENDS = re.compile(r"[\r\n\0]+")
_DEEPEST = 4
"""Parts of the path of a line of a cell: cells, its number, source, its number."""
_CELL = 2
"""Parts of the path of a cell."""
_LANGUAGE = re.compile(r"[A-Za-z][\w+#.-]{0,30}")


def is_notebook(path: str) -> bool:
    """Return whether a file is a notebook by its name."""
    return path[-len(_EXTENSION) :].lower() == _EXTENSION


def cells_as_text(text: str) -> str:
    """Return the text of a notebook's cells, each line on the line that it has in the file.

    Lines without a part of a cell's source are blank. Text that is not a notebook, and a notebook
    with several cells on one line, is returned as it is. Never raises; takes linear time.
    """
    held = _notebook(text)
    if held is None:
        return text
    language, cells = _language_of(held), held["cells"]
    shown = _Shown()
    for value in json_values(text, _DEEPEST):
        group, number = value.path[:_CELL] if len(value.path) >= _CELL else ("", "")
        if group != "cells" or not isinstance(number, int) or number >= len(cells):
            continue
        if len(value.path) == _CELL:
            if value.start_line == value.end_line:
                return text
            shown.end_cell(value, _mark(cells[number], language))
        elif value.path[_CELL] == "source":
            shown.add(value, _piece(text, value), is_whole=len(value.path) == _CELL + 1)
    return shown.on_lines_of(text)


class _Shown:
    """The text of each line."""

    def __init__(self) -> None:
        self._said: dict[int, list[str]] = {}
        self._speaks, self._begins = False, 0
        """Whether the current cell has any source, and the line on which its list begins."""

    def add(self, value: JsonValue, piece: str, *, is_whole: bool) -> None:
        """Add a line of the current cell's source, or the list of its lines."""
        if piece:
            self._said.setdefault(value.start_line, []).append(piece)
            self._speaks = True
        if is_whole:
            self._begins = value.start_line

    def end_cell(self, value: JsonValue, mark: str) -> None:
        """Mark the current cell above its source if there is a line, else where it begins."""
        if self._speaks:
            line = value.start_line if self._begins in self._said else self._begins
            self._said.setdefault(line, []).insert(0, mark)
        self._speaks, self._begins = False, value.end_line

    def on_lines_of(self, text: str) -> str:
        """Return the lines with the line ends of a text."""
        parts: list[str] = []
        for number, line in enumerate(_LINE.finditer(text)):
            parts += (" ".join(self._said.get(number, ())), line.group(1))
        return "".join(parts)


def _notebook(text: str) -> dict[str, Any] | None:
    if '"cells"' not in text:
        return None
    try:
        held = loads(text)
    except (ValueError, RecursionError):
        return None
    cells = held.get("cells") if isinstance(held, dict) else None
    is_one = isinstance(cells, list) and bool(cells) and all(isinstance(cell, dict) for cell in cells)
    return held if is_one else None


def _language_of(held: dict[str, Any]) -> str:
    metadata = held.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(key) if isinstance(metadata, dict) else None
        named = about.get(name) if isinstance(about, dict) else None
        if isinstance(named, str) and _LANGUAGE.fullmatch(named):
            return named.lower()
    return "python"


def _mark(cell: dict[str, Any], language: str) -> str:
    kind = cell.get("cell_type")
    named = language if kind == "code" else kind if kind in ("markdown", "raw") else "raw"
    return "# %%" if named == "python" else f"# %% [{named}]"


def _piece(text: str, value: JsonValue) -> str:
    """Return a line of a cell's source without its end.

    A source that is one string becomes one line.
    """
    said = json_string(text[value.start : value.end])
    return _LINE_ENDS.sub(" ", said.removesuffix("\n")).encode("utf-8", "replace").decode("utf-8")
