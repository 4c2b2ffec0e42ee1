"""The records of the folders of a root, compared with those in its index."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.commits import sha_of
from codekin.domain.values import FileRecord
from codekin.engine.root.root_index import RootIndex
from codekin.indexing import Folder, Prepared, folders_around, folders_of, prepare_folder


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """Folders to update.

    `fresh` have to be prepared, because files were added or removed or the README changed; `gone`
    contain no files any more.
    """

    fresh: list[Folder]
    gone: list[str]


async def folder_changes(
    index: RootIndex, files: Mapping[str, FileRecord], around: Collection[str] | None = None
) -> FolderChanges:
    """Return the differences between the folders of these files and those in the index; a step.

    With `around`, only folders that contain one of these paths are compared.
    """
    stored = index.record_catalog.records
    if around is None:
        known = {path: record for path, record in stored.items() if not sha_of(path)}
    else:
        above = (folder or "./" for folder in folders_around(around))
        known = {path: stored[path] for path in above if path in stored}
    wanted = await index.queue.waiting_for(asyncio.to_thread(folders_of, files, around))
    names, damaged = {folder.path for folder in wanted}, index.state.damaged_records
    fresh = [item for item in wanted if item.path in damaged or not item.is_described_by(known.get(item.path))]
    return FolderChanges(fresh, [path for path in known if path not in names])


async def prepared_folders(index: RootIndex, folders: list[Folder], max_file_bytes: int) -> list[Prepared]:
    """Return the records of folders, ready to be stored; a step."""
    root = index.location.root
    return await index.queue.waiting_for(asyncio.to_thread(_prepare, root, folders, max_file_bytes))


def _prepare(root: Path, folders: list[Folder], max_file_bytes: int) -> list[Prepared]:
    return [prepare_folder(root, folder, max_file_bytes) for folder in folders]
