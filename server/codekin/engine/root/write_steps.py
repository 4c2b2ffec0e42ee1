"""The steps that change the index of one root, called only by commands of its queue."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from codekin.domain.values import Changes, FileRecord, Skipped
from codekin.engine.root.folder_records import folder_changes, prepared_folders
from codekin.engine.root.root_index import RootIndex
from codekin.engine.stores import stored_columns
from codekin.engine.stores.stored_columns import write_columns_of
from codekin.engine.stores.taking_up import classify
from codekin.engine.work.supervision import cause_of
from codekin.errors import CodekinError
from codekin.indexing import QUARANTINED, Prepared, ReadAhead, is_readme

_BATCH_FOLDERS = 256
_COLUMNS_SHARE = 50
"""The columns are written again when a fiftieth of the files has changed since."""
_log = logging.getLogger(__name__)


class WriteSteps:
    """The writing steps, on the event loop.

    A batch becomes vectors, postings, and finally one transaction on the metadata.
    """

    def __init__(self, index: RootIndex, max_file_bytes: int) -> None:
        self._index = index
        self._max_file_bytes = max_file_bytes
        self._newer: set[str] | None = None

    @contextmanager
    def recording_newer(self) -> Iterator[set[str]]:
        """Collect the paths that other commands commit meanwhile; a step.

        A plan that is older than their changes must not undo them.
        """
        newer: set[str] = set()
        self._newer = newer
        try:
            yield newer
        finally:
            self._newer = None

    async def index_changes(self, paths: Sequence[str], saved: Mapping[str, int | None]) -> bool:
        """Update single paths in one commit; a step.

        Returns whether a folder among them has to be scanned. A deleted path stands for everything
        below it as well. `saved` gives the version of a saved document.
        """
        if not self._index.writer:
            return False
        root, limit, catalog = self._index.location.root, self._max_file_bytes, self._index.catalog
        known = {path: record for path in paths if (record := catalog.record(path))}
        changed = await self._index.in_worker(lambda: classify(root, self._index.rules, paths, known, limit))
        gone = self._index.state.known_below(changed.gone)
        fresh = any(path not in known or is_readme(path) for path in changed.files)
        await self.index_files(changed.files, gone, with_folders=bool(gone or fresh))
        for path in paths:
            if path in saved:
                self._index.overlays.saved(path, saved[path])
        return bool(changed.folders)

    async def index_batch(self, paths: Sequence[str], ahead: ReadAhead | None = None) -> tuple[FileRecord, ...]:
        """Read, embed and store files of a pass, and return their records; a step.

        `ahead` may have read some of them already.
        """
        return await self.index_files(paths, (), ahead, by_pass=True)

    async def index_files(
        self,
        paths: Sequence[str],
        gone: Sequence[str],
        ahead: ReadAhead | None = None,
        *,
        by_pass: bool = False,
        with_folders: bool = False,
    ) -> tuple[FileRecord, ...]:
        """Index `paths` and forget `gone` in one commit, and return the written records; a step.

        `with_folders` includes the folders around them. A file that makes indexing fail by itself
        is found by bisection and quarantined. Failures of the stores and of the disk are raised,
        because they concern all files.
        """
        if not self._index.writer or not (paths or gone):
            return ()
        try:
            changes = await self._read(paths, ahead)
            changes = replace(changes, forgotten=(*gone, *changes.forgotten))
            if with_folders:
                changes = await self._with_folders(changes)
            await self._apply(self._index.state.attributed(changes), paths, by_pass=by_pass)
        except (CodekinError, OSError, MemoryError):
            raise
        except Exception as error:
            if len(paths) > 1:
                half = len(paths) // 2
                again = partial(self.index_files, by_pass=by_pass, with_folders=with_folders)
                return await again(paths[:half], gone) + await again(paths[half:], ())
            await self._check_indexing_works()  # raises if the file is not the cause
            if not paths:
                raise
            _log.exception("Quarantined %s", paths[0])
            reason = f"{QUARANTINED}{cause_of(error)}"
            await self._apply(Changes(forgotten=tuple(gone), skipped=(Skipped(paths[0], reason),)), paths)
            return ()
        return changes.written

    async def store_records(self, prepared: Sequence[Prepared]) -> None:
        """Embed and store records that do not describe files; a step."""
        if self._index.writer:
            await self._index.in_worker(lambda: self._index.indexer.store(prepared))
            self._index.counts.redacted += sum(item.secrets for item in prepared)
            await self._apply(Changes(written=tuple(item.record for item in prepared)), ())

    async def forget_records(self, paths: Sequence[str]) -> None:
        """Forget such records; a step."""
        await self.commit(Changes(forgotten=tuple(paths)))

    async def sync_folders(self) -> None:
        """Store the folders that differ from the indexed files; a step.

        Folders without files are forgotten.
        """
        changes = await folder_changes(self._index, self._index.catalog.records)
        await self.forget_records(changes.gone)
        for start in range(0, len(changes.fresh), _BATCH_FOLDERS):
            batch = changes.fresh[start : start + _BATCH_FOLDERS]
            await self.store_records(await prepared_folders(self._index, batch, self._max_file_bytes))

    async def rewrite(self, records: Sequence[FileRecord]) -> None:
        """Replace records with unchanged nodes; a step.

        Records that changed meanwhile are skipped.
        """
        catalog = self._index.catalog
        same = [item for item in records if (now := catalog.record(item.path)) and now.nodes == item.nodes]
        await self.commit(Changes(written=tuple(same)))

    async def restamp(self, records: Sequence[FileRecord]) -> list[str]:
        """Write records whose files have another time but the same content; a step of a pass.

        Returns their paths.
        """
        paths = [record.path for record in records]
        if paths and self._index.writer:
            await self._apply(Changes(written=tuple(records)), paths, by_pass=True)
        return paths

    async def commit(self, changes: Changes) -> None:
        """Commit the changes, if there are any and this process is the writer; a step."""
        if self._index.writer and (changes.written or changes.forgotten or changes.skipped):
            await self._apply(changes, (), by_pass=True)

    async def finish_pass(self, written: int) -> None:
        """Switch to a new model or store, and drop what is no longer needed; a step.

        Everything of the pass must be committed.
        """
        if self._index.state.pending or not self._index.writer:
            return
        parts = self._index.parts
        if parts.building:
            old, parts.serving, parts.building = parts.serving, parts.building, None
            self._index.state.invalidate()
            self._index.overlays.hide()  # their vectors are of the previous model
            self._index.indexer.sources.append(self._index.catalog.buffer_vectors)
            await self._index.overlays.renew()
            await self._index.in_worker(old.vectors.retire)
            self._index.retired.add([old.vectors])
            await parts.record(stale=self._index.stale)
        if self._index.stale:
            self._index.stale = False
            await parts.record(stale=False)
        await self._index.in_worker(lambda: parts.sweep(self._index.state.keys(), written))
        await parts.metadata.store.compact()
        await self._index.in_worker(parts.compare)
        await self.write_columns(len(self._index.catalog) // _COLUMNS_SHARE)

    async def write_columns(self, most: int) -> None:
        """Write the columns of the index if they lack more than `most` changes; a step."""
        index = self._index
        catalogs = (index.catalog, index.record_catalog)
        beside = sum(catalog.beside_columns for catalog in catalogs)
        if not index.writer or len(index.catalog) < stored_columns.LEAST_FILES or beside <= most:
            return
        directory, store = index.location.directory, index.parts.metadata.store
        records = (index.catalog.records, index.record_catalog.records)
        written = await write_columns_of(directory, store, index.in_worker, index.generation, records)
        for catalog, stored in zip(catalogs, written or (), strict=False):
            catalog.replace(stored)

    async def _with_folders(self, changes: Changes) -> Changes:
        """Return the changes with those of the folders that files were added to or removed from."""
        files = self._index.catalog.records.changed(changes.written, changes.forgotten)
        around = [*(record.path for record in changes.written), *changes.forgotten]
        folders = await folder_changes(self._index, files, around)
        prepared = await prepared_folders(self._index, folders.fresh, self._max_file_bytes)
        await self._index.in_worker(lambda: self._index.indexer.store(prepared))
        self._index.counts.redacted += sum(item.secrets for item in prepared)
        return replace(
            changes,
            written=(*changes.written, *(item.record for item in prepared)),
            forgotten=(*changes.forgotten, *folders.gone),
        )

    async def _read(self, paths: Sequence[str], ahead: ReadAhead | None) -> Changes:
        if not paths:
            return Changes()
        return (await self._index.in_worker(lambda: self._index.indexer.index_files(paths, ahead))).changes

    async def _check_indexing_works(self) -> None:
        """Raise if not even a harmless text can be indexed; then a file is not the cause."""
        await self._index.in_worker(self._index.indexer.try_harmless)
        await self._index.parts.metadata.store.set_meta("harmless", "")

    async def _apply(self, changes: Changes, done: Sequence[str], *, by_pass: bool = False) -> None:
        self._index.generation = await self._index.parts.metadata.store.apply(changes)
        state = self._index.state
        state.note(changes, done)
        self._index.quarantine.note(changes)
        if self._newer is not None and not by_pass:
            self._newer.update(done, changes.forgotten)
        if state.pending_elsewhere != len(state.pending):
            state.pending_elsewhere = len(state.pending)
            await self._index.parts.record_pending(state.pending_elsewhere)
        if (quarantined := state.still_quarantined()) != self._index.recorded_quarantine:
            await self._index.parts.record_quarantine(quarantined)
            self._index.recorded_quarantine = quarantined
        await self._index.quarantine.record(self._index.parts.metadata.store)
