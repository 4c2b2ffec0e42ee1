"""One root folder: its stores and its ledger, and the steps that bring them in step with the disk.

Everything that changes the index runs as a command of `queue`, which runs one at a time. Methods that are documented as a
step are called by such a command; the others queue one themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from codekin.config import Config
from codekin.domain.ports import Embedder, Keys, Vectors, VectorStore
from codekin.domain.search import Coverage
from codekin.engine.root.consistency import SyncReport, compare
from codekin.engine.root.index_state import IndexState
from codekin.engine.root.overlays import Overlays
from codekin.engine.root.quarantine import Quarantine
from codekin.engine.status.status import Estimate
from codekin.engine.stores.location import IndexLocation, for_single_file, location_of
from codekin.engine.stores.opening import OpenStores, StoreOpener
from codekin.engine.stores.selection import record_file
from codekin.engine.work.closing import Step, close_all
from codekin.engine.work.write_queue import Priority, WriteQueue
from codekin.errors import CodekinError, IndexClosedError, IndexReadOnlyError, IndexRemovedError, IndexUnavailableError
from codekin.files import Rules
from codekin.indexing import EmbedCounts, Indexer, Plan, Prepared, Stores
from codekin.searching import Deep, PendingSnapshot
from codekin.storage import LexicalIndex, WriterLock

LONGEST_SEARCH_S = 600
"""After so long no search is under way on stores that have been left."""
Retired = Sequence["VectorStore | LexicalIndex"]
T = TypeVar("T")
_log = logging.getLogger(__name__)


class RootIndex:
    """Lives on one event loop; reading and embedding run on `worker`, which has one thread."""

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
        """What happened to the process that read ahead for the latest pass, "" if it did its work or none was needed."""
        self.passing = False
        self.waiting: Estimate | None = None
        """What a first index would take that waits for a person's consent."""
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
        """Of the metadata, as this process knows it."""
        self.stale = False
        """Whether files wait to be cut anew by a newer chunker."""
        self.recorded_quarantine: dict[int, str] = {}
        self.reopenings = 0
        """How often the stores were opened again after damage: what they lost is found by a pass."""
        self.removed = False
        """Whether the index was removed while it was in use, and is not built again yet."""
        self._root = location.root / location.only if location.only else location.root
        self._folders: tuple[Path, ...] = ()
        self._stores_stamp: tuple[int, int] | None = None
        self._retired: dict[asyncio.TimerHandle, Retired] = {}

    @classmethod
    async def open(
        cls, config: Config, root: Path, worker: ThreadPoolExecutor, counts: EmbedCounts, embedder: Embedder | None
    ) -> RootIndex:
        """Open the index of a folder and its queue. Raises SettingsError, EmbedderError, IndexUnavailableError."""
        loop = asyncio.get_running_loop()
        location = await loop.run_in_executor(worker, location_of, config, root)
        index = cls(for_single_file(config, location.only) if location.only else config, location, worker, counts)
        index.writer = index.lock.try_acquire()
        try:
            try:
                await index._open_parts(embedder)
            except IndexReadOnlyError as error:  # what is there can be searched all the same
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
        """What closing takes, in order: the queue first, the lock last, behind everything that the worker still does."""
        root = self.location.root

        async def close_stores() -> None:
            # Those that are open by then: a command that ended last may have opened them anew.
            if not await close_all(self.parts.closing_steps(self.in_worker)):
                raise IndexUnavailableError("Not all stores could be closed; each is named above.")

        async def release_retired() -> None:
            for timer, stores in list(self._retired.items()):
                timer.cancel()
                await self.in_worker(lambda stores=stores: _close_all(stores))  # type: ignore[misc]
            self._retired.clear()

        async def release_lock() -> None:
            await self.in_worker(self.lock.release)

        return [
            (f"The write queue of {root}", self.queue.close),
            (f"The stores of {root}", close_stores),
            (f"The stores that {root} has left", release_retired),
            (f"The lock of {root}", release_lock),
        ]

    def view(self) -> PendingSnapshot:
        """Return the snapshot of the files to search now."""
        serving, deep = self.parts.serving, self.parts.deep
        second = Deep(deep.embedder, deep.vectors) if deep else None
        return self.catalog.view(serving.embedder, serving.vectors, self.parts.lexical, second)

    def record_view(self) -> PendingSnapshot | None:
        """Return the snapshot of commits, pull requests and folders, if there are any."""
        serving = self.parts.serving
        if not len(self.record_catalog):
            return None
        return self.record_catalog.view(serving.embedder, serving.vectors, self.parts.lexical)

    def views(self) -> list[PendingSnapshot]:
        """Return what to search now: the files, and the records, if there are any."""
        records = self.record_view()
        return [self.view(), records] if records else [self.view()]

    def coverage(self) -> Coverage:
        """How much of the root the index holds."""
        return self.state.coverage(writer=self.writer)

    async def attach_deep(self, spec: str, embedder: Embedder) -> None:
        """Open the store of the deep model beside the first. Raises IndexUnavailableError."""

        async def attach() -> None:
            self._opener.deep = (spec, embedder)
            await self._opener.open_deep(self.parts, writer=self.writer)

        await self.queue.run(Priority.CONTROL, attach, name="opening the deep model's vectors")

    async def store_deep(self, keys: Keys, rows: Vectors) -> None:
        """Keep vectors of the deep model, if this process still writes."""

        async def store() -> None:
            deep = self.parts.deep
            if deep and self.writer:
                await self.in_worker(lambda: deep.vectors.add(keys, rows))

        await self.queue.run(Priority.BACKGROUND, store, name="storing vectors of the deep model")

    async def take_over(self) -> bool:
        """Become the writer if nobody else is; True if that happened now."""
        return not self.writer and await self.queue.run(
            Priority.CONTROL, self._take_over, name="taking over", key="take over"
        )

    async def take_up_stores(self) -> bool:
        """Open the stores anew when the index was moved to others meanwhile; True if it was. An index that was removed is begun
        again.
        """
        if missing := await asyncio.to_thread(_missing, self._folders):
            await self.queue.run(
                Priority.CONTROL, lambda: self._require_there(missing), name="looking at the index", key="there"
            )
        if await asyncio.to_thread(_stamp, record_file(self.location)) == self._stores_stamp:
            return False
        return await self.queue.run(
            Priority.CONTROL, self._take_up_stores, name="following a move to other stores", key="move"
        )

    async def follow(self) -> bool:
        """Take up what another process committed; True if there was anything."""
        return await self.queue.run(Priority.CONTROL, self._follow, name="following the writer", key="follow")

    async def clear(self) -> None:
        """Empty the index; the next pass fills it again."""
        await self.queue.run(Priority.CONTROL, self._clear, name="emptying the index")

    async def record_undone(self, changes: int) -> None:
        """Let processes that read know how much waits to be written: `changes` beside what a pass has found."""

        async def record() -> None:
            count = len(self.state.pending) + changes
            if self.writer and self.state.looked_through and count != self.state.pending_elsewhere:
                self.state.pending_elsewhere = count
                await self.parts.record_pending(count)

        await self.queue.run(Priority.CONTROL, record, name="recording what waits", key="undone")

    async def compare(self) -> SyncReport:
        """Compare metadata, vectors and postings as they are stored now. Raises IndexUnavailableError."""

        async def held() -> SyncReport:
            if not self.writer:
                await self._follow()
            recorded = await self.parts.recorded_chunker()
            return await self.in_worker(lambda: compare(str(self.location.root), self.state, self.parts, recorded))

        return await self.queue.run(Priority.CONTROL, held, name="comparing the stores")

    async def mark_incomplete(self) -> None:
        """Have the next pass take in again all that lacks a vector or a posting, and what was quarantined."""

        async def mark() -> None:
            state, parts = self.state, self.parts
            state.quarantined.clear()
            self.quarantine.clear()
            state.damage(await self.in_worker(lambda: state.naming(parts.lost(state.keys()))))

        await self.queue.run(Priority.CONTROL, mark, name="looking for what is missing")

    async def volatile(self, prepared: Sequence[Prepared]) -> tuple[Keys, Vectors]:
        """Vectors of what is of no file on disk, those known taken from the store; postings are kept in memory alone. Raises
        IndexUnavailableError once closed.
        """

        async def make() -> tuple[Keys, Vectors]:
            parts, held = self.parts, self.catalog.buffer_vectors
            serving = Stores(parts.serving.embedder, parts.serving.vectors, parts.lexical)
            return await self.in_worker(lambda: self.indexer.volatile(prepared, serving, held))

        return await self.queue.run(Priority.BUFFER, make, name="embedding text that is not stored")

    def ask_first(self, plan: Plan) -> None:
        """Have a first index that is huge wait until somebody resumes indexing, who then knows what it takes."""
        most = self._config.confirm_above_files
        if most and not self.consented and not len(self.catalog) and len(plan.index) > most:
            self.waiting = Estimate(len(plan.index), plan.index_bytes)
            self.queue.pause(paused=True)

    def resume(self) -> None:
        """Go on with what waits or was paused."""
        self.waiting, self.consented = None, True
        self.queue.pause(paused=False)

    async def in_worker(self, work: Callable[[], T]) -> T:
        """Run blocking work beside the event loop, one at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def _take_over(self) -> bool:
        if self.writer or not self.lock.try_acquire():
            return False
        self.writer = True
        try:
            await self._open_anew()
        except IndexReadOnlyError as error:
            self.writer = False
            self.lock.refuse(str(error))
            return False
        except BaseException:
            self.writer = False
            self.lock.release()
            raise
        return True

    async def _take_up_stores(self) -> bool:
        if _stamp(record_file(self.location)) == self._stores_stamp:
            return False
        try:
            await self._open_anew()
        except BaseException:
            self._stores_stamp = None  # tried again
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
        self.state.take(written, forgotten)
        await self.in_worker(self.parts.refresh)
        self.state.skipped = {item.path: item.reason for item in await store.skipped()}
        self.state.quarantined = await self.parts.recorded_quarantine()
        self.state.looked_through = True
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
        """Open all stores again, after one was found damaged or replaced by another process; a step."""
        if self.closed:
            raise IndexClosedError
        if self.writer:
            self.removed = self.removed or _missing(self._folders) is not None
            if not await self.in_worker(self.location.directory.is_dir):
                await self.in_worker(lambda: location_of(self._config, self._root))
            # A lock whose file was removed keeps nobody out: another process may have become the writer.
            self.writer = await self.in_worker(self.lock.try_acquire)
        await self._open_anew()
        self.state.looked_through = self.state.looked_through and not self.writer
        self.reopenings += 1

    async def _require_there(self, missing: Path) -> None:
        """Raises IndexRemovedError, upon which the queue opens the index again, while a folder of it is not there; a step."""
        if _missing(self._folders):
            raise IndexRemovedError(
                f"{missing} was removed while it was in use. The index is built again from the files."
            )

    async def _open_anew(self) -> None:
        """The old parts go on where the new ones cannot be opened; searches that are under way finish on them."""
        self.queue.supersede()
        old = self.parts
        try:
            await self._open_parts(old.target.embedder)
        finally:
            self.state.invalidate()
        await close_all([("The metadata that was left", old.metadata.store.close)])
        self.leave(await self.in_worker(old.retire))
        await self.overlays.renew()

    async def _open_parts(self, embedder: Embedder | None) -> None:
        self._stores_stamp = _stamp(record_file(self.location))
        loaded = await self._opener.open(embedder, writer=self.writer)
        try:
            await self.quarantine.load(loaded.parts.metadata.store)
        except BaseException:
            await close_all(
                loaded.parts.closing_steps(self.in_worker)
            )  # a thread of the metadata would keep the process
            raise
        location = self.location
        folders = (location.directory, location.lexical_directory, location.directory / "vectors")
        self._folders = tuple(folder for folder in folders if folder.is_dir())
        # From here on nothing is awaited: a search sees the old stores or the new ones.
        self.overlays.hide()
        parts, state = loaded.parts, self.state
        self.parts, self.generation, self.stale = parts, loaded.generation, loaded.stale
        state.load(loaded.records, loaded.skipped, loaded.pending, loaded.quarantined)
        self.recorded_quarantine = dict(loaded.quarantined)
        if parts.metadata.damage:
            state.looked_through = False
        state.damage(state.naming(loaded.lost))
        if loaded.stale:
            state.damage(state.catalog.records)
        stores = Stores(parts.target.embedder, parts.target.vectors, parts.lexical)
        sources = list(parts.sources)
        if (
            parts.target.embedder.name == parts.serving.embedder.name
        ):  # open buffers have vectors of the model that answers
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

    def leave(self, stores: Retired) -> None:
        """Close stores later: a slow search that began with them may outlast several moves."""

        def close() -> None:
            del self._retired[timer]
            self._worker.submit(_close_all, stores)

        timer = asyncio.get_running_loop().call_later(LONGEST_SEARCH_S, close)
        self._retired[timer] = stores


def _close_all(stores: Retired) -> None:
    for store in stores:
        try:
            store.close()
        except (CodekinError, OSError):
            _log.exception("A store that was left could not be closed")


def _missing(folders: Sequence[Path]) -> Path | None:
    """Return the first that is no longer there."""
    return next((folder for folder in folders if not folder.is_dir()), None)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
