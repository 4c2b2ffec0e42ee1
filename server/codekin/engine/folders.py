"""Keeps the folders in the index in step with the files in it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from codekin.domain.commits import sha_of
from codekin.indexing import Folder, Prepared, folders_of, prepare_folder

if TYPE_CHECKING:
    from codekin.engine.workspace import Workspace

_BATCH_FOLDERS = 256


async def sync_folders(workspace: Workspace, max_file_bytes: int) -> None:
    """Prepare the folders where files came or went or the README changed, and forget those without any file; a step."""
    root, files = workspace.place.root, workspace.catalog.records
    known = {path: record for path, record in workspace.aside.records.items() if not sha_of(path)}
    wanted = await workspace.queue.waiting_for(asyncio.to_thread(folders_of, files))
    names = {folder.path for folder in wanted}
    await workspace.steps.forget_aside([path for path in known if path not in names])
    damaged = workspace.ledger.damaged_aside
    fresh = [item for item in wanted if item.path in damaged or not item.is_described_by(known.get(item.path))]
    for start in range(0, len(fresh), _BATCH_FOLDERS):
        batch = fresh[start : start + _BATCH_FOLDERS]
        prepared = await workspace.queue.waiting_for(asyncio.to_thread(_prepare, root, batch, max_file_bytes))
        await workspace.steps.store_aside(prepared)


def _prepare(root: Path, folders: list[Folder], max_file_bytes: int) -> list[Prepared]:
    return [prepare_folder(root, folder, max_file_bytes) for folder in folders]
