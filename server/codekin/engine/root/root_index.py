"""One root folder: its stores, its state, and the commands that change them.

Everything that changes the index runs as a command of `queue`, one at a time. A method documented
as a step is called by such a command; the others queue one themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from codekin.config import Config
from codekin.domain.ports import Embedder, Keys, Vectors
from codekin.domain.search import Coverage
from codekin.engine.root.consistency import SyncReport, compare
from codekin.engine.root.disk_state import DiskState
from codekin.engine.root.index_state import IndexState
from codekin.engine.root.overlays import Overlays
from codekin.engine.root.quarantine import Quarantine
from codekin.engine.status.status import Estimate
from codekin.engine.stores.location import IndexLocation, for_single_file, location_of
from codekin.engine.stores.opening import OpenStores, StoreOpener
from codekin.engine.stores.retired_stores import RetiredStores
from codekin.engine.work.closing import Step, close_all
from codekin.engine.work.write_queue import Priority, WriteQueue
from codekin.errors import IndexClosedError, IndexReadOnlyError, IndexRemovedError, IndexUnavailableError
from codekin.files import Rules
from codekin.indexing import EmbedCounts, Indexer, Plan, Prepared, Stores
from codekin.searching import Deep, PendingSnapshot
from codekin.storage import WriterLock

T = TypeVar("T")
_log = logging.getLogger(__name__)


class RootIndex:
    """The index of one root, on one event loop.

    Reading and embedding run on `worker`, which has one thread.
    """

    def __init__(
        self, config: Config, location: IndexLocation, worker: ThreadPoolExecutor, counts: EmbedCounts
    ) -> None:
        self.location = location
        self.rules = Rules(
            location.root, include=config.include, exclude=config.exclude, max_file_bytes=config.max_file_bytes
        )
        self.counts = counts
        self.queue = WriteQueue(str(location.root), self._reopen)
        self.rate_per_s = 0.0
        self.slower = ""
        """Failure of the read-ahead process in the latest pass, or ""."""
        self.passing = False
        self.awaiting_consent: Estimate | None = None
        """Estimate of a first index that waits for the user's consent, or None."""
        self.consented = False
        self.lock = WriterLock(location.directory)
        self.writer = False
        self.parts: OpenStores
        self.state = IndexState(location.root)
        self.catalog = self.state.catalog
        self.record_catalog = self.state.record_catalog
        self.quarantine = Quarantine(location.root)
        self.max_file_bytes = config.max_file_bytes
        self._config = config
        self._worker = worker
        self._opener = StoreOpener(config, location, worker)
        self.overlays = Overlays(self.queue, self.catalog, self.in_worker, self.volatile, config.max_file_bytes)
        self.indexer: Indexer
        self.generation = 0
        """Generation of the metadata, as this process knows it."""
        self.stale = False
        """Whether files have to be chunked again by a newer chunker."""
        self.recorded_quarantine: dict[int, str] = {}
        self.reopenings = 0
        """Times the stores were reopened after damage; a pass finds missing rows."""
        self.removed = False
        """Whether the index was removed while in use, and is not rebuilt yet."""
        self._root = location.root / location.only if location.only else location.root
        self._disk = DiskState(location)
        self.retired = RetiredStores(worker)

    @classmethod
    async def open(
        cls, config: Config, root: Path, worker: ThreadPoolExecutor, counts: EmbedCounts, embedder: Embedder | None
    ) -> RootIndex:
        """Open the index of a folder and its queue.

        Raises SettingsError, EmbedderError, IndexUnavailableError.
        """
        loop = asyncio.get_running_loop()
        location = await loop.run_in_executor(worker, location_of, config, root)
        index = cls(for_single_file(config, location.only) if location.only else config, location, worker, counts)
        index.writer = index.lock.try_acquire()
        try:
            try:
                await index._open_parts(embedder)
            except IndexReadOnlyError as error:  # a read-only index can still be searched
                if not index.writer:
                    raise
                index.writer = False
                index.lock.refuse(str(error))
                await index._open_parts(embedder)
        except BaseException:
            index.lock.release()
            raise
        index.queue.start()
        return index

    @property
    def closed(self) -> bool:
        """Whether nothing is written any more."""
        return self.queue.closing

    def closing_steps(self) -> list[Step]:
        """Return the steps of closing, in order.

        The queue is first; the lock is last, after everything that the worker still does.
        """
        root = self.location.root

        async def close_stores() -> None:
            # Read when closing, because the last command may have reopened the stores.
            if not await close_all(self.parts.closing_steps(self.in_worker)):
                raise IndexUnavailableError("Could not close all stores. The log entries above name each one.")

        async def release_lock() -> None:
            await self.in_worker(self.lock.release)

        return [
            (f"The write queue of {root}", self.queue.close),
            (f"The stores of {root}", close_stores),
            (f"The replaced stores of {root}", self.retired.close),
            (f"The lock of {root}", release_lock),
        ]

    def view(self) -> PendingSnapshot:
        """Return the snapshot of the files to search now."""
        serving, deep = self.parts.serving, self.parts.deep
        second = Deep(deep.embedder, deep.vectors) if deep else None
        return self.catalog.view(serving.embedder, serving.vectors, self.parts.lexical, second, self.parts.trigrams)

    def record_view(self) -> PendingSnapshot | None:
        """Return the snapshot of commits, pull requests and folders, if there are any."""
        serving = self.parts.serving
        if not len(self.record_catalog):
            return None
        return self.record_catalog.view(serving.embedder, serving.vectors, self.parts.lexical)

    def coverage(self) -> Coverage:
        """Return the coverage of the root."""
        return self.state.coverage(writer=self.writer)

    async def attach_deep(self, spec: str, embedder: Embedder) -> None:
        """Open the store of the deep model. Raises IndexUnavailableError."""

        async def attach() -> None:
            self._opener.deep = (spec, embedder)
            await self._opener.open_deep(self.parts, writer=self.writer)

        await self.queue.run(Priority.CONTROL, attach, name="opening the deep model's vectors")

    async def store_deep(self, keys: Keys, rows: Vectors) -> None:
        """Store vectors of the deep model, if this process is still the writer."""

        async def store() -> None:
            deep = self.parts.deep
            if deep and self.writer:
                await self.in_worker(lambda: deep.vectors.add(keys, rows))

        await self.queue.run(Priority.BACKGROUND, store, name="storing vectors of the deep model")

    async def take_over(self) -> bool:
        """Become the writer if no other process is; return whether that happened now."""
        return not self.writer and await self.queue.run(
            Priority.CONTROL, self._take_over, name="taking over", key="take over"
        )

    async def follow_move(self) -> bool:
        """Reopen the stores if the index was moved to others; return whether it was.

        An index that was removed is rebuilt.
        """
        if missing := await asyncio.to_thread(self._disk.missing):
            await self.queue.run(
                Priority.CONTROL, lambda: self._require_folders(missing), name="checking the index", key="exists"
            )
        if not await asyncio.to_thread(self._disk.has_moved):
            return False
        return await self.queue.run(
            Priority.CONTROL, self._follow_move, name="following a move to other stores", key="move"
        )

    async def follow(self) -> bool:
        """Load what another process committed; return whether there was anything."""
        return await self.queue.run(Priority.CONTROL, self._follow, name="following the writer", key="follow")

    async def clear(self) -> None:
        """Empty the index; the next pass fills it again."""
        await self.queue.run(Priority.CONTROL, self._clear, name="emptying the index")

    async def record_unfinished(self, changes: int) -> None:
        """Tell reading processes the number of pending files, plus `changes`."""

        async def record() -> None:
            count = len(self.state.pending) + changes
            if self.writer and self.state.scanned and count != self.state.pending_elsewhere:
                self.state.pending_elsewhere = count
                await self.parts.record_pending(count)

        await self.queue.run(Priority.CONTROL, record, name="recording the number of pending files", key="unfinished")

    async def compare(self) -> SyncReport:
        """Compare metadata, vectors and postings as they are stored now.

        Raises IndexUnavailableError.
        """

        async def compare_stored() -> SyncReport:
            if not self.writer:
                await self._follow()
            recorded = await self.parts.recorded_chunker()
            return await self.in_worker(lambda: compare(str(self.location.root), self.state, self.parts, recorded))

        return await self.queue.run(Priority.CONTROL, compare_stored, name="comparing the stores")

    async def mark_incomplete(self) -> None:
        """Mark everything with a missing row, and everything quarantined, for the next pass."""

        async def mark() -> None:
            state, parts = self.state, self.parts
            state.quarantined.clear()
            self.quarantine.clear()
            state.damage(await self.in_worker(lambda: state.naming(parts.missing(state.keys()))))

        await self.queue.run(Priority.CONTROL, mark, name="finding missing rows")

    async def volatile(self, prepared: Sequence[Prepared]) -> tuple[Keys, Vectors]:
        """Return vectors of texts that are not on disk; known ones are taken from the store.

        Postings are kept in memory only. Raises IndexUnavailableError once closed.
        """

        async def make() -> tuple[Keys, Vectors]:
            parts, buffers = self.parts, self.catalog.buffer_vectors
            serving = Stores(parts.serving.embedder, parts.serving.vectors, parts.lexical)
            return await self.in_worker(lambda: self.indexer.volatile(prepared, serving, buffers))

        return await self.queue.run(Priority.BUFFER, make, name="embedding text that is not stored")

    def await_consent(self, plan: Plan) -> None:
        """Pause a very large first index until indexing is resumed.

        The user sees the estimate meanwhile.
        """
        limit = self._config.confirm_above_files
        if limit and not self.consented and not len(self.catalog) and len(plan.index) > limit:
            self.awaiting_consent = Estimate(len(plan.index), plan.index_bytes)
            self.queue.pause(paused=True)

    def resume(self) -> None:
        """Continue with what is paused or awaits consent."""
        self.awaiting_consent, self.consented = None, True
        self.queue.pause(paused=False)

    async def in_worker(self, work: Callable[[], T]) -> T:
        """Run blocking work off the event loop, one at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def _take_over(self) -> bool:
        if self.writer or not self.lock.try_acquire():
            return False
        self.writer = True
        try:
            await self._replace_parts()
        except IndexReadOnlyError as error:
            self.writer = False
            self.lock.refuse(str(error))
            return False
        except BaseException:
            self.writer = False
            self.lock.release()
            raise
        return True

    async def _follow_move(self) -> bool:
        if not self._disk.has_moved():
            return False
        try:
            await self._replace_parts()
        except BaseException:
            self._disk.forget_record()  # makes the next check try again
            raise
        return True

    async def _follow(self) -> bool:
        store = self.parts.metadata.store
        await self.in_worker(self.parts.refresh_deep)
        if self.writer:
            return False
        pending, self.state.pending_elsewhere = self.state.pending_elsewhere, await self.parts.recorded_pending()
        if await store.generation() == self.generation:
            return pending != self.state.pending_elsewhere
        self.generation, written, forgotten = await store.load(self.generation)
        self.state.update(written, forgotten)
        await self.in_worker(self.parts.refresh)
        self.state.skipped = {item.path: item.reason for item in await store.skipped()}
        self.state.quarantined = await self.parts.recorded_quarantine()
        self.state.scanned = True
        self.state.invalidate()
        return True

    async def _clear(self) -> None:
        self.queue.supersede()
        await self.parts.metadata.store.clear()
        await self.in_worker(self.parts.empty)
        self.state.clear()
        self.stale, self.recorded_quarantine = False, {}
        self.generation = await self.parts.metadata.store.generation()
        await self.parts.record(stale=False)

    async def _reopen(self) -> None:
        """Reopen all stores after damage, or after another process replaced one; a step."""
        if self.closed:
            raise IndexClosedError
        if self.writer:
            self.removed = self.removed or self._disk.missing() is not None
            if not await self.in_worker(self.location.directory.is_dir):
                await self.in_worker(lambda: location_of(self._config, self._root))
            # A lock without its file excludes no process: another one may have become the writer.
            self.writer = await self.in_worker(self.lock.try_acquire)
        await self._replace_parts()
        self.state.scanned = self.state.scanned and not self.writer
        self.reopenings += 1

    async def _require_folders(self, missing: Path) -> None:
        """Raise IndexRemovedError if a folder of the index is missing; a step.

        The queue then reopens the index.
        """
        if self._disk.missing():
            raise IndexRemovedError(f"{missing} was removed while in use. The index is rebuilt from the files.")

    async def _replace_parts(self) -> None:
        """Open new parts, and close the old ones once running searches have finished.

        If the new parts cannot be opened, the old ones remain.
        """
        self.queue.supersede()
        old = self.parts
        try:
            await self._open_parts(old.target.embedder)
        finally:
            self.state.invalidate()
        await close_all([("The replaced metadata", old.metadata.store.close)])
        self.retired.add(await self.in_worker(old.retire))
        await self.overlays.renew()

    async def _open_parts(self, embedder: Embedder | None) -> None:
        self._disk.note_record()
        loaded = await self._opener.open(embedder, writer=self.writer)
        try:
            await self.quarantine.load(loaded.parts.metadata.store)
        except BaseException:
            await close_all(
                loaded.parts.closing_steps(self.in_worker)
            )  # otherwise the metadata's thread would keep the process alive
            raise
        self._disk.note_folders()
        # Nothing is awaited from here on, so that a search sees either the old or the new stores.
        self.overlays.hide()
        parts, state = loaded.parts, self.state
        self.parts, self.generation, self.stale = parts, loaded.stored.generation, loaded.stale
        state.load(loaded.stored, loaded.skipped, loaded.pending, loaded.quarantined)
        self.recorded_quarantine = dict(loaded.quarantined)
        if parts.metadata.damage:
            state.scanned = False
        state.damage(state.naming(loaded.missing))
        if loaded.stale:
            state.damage(state.catalog.records)
        stores = Stores(parts.target.embedder, parts.target.vectors, parts.lexical, parts.trigrams)
        sources = list(parts.sources)
        if parts.target.embedder.name == parts.serving.embedder.name:  # open buffers have vectors of the serving model
            sources.append(self.catalog.buffer_vectors)
        self.indexer = Indexer(
            self.location.root,
            stores,
            max_file_bytes=self._config.max_file_bytes,
            sources=sources,
            counts=self.counts,
            quarantined=state.quarantined,
            skipped_reasons=self.quarantine.reasons,
        )
