"""The text behind a result, as it is now: an unsaved buffer first, else the file on disk; the index itself for commits."""

from __future__ import annotations

from codekin.chunking import split_lines
from codekin.domain.commits import is_file
from codekin.searching.snapshot.snapshot import FileBlock, Snapshot

MAX_CHARACTERS = 4_000


def text_of(view: Snapshot, block: FileBlock) -> str:
    """The whole text; empty when the file vanished or can no longer be read."""
    known = _without_disk(block)
    return view.texts.read(block.record.path) if known is None else known


def snippet(view: Snapshot, block: FileBlock, start_line: int, end_line: int) -> str:
    """Lines [start_line, end_line), at most MAX_CHARACTERS."""
    known = _without_disk(block)
    if known is None:
        return view.texts.lines(block.record.path, start_line, end_line)[:MAX_CHARACTERS]
    return "".join(split_lines(known, end_line)[start_line:])[:MAX_CHARACTERS]


def lines_of(view: Snapshot, block: FileBlock, start_line: int, end_line: int) -> list[str]:
    """Return the lines [start_line, end_line) with their ends, as many as there are."""
    known = _without_disk(block)
    if known is None:
        return split_lines(view.texts.lines(block.record.path, start_line, end_line))
    return split_lines(known, end_line)[start_line:]


def _without_disk(block: FileBlock) -> str | None:
    """None for what lies on disk."""
    if block.text is not None:
        return block.text
    return None if is_file(block.record.path) else block.record.text
