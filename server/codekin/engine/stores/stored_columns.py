"""The columns of an index beside its metadata: mapped at open, written when enough changed."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codekin.domain.commits import is_file
from codekin.domain.ports import MetadataStore
from codekin.domain.values import FileRecord
from codekin.errors import IndexDamagedError
from codekin.searching import StoredFiles, StoredRecords, write_stored
from codekin.storage import CheckedFiles, Columns, open_columns

LEAST_FILES = 2_000
"""Smaller indexes are read from the metadata in some 20 ms, and have no columns."""
FACT = "columns"
"""The name of the columns that belong to the metadata."""
COLUMN_FILES = ("files.columns", "records.columns")
_log = logging.getLogger(__name__)
InWorker = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """The content of the metadata: files, other records, and the generation."""

    generation: int
    files: StoredFiles
    others: StoredFiles

    @classmethod
    def of(cls, generation: int, records: Iterable[FileRecord]) -> StoredIndex:
        """Return an index with these records."""
        index = cls(generation, StoredFiles(), StoredFiles())
        index.update(records, ())
        return index

    def update(self, written: Iterable[FileRecord], forgotten: Iterable[str]) -> None:
        """Forget paths, then add records."""
        for path in forgotten:
            (self.files if is_file(path) else self.others).forget(path)
        for record in written:
            (self.files if is_file(record.path) else self.others).write(record)


async def load_stored(directory: Path, store: MetadataStore, in_worker: InWorker, *, writer: bool) -> StoredIndex:
    """Return what the metadata contains: what the columns have is mapped, the rest is read.

    A writer removes columns that do not belong to the metadata.
    """
    identity = await store.get_meta(FACT)
    paths = [directory / name for name in COLUMN_FILES]
    if identity:
        found: Sequence[Columns | None] = await in_worker(lambda: _opened(directory, writer=writer))
        known = [item for item in found if item is not None and item.identity == identity]
        generations = {item.generation for item in known}
        if len(known) == len(COLUMN_FILES) and len(generations) == 1 and max(generations) <= await store.generation():
            # Pruned tombstones make the store refuse; then everything is read.
            with suppress(IndexDamagedError):
                generation, written, forgotten = await store.load(max(generations))
                index = StoredIndex(generation, StoredFiles(known[0]), StoredFiles(known[1]))
                index.update(written, forgotten)
                return index
    if writer:
        await in_worker(lambda: _remove(paths))
    generation, records, _ = await store.load()
    listed = list(records)
    everything: StoredIndex = await in_worker(lambda: StoredIndex.of(generation, listed))
    return everything


async def write_columns_of(
    directory: Path,
    store: MetadataStore,
    in_worker: InWorker,
    generation: int,
    records: tuple[StoredRecords, StoredRecords],
) -> tuple[StoredFiles, StoredFiles] | None:
    """Write the columns of all records and return them mapped.

    None if they cannot be written; then the metadata is read when the index is opened.
    """
    if store.active != "sqlite":
        return None
    identity = await store.get_meta(FACT)
    if identity is None:
        identity = uuid.uuid4().hex
        await store.set_meta(FACT, identity)
    written: tuple[StoredFiles, StoredFiles] | None = await in_worker(
        lambda: _written(directory, records, generation, identity)
    )
    return written


def _opened(directory: Path, *, writer: bool) -> list[Columns | None]:
    """Open the columns; their checksums are compared unless that was done before."""
    checked = CheckedFiles(directory / "columns.checked")
    opened: list[Columns | None] = []
    for path in [directory / name for name in COLUMN_FILES]:
        known = checked.covers(path)
        opened.append(open_columns(path, verify=not known))
        if opened[-1] is not None and not known:
            checked.note(path)
    if writer:
        checked.record(COLUMN_FILES)
    return opened


def _written(
    directory: Path, records: tuple[StoredRecords, StoredRecords], generation: int, identity: str
) -> tuple[StoredFiles, StoredFiles] | None:
    paths = [directory / name for name in COLUMN_FILES]
    try:
        for path, listed in zip(paths, records, strict=True):
            write_stored(path, listed, generation=generation, identity=identity)
    except OSError as error:
        _log.warning("The columns of the index could not be written (%s). Opening it takes longer.", error.strerror)
        return None
    files, others = (open_columns(path) for path in paths)
    return (StoredFiles(files), StoredFiles(others)) if files is not None and others is not None else None


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)
