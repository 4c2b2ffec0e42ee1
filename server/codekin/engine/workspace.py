"""One root folder: its stores and its ledger, and the writing that keeps them in step with the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from codekin.config import Config
from codekin.domain.ports import Embedder, Keys, Vectors, VectorStore
from codekin.domain.search import Coverage
from codekin.domain.values import Changes, FileChange, FileEvent, FileRecord
from codekin.engine.folders import sync_folders
from codekin.engine.history import History
from codekin.engine.ledger import Ledger
from codekin.engine.parts import Opener, Parts
from codekin.engine.place import Place, place_of
from codekin.engine.revisions import Revisions
from codekin.engine.status import Estimate
from codekin.engine.stores import record_file
from codekin.engine.sync import SyncReport, compare
from codekin.errors import CodekinError, IndexUnavailableError
from codekin.indexing import EmbedCounts, Indexer, Plan, Prepared, ReadAhead, Stores, is_readme, prepare_buffer
from codekin.searching import Deep, SearchView
from codekin.storage import LexicalIndex, WriterLock, whole
from codekin.watching import Rules

LONGEST_SEARCH_S = 600
"""After so long no search is under way on stores that have been left."""
Retired = Sequence["VectorStore | LexicalIndex"]
T = TypeVar("T")


class Workspace:
    """Lives on one event loop; reading and embedding run on `worker`, which has one thread."""

    def __init__(self, config: Config, place: Place, worker: ThreadPoolExecutor, counts: EmbedCounts) -> None:
        self.place = place
        self.rules = Rules(
            place.root, include=config.include, exclude=config.exclude, max_file_bytes=config.max_file_bytes
        )
        self.counts = counts
        self.rate_per_s = 0.0
        self.slower = ""
        """What happened to the process that read ahead for the latest pass, "" if it did its work or none was needed."""
        self.passing = False
        self.waiting: Estimate | None = None
        """What a first index would take that waits for a person's consent."""
        self.consented = False
        self.lock = WriterLock(place.directory)
        self.writer = False
        self.parts: Parts
        self.ledger = Ledger(place.root)
        self.catalog = self.ledger.catalog
        self.aside = self.ledger.aside
        self.history = History(self, config)
        self.revisions = Revisions(self, config.max_file_bytes)
        self.closed = False
        self._config = config
        self._worker = worker
        self._opener = Opener(config, place, worker)
        self._indexer: Indexer
        self._generation = 0
        self._stale = False
        self._set_aside_recorded: dict[int, str] = {}
        self._writing = asyncio.Lock()
        self._stores_stamp: tuple[int, int] | None = None
        self._retired: dict[asyncio.TimerHandle, Retired] = {}
        self.running = asyncio.Event()
        self.running.set()

    @classmethod
    async def open(
        cls, config: Config, root: Path, worker: ThreadPoolExecutor, counts: EmbedCounts, embedder: Embedder | None
    ) -> Workspace:
        """Raises SettingsError, EmbedderError, IndexUnavailableError."""
        workspace = cls(config, place_of(config, root), worker, counts)
        workspace.writer = workspace.lock.try_acquire()
        try:
            await workspace._open_parts(embedder)
        except BaseException:
            workspace.lock.release()
            raise
        return workspace

    async def close(self) -> None:
        """Waits for the batch that is being written. Idempotent."""
        if self.closed:
            return
        self.closed = True
        self.running.set()
        async with self._writing:
            await self.parts.close()
            for timer, stores in self._retired.items():
                timer.cancel()
                _close_all(stores)
            self._retired.clear()
            self.lock.release()

    def view(self) -> SearchView:
        """The snapshot of the files to search now."""
        serving, deep = self.parts.serving, self.parts.deep
        second = Deep(deep.embedder, deep.vectors) if deep else None
        return self.catalog.view(serving.embedder, serving.vectors, self.parts.lexical, second)

    def views(self) -> list[SearchView]:
        """What to search now: the files, and what is no file, if there is any."""
        serving = self.parts.serving
        aside = self.aside.view(serving.embedder, serving.vectors, self.parts.lexical)
        return [self.view(), aside] if aside.blocks else [self.view()]

    def coverage(self) -> Coverage:
        """How much of the root the index holds."""
        return self.ledger.coverage(writer=self.writer)

    @whole
    async def attach_deep(self, spec: str, embedder: Embedder) -> None:
        """Opens the store of the deep model beside the first. Raises IndexUnavailableError."""
        async with self._writing:
            self._opener.deep = (spec, embedder)
            if not self.closed:
                await self._opener.open_deep(self.parts, writer=self.writer)

    @whole
    async def store_deep(self, keys: Keys, rows: Vectors) -> None:
        """Keeps vectors of the deep model, if this process still writes."""
        async with self._writing:
            deep = self.parts.deep
            if deep and self.writer and not self.closed:
                await self.in_worker(lambda: deep.vectors.add(keys, rows))

    @whole
    async def take_over(self) -> bool:
        """Becomes the writer if nobody else is; True if that happened now."""
        if self.writer or not self.lock.try_acquire():
            return False
        try:
            async with self._writing:
                self.writer = not self.closed
                if self.writer:
                    await self._open_anew()
        except BaseException:
            self.writer = False
            raise
        finally:
            if not self.writer:
                self.lock.release()
        return self.writer

    @whole
    async def reopen(self) -> None:
        """Opens all stores again, after one was found damaged or replaced by another process."""
        async with self._writing:
            if not self.closed:
                await self._open_anew()

    @whole
    async def take_up_stores(self) -> bool:
        """Opens the stores anew when the index was moved to others meanwhile; True if it was."""
        async with self._writing:
            if self.closed or _stamp(record_file(self.place)) == self._stores_stamp:
                return False
            try:
                await self._open_anew()
            except BaseException:
                self._stores_stamp = None  # tried again
                raise
        return True

    @whole
    async def follow(self) -> bool:
        """Takes up what another process committed; True if there was anything."""
        async with self._writing:
            store = self.parts.metadata.store
            if not self.closed:
                await self.in_worker(self.parts.refresh_deep)
            if self.closed or await store.generation() == self._generation:
                return False
            self._generation, written, forgotten = await store.load(self._generation)
            self.ledger.take(written, forgotten)
            await self.in_worker(self.parts.refresh)
            self.ledger.skipped = {item.path: item.reason for item in await store.skipped()}
            self.ledger.pending_elsewhere = await self.parts.recorded_pending()
            self.ledger.set_aside = await self.parts.recorded_set_aside()
            self.ledger.looked_through = True
            self.ledger.invalidate()
        return True

    def ask_first(self, plan: Plan) -> None:
        """Has a first index that is huge wait until somebody resumes indexing, who then knows what it takes."""
        most = self._config.confirm_above_files
        if most and not self.consented and not len(self.catalog) and len(plan.index) > most:
            self.waiting = Estimate(len(plan.index), plan.index_bytes)
            self.running.clear()

    def resume(self) -> None:
        """Goes on with what waits or was paused."""
        self.waiting, self.consented = None, True
        self.running.set()

    async def handle(self, events: Iterable[FileEvent]) -> None:
        """Brings single files up to date; searchable when it returns. A deleted path stands for all below it as well."""
        wanted: list[str] = []
        gone: list[str] = []
        for event in events:
            if event.change is FileChange.CHANGED and self.rules.verdict(event.path, is_dir=False) is None:
                wanted.append(event.path)
            else:
                gone.extend(self.ledger.known_at(event.path))
        fresh = any(self.catalog.record(path) is None or is_readme(path) for path in wanted)
        await self.commit(Changes(forgotten=tuple(gone)))
        if wanted:
            await self.index_batch(wanted)
        if gone or fresh:
            await sync_folders(self, self._config.max_file_bytes)

    @whole
    async def open_buffer(self, path: str, text: str) -> None:
        """Lets an unsaved text stand in for the file; searchable when it returns."""
        async with self._writing:
            if self.closed:
                return
            prepared = prepare_buffer(path, text)
            keys, rows = await self._volatile([prepared])
            self.catalog.open_buffer(prepared.record, text, keys, rows)

    @whole
    async def volatile(self, prepared: Sequence[Prepared]) -> tuple[Keys, Vectors]:
        """Vectors of what is of no file on disk, those known taken from the store; postings are kept in memory alone. Raises
        IndexUnavailableError once closed.
        """
        async with self._writing:
            if self.closed:
                raise IndexUnavailableError("The index is closed.")
            return await self._volatile(prepared)

    async def _volatile(self, prepared: Sequence[Prepared]) -> tuple[Keys, Vectors]:
        serving = Stores(self.parts.serving.embedder, self.parts.serving.vectors, self.parts.lexical)
        held = self.catalog.buffer_vectors
        return await self.in_worker(lambda: self._indexer.volatile(prepared, serving, held))

    @whole
    async def index_batch(self, paths: Iterable[str], ahead: ReadAhead | None = None) -> tuple[FileRecord, ...]:
        """Reads, embeds and stores the files; searchable when it returns. Returns the records written. `ahead` may have read
        some of them already.
        """
        batch = list(paths)
        async with self._writing:
            if self.closed or not self.writer:
                return ()
            report = await self.in_worker(lambda: self._indexer.index_files(batch, ahead))
            await self._apply(self.ledger.attributed(report.changes), batch)
        return report.changes.written

    @whole
    async def store_aside(self, prepared: Sequence[Prepared]) -> None:
        """Embeds and stores records that are of no file; searchable when it returns."""
        async with self._writing:
            if self.closed or not self.writer:
                return
            await self.in_worker(lambda: self._indexer.store(prepared))
            self.counts.redacted += sum(item.secrets for item in prepared)
            await self._apply(Changes(written=tuple(item.record for item in prepared)), ())

    async def forget_aside(self, paths: Sequence[str]) -> None:
        """Forgets such records."""
        await self.commit(Changes(forgotten=tuple(paths)))

    async def rewrite(self, records: Sequence[FileRecord]) -> None:
        """Replaces records whose nodes stay as they are; those that changed meanwhile are left to the next look."""
        same = [record for record in records if (self.catalog.record(record.path) or record).nodes is record.nodes]
        await self.commit(Changes(written=tuple(same)))

    @whole
    async def commit(self, changes: Changes) -> None:
        """One transaction, if there is anything to it, where this process writes."""
        async with self._writing:
            anything = changes.written or changes.forgotten or changes.skipped
            if anything and not self.closed and self.writer:
                await self._apply(changes, ())

    @whole
    async def finish_pass(self, written: int) -> None:
        """After all of a pass is committed: the new model or store answers, and what nobody needs is dropped."""
        async with self._writing:
            if self.closed or self.ledger.pending:
                return
            parts = self.parts
            if parts.building:
                old, parts.serving, parts.building = parts.serving, parts.building, None
                self.ledger.invalidate()
                await self.in_worker(old.vectors.retire)
                self._close_unused([old.vectors])
                await parts.record(stale=self._stale)
            if self._stale:
                self._stale = False
                await parts.record(stale=False)
            await self.in_worker(lambda: parts.sweep(self.ledger.keys(), written))
            await self.in_worker(parts.compare)

    @whole
    async def clear(self) -> None:
        """Empties the index; the next pass fills it again."""
        async with self._writing:
            if self.closed:
                return
            await self.parts.metadata.store.clear()
            await self.in_worker(self.parts.empty)
            self.ledger.clear()
            self._stale, self._set_aside_recorded = False, {}
            self._generation = await self.parts.metadata.store.generation()
            await self.parts.record(stale=False)

    async def compare(self) -> SyncReport:
        """Holds metadata, vectors and postings against each other, as they are stored now. Raises IndexUnavailableError."""
        if not self.writer:
            await self.follow()
        async with self._writing:
            if self.closed:
                raise IndexUnavailableError("The index is closed.")
            recorded = await self.parts.recorded_chunker()
            return await self.in_worker(lambda: compare(str(self.place.root), self.ledger, self.parts, recorded))

    async def mark_incomplete(self) -> None:
        """Has the next pass take in again all that lacks a vector or a posting, and what was set aside."""
        async with self._writing:
            if not self.closed:
                ledger, parts = self.ledger, self.parts
                ledger.set_aside.clear()
                ledger.damage(await self.in_worker(lambda: ledger.naming(parts.lost(ledger.keys()))))

    async def in_worker(self, work: Callable[[], T]) -> T:
        """Runs blocking work beside the event loop, one at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def _apply(self, changes: Changes, done: Iterable[str]) -> None:
        self._generation = await self.parts.metadata.store.apply(changes)
        ledger = self.ledger
        ledger.note(changes, done)
        if ledger.pending_elsewhere != len(ledger.pending):
            ledger.pending_elsewhere = len(ledger.pending)
            await self.parts.record_pending(ledger.pending_elsewhere)
        if (set_aside := ledger.still_set_aside()) != self._set_aside_recorded:
            await self.parts.record_set_aside(set_aside)
            self._set_aside_recorded = set_aside

    async def _open_anew(self) -> None:
        """The old parts go on where the new ones cannot be opened; searches that are under way finish on them."""
        old = self.parts
        try:
            await self._open_parts(old.target.embedder)
        finally:
            self.ledger.invalidate()
        await old.metadata.store.close()
        self._close_unused(await self.in_worker(old.retire))

    async def _open_parts(self, embedder: Embedder | None) -> None:
        self._stores_stamp = _stamp(record_file(self.place))
        loaded = await self._opener.open(embedder, writer=self.writer)
        parts, ledger = loaded.parts, self.ledger
        self.parts, self._generation, self._stale = parts, loaded.generation, loaded.stale
        ledger.load(loaded.records, loaded.skipped, loaded.pending, loaded.set_aside)
        self._set_aside_recorded = dict(loaded.set_aside)
        if parts.metadata.damage:
            ledger.looked_through = False
        ledger.damage(ledger.naming(loaded.lost))
        if loaded.stale:
            ledger.damage(ledger.catalog.records)
        stores = Stores(parts.target.embedder, parts.target.vectors, parts.lexical)
        most, sources = self._config.max_file_bytes, [*parts.sources, self.catalog.buffer_vectors]
        self._indexer = Indexer(
            self.place.root,
            stores,
            max_file_bytes=most,
            sources=sources,
            counts=self.counts,
            set_aside=ledger.set_aside,
        )

    def _close_unused(self, stores: Retired) -> None:
        """Not at once, nor with the next move: a slow search that began with them may outlast several."""

        def close() -> None:
            del self._retired[timer]
            self._worker.submit(_close_all, stores)

        timer = asyncio.get_running_loop().call_later(LONGEST_SEARCH_S, close)
        self._retired[timer] = stores


def _close_all(stores: Retired) -> None:
    for store in stores:
        with suppress(CodekinError):
            store.close()


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
