"""The cells of a notebook that is read as text, in the percent format.

`# %%` is above a cell of code, `# %% [markdown]` above prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from codekin.chunking.definitions import Found
from codekin.chunking.outlines.embedded import Script
from codekin.chunking.outlines.sections import sections

NOTEBOOK = "jupyter"
_CELL = re.compile(r"# %%(?: \[([\w+#.-]{1,40})\])?\s*\Z")
_LOOKED_AT = 100
_OTHER_LANGUAGES = {"ir": "r", "c++": "cpp", "c#": "csharp", "f#": "fsharp", "node": "javascript", "shell": "bash"}
_MAGIC = re.compile(r"\s{0,100}[%!?]")
_OTHER_MAGIC = re.compile(r"%%(?!time|timeit|capture|prun|memit)\w")
"""Hands a cell to another language."""


@dataclass(frozen=True, slots=True)
class _Cell:
    kind: str
    start_line: int
    end_line: int


def cell_starts(lines: Sequence[str]) -> list[int]:
    """Return the lines on which cells begin, ascending."""
    return [cell.start_line for cell in _cells(lines)]


def headings(lines: Sequence[str]) -> list[Found]:
    """Return the sections under headings of Markdown cells, with the cells of code below them."""
    prose = [""] * len(lines)
    for cell in _cells(lines):
        if cell.kind == "markdown":
            prose[cell.start_line + 1 : cell.end_line] = lines[cell.start_line + 1 : cell.end_line]
    return sections("markdown", prose)


def code(lines: Sequence[str]) -> list[Script]:
    """Return the cells of code, those of one language as one script."""
    by_language: dict[str, list[_Cell]] = {}
    for cell in _cells(lines):
        body = "".join(lines[cell.start_line + 1 : cell.end_line])
        if cell.kind not in ("markdown", "raw") and not _OTHER_MAGIC.match(body.lstrip()[:_LOOKED_AT]):
            by_language.setdefault(_OTHER_LANGUAGES.get(cell.kind, cell.kind), []).append(cell)
    return [_script(lines, language, cells) for language, cells in by_language.items()]


def _script(lines: Sequence[str], language: str, cells: list[_Cell]) -> Script:
    shown = ["\n"] * cells[-1].end_line
    for cell in cells:
        for number in range(cell.start_line + 1, cell.end_line):
            if language != "python" or not _MAGIC.match(lines[number]):
                shown[number] = lines[number]
    return Script(language, "".join(shown), len(shown))


def _cells(lines: Sequence[str]) -> list[_Cell]:
    marks = [(number, mark) for number, line in enumerate(lines) if (mark := _mark(line))]
    ends = [*(number for number, _ in marks[1:]), len(lines)][: len(marks)]
    return [
        _Cell((mark.group(1) or "python").lower(), number, end) for (number, mark), end in zip(marks, ends, strict=True)
    ]


def _mark(line: str) -> re.Match[str] | None:
    return _CELL.match(line[:_LOOKED_AT]) if line.startswith("# %%") else None
