"""The records of the folders of a root, compared with those in its index."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.commits import sha_of
from codekin.domain.values import FileRecord
from codekin.engine.root.root_index import RootIndex
from codekin.indexing import Folder, Prepared, folders_of, prepare_folder


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """Folders to update.

    `fresh` have to be prepared, because files were added or removed or the README changed; `gone`
    contain no files any more.
    """

    fresh: list[Folder]
    gone: list[str]


async def folder_changes(index: RootIndex, files: Mapping[str, FileRecord]) -> FolderChanges:
    """Return the differences between the folders of these files and those in the index; a step."""
    known = {path: record for path, record in index.record_catalog.records.items() if not sha_of(path)}
    wanted = await index.queue.waiting_for(asyncio.to_thread(folders_of, files))
    names, damaged = {folder.path for folder in wanted}, index.state.damaged_records
    fresh = [item for item in wanted if item.path in damaged or not item.is_described_by(known.get(item.path))]
    return FolderChanges(fresh, [path for path in known if path not in names])


async def prepared_folders(index: RootIndex, folders: list[Folder], max_file_bytes: int) -> list[Prepared]:
    """Return the records of folders, ready to be stored; a step."""
    root = index.location.root
    return await index.queue.waiting_for(asyncio.to_thread(_prepare, root, folders, max_file_bytes))


def _prepare(root: Path, folders: list[Folder], max_file_bytes: int) -> list[Prepared]:
    return [prepare_folder(root, folder, max_file_bytes) for folder in folders]
