"""Questions about one file: its definitions, its outline, its authors, whether it is indexed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from codekin.chunking import OutlineItem, outline_of
from codekin.domain.commits import Blamed
from codekin.domain.values import Definition, FileRecord, Skipped
from codekin.engine.roots import Roots
from codekin.errors import SettingsError
from codekin.files import read_text
from codekin.history import blame_file


def definitions_of(roots: Roots, path: Path) -> list[Definition]:
    """Return the definitions of a file, by line, including those in unsaved text."""
    owner = roots.owner(path)
    block = owner[0].catalog.block(owner[1]) if owner else None
    nodes = block.nodes if block else ()
    return sorted({item for node in nodes for item in node.definitions}, key=lambda item: item.line)


async def outline(roots: Roots, path: Path) -> tuple[OutlineItem, ...]:
    """Return the nested definitions of the current text of a file, unsaved text included.

    Raises SettingsError if the file is in no indexed folder, or has no text that can be read.
    """
    owner = roots.owner(path)
    if owner is None:
        raise SettingsError(f"{path} is in none of the indexed folders.")
    index, relative = owner
    unsaved = index.catalog.unsaved(relative)

    def read() -> tuple[OutlineItem, ...]:
        text = read_text(index.location.root, relative, index.max_file_bytes) if unsaved is None else unsaved
        if isinstance(text, Skipped):
            raise SettingsError(f"{relative} has no outline: {text.reason}.")
        return outline_of(relative, text)

    return await asyncio.to_thread(read)


async def blame_of(roots: Roots, path: Path, start_line: int, end_line: int) -> tuple[str, list[Blamed]]:
    """Return the root, and who last changed lines [start_line, end_line), unsaved text included.

    Raises HistoryError, and SettingsError if the file is in no indexed folder.
    """
    owner = roots.owner(path)
    if owner is None:
        raise SettingsError(f"{path} is in none of the indexed folders.")
    root, relative = owner[0].location.root, owner[1]
    unsaved = owner[0].catalog.unsaved(relative)
    return str(root), await asyncio.to_thread(blame_file, root, relative, unsaved, start_line, end_line)


@dataclass(frozen=True, slots=True)
class FileState:
    """A file in an indexed folder.

    `record` is None before it is indexed. `excluded` is the reason why it does not belong to the
    index, or "".
    """

    root: Path
    path: str
    record: FileRecord | None
    excluded: str


def file_state(roots: Roots, path: Path) -> FileState | None:
    """Return what the index knows of a file, or None if it is in none of the indexed folders."""
    owner = roots.owner(path)
    if owner is None:
        return None
    index, relative = owner
    reason = index.rules.verdict(relative, is_dir=path.is_dir()) or index.state.skipped.get(relative)
    return FileState(index.location.root, relative, index.catalog.record(relative), reason or "")


def verdict_on(roots: Roots, path: Path) -> str:
    """Return a sentence that says whether a file is indexed, and if not, why."""
    owner = roots.owner(path)
    if owner is None:
        return "The file is in none of the indexed folders."
    index, relative = owner
    reason = index.rules.verdict(relative, is_dir=path.is_dir()) or index.state.skipped.get(relative)
    if reason:
        return f"Not indexed: {reason}."
    record, note = index.catalog.record(relative), index.rules.note(relative)
    if record is None:
        return "The file belongs to the index but is not indexed yet."
    return f"Indexed in {len(record.nodes) - 1} chunks{f' ({note})' if note else ''}."
