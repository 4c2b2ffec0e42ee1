"""The text behind a result, as it is now: an unsaved buffer first, else the file on disk; the index itself for commits."""

from __future__ import annotations

from pathlib import Path

from codekin.chunking import split_lines
from codekin.domain.commits import is_file
from codekin.domain.values import Skipped
from codekin.searching.view import FileBlock
from codekin.watching import read_source

MAX_CHARACTERS = 4_000
_MAX_FILE_BYTES = 16_000_000


def text_of(root: str, block: FileBlock) -> str:
    """The whole text; empty when the file vanished or can no longer be read."""
    if block.text is not None:
        return block.text
    if not is_file(block.record.path):
        return block.record.text
    source = read_source(Path(root), block.record.path, _MAX_FILE_BYTES)
    return "" if isinstance(source, Skipped) else source.text


def snippet(lines: list[str], start_line: int, end_line: int) -> str:
    """Lines [start_line, end_line), at most MAX_CHARACTERS."""
    return "".join(lines[start_line:end_line])[:MAX_CHARACTERS]


class Snippets:
    """Texts of one response, each file read once."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}

    def of(self, root: str, block: FileBlock, start_line: int, end_line: int) -> str:
        """The snippet of lines [start_line, end_line)."""
        place = (root, block.record.path)
        if place not in self._texts:
            self._texts[place] = text_of(root, block)
        return snippet(split_lines(self._texts[place], end_line), start_line, end_line)
