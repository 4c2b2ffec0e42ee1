"""The current text of a result: an unsaved buffer, the file on disk, or the indexed commit."""

from __future__ import annotations

from codekin.chunking import split_lines
from codekin.domain.commits import is_file
from codekin.searching.snapshot.snapshot import FileBlock, Snapshot

MAX_CHARACTERS = 4_000


def text_of(view: Snapshot, block: FileBlock, wanted: bytes = b"") -> str:
    """Return the whole text, or "" if the file vanished or cannot be read.

    With `wanted`, the text of a file may be "" if it does not contain that; see `read_text`.
    """
    known = _without_disk(block)
    return view.texts.read(block.record.path, wanted) if known is None else known


def text_between(view: Snapshot, block: FileBlock, start_line: int, end_line: int) -> str:
    """Return lines [start_line, end_line) with their ends, as many as there are."""
    known = _without_disk(block)
    if known is None:
        return view.texts.lines(block.record.path, start_line, end_line)
    return "".join(split_lines(known, end_line)[start_line:])


def _without_disk(block: FileBlock) -> str | None:
    """Return the text of a buffer or a record, or None for a file on disk."""
    if block.text is not None:
        return block.text
    return None if is_file(block.record.path) else block.record.text
