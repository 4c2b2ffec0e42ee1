"""One root folder: its stores and its ledger, and the steps that bring them in step with the disk.

Everything that changes the index runs as a command of `queue`, which runs one at a time. Methods that are documented as a
step are called by such a command; the others queue one themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from codekin.config import Config
from codekin.domain.ports import Embedder, Keys, Vectors, VectorStore
from codekin.domain.search import Coverage
from codekin.domain.values import Changes, FileRecord, Skipped
from codekin.engine.closing import Step, close_all
from codekin.engine.folders import sync_folders
from codekin.engine.history import History
from codekin.engine.ledger import Ledger
from codekin.engine.overlays import Overlays
from codekin.engine.parts import Opener, Parts
from codekin.engine.place import Place, place_of
from codekin.engine.quarantine import QUARANTINED, Quarantine
from codekin.engine.revisions import Revisions
from codekin.engine.status import Estimate
from codekin.engine.stores import record_file
from codekin.engine.supervision import cause_of
from codekin.engine.sync import SyncReport, compare
from codekin.engine.taking_up import look_at
from codekin.engine.write_queue import Priority, WriteQueue
from codekin.errors import CodekinError, IndexClosedError
from codekin.indexing import EmbedCounts, Indexer, Plan, Prepared, ReadAhead, Stores, is_readme, prepare_buffer
from codekin.searching import Deep, SearchView
from codekin.storage import LexicalIndex, WriterLock
from codekin.watching import Rules

LONGEST_SEARCH_S = 600
"""After so long no search is under way on stores that have been left."""
Retired = Sequence["VectorStore | LexicalIndex"]
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Workspace:
    """Lives on one event loop; reading and embedding run on `worker`, which has one thread."""

    def __init__(self, config: Config, place: Place, worker: ThreadPoolExecutor, counts: EmbedCounts) -> None:
        self.place = place
        self.rules = Rules(
            place.root, include=config.include, exclude=config.exclude, max_file_bytes=config.max_file_bytes
        )
        self.counts = counts
        self.queue = WriteQueue(str(place.root), self._reopen)
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
        self.overlays = Overlays(self)
        self.quarantine = Quarantine(place.root)
        self.history = History(self, config)
        self.revisions = Revisions(self, config.max_file_bytes)
        self._config = config
        self._worker = worker
        self._opener = Opener(config, place, worker)
        self._indexer: Indexer
        self._generation = 0
        self._stale = False
        self._set_aside_recorded: dict[int, str] = {}
        self._younger: set[str] | None = None
        self._stores_stamp: tuple[int, int] | None = None
        self._retired: dict[asyncio.TimerHandle, Retired] = {}

    @classmethod
    async def open(
        cls, config: Config, root: Path, worker: ThreadPoolExecutor, counts: EmbedCounts, embedder: Embedder | None
    ) -> Workspace:
        """Open the index of a folder and its queue. Raises SettingsError, EmbedderError, IndexUnavailableError."""
        loop = asyncio.get_running_loop()
        place = await loop.run_in_executor(worker, place_of, config, root)
        workspace = cls(config, place, worker, counts)
        workspace.writer = workspace.lock.try_acquire()
        try:
            await workspace._open_parts(embedder)
        except BaseException:
            workspace.lock.release()
            raise
        workspace.queue.start()
        return workspace

    @property
    def closed(self) -> bool:
        """Whether nothing is written any more."""
        return self.queue.closing

    def closing_steps(self) -> list[Step]:
        """What closing takes, in order: the queue first, the lock last, behind everything that the worker still does."""
        root = self.place.root

        async def release_retired() -> None:
            for timer, stores in list(self._retired.items()):
                timer.cancel()
                await self.in_worker(lambda stores=stores: _close_all(stores))  # type: ignore[misc]
            self._retired.clear()

        async def release_lock() -> None:
            await self.in_worker(self.lock.release)

        return [
            (f"The write queue of {root}", self.queue.close),
            *((f"{name} of {root}", step) for name, step in self.parts.closing_steps(self.in_worker)),
            (f"The stores that {root} has left", release_retired),
            (f"The lock of {root}", release_lock),
        ]

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
        """Open the stores anew when the index was moved to others meanwhile; True if it was."""
        if await asyncio.to_thread(_stamp, record_file(self.place)) == self._stores_stamp:
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

    async def compare(self) -> SyncReport:
        """Compare metadata, vectors and postings as they are stored now. Raises IndexUnavailableError."""

        async def held() -> SyncReport:
            if not self.writer:
                await self._follow()
            recorded = await self.parts.recorded_chunker()
            return await self.in_worker(lambda: compare(str(self.place.root), self.ledger, self.parts, recorded))

        return await self.queue.run(Priority.CONTROL, held, name="comparing the stores")

    async def mark_incomplete(self) -> None:
        """Have the next pass take in again all that lacks a vector or a posting, and what was quarantined."""

        async def mark() -> None:
            ledger, parts = self.ledger, self.parts
            ledger.set_aside.clear()
            self.quarantine.clear()
            ledger.damage(await self.in_worker(lambda: ledger.naming(parts.lost(ledger.keys()))))

        await self.queue.run(Priority.CONTROL, mark, name="looking for what is missing")

    async def volatile(self, prepared: Sequence[Prepared]) -> tuple[Keys, Vectors]:
        """Vectors of what is of no file on disk, those known taken from the store; postings are kept in memory alone. Raises
        IndexUnavailableError once closed.
        """

        async def make() -> tuple[Keys, Vectors]:
            parts, held = self.parts, self.catalog.buffer_vectors
            serving = Stores(parts.serving.embedder, parts.serving.vectors, parts.lexical)
            return await self.in_worker(lambda: self._indexer.volatile(prepared, serving, held))

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

    @contextmanager
    def noting_younger(self) -> Iterator[set[str]]:
        """Collect the paths that other commands commit meanwhile: a plan that is older must not undo them. A step."""
        younger: set[str] = set()
        self._younger = younger
        try:
            yield younger
        finally:
            self._younger = None

    async def take_up(self, paths: Sequence[str], saved: Mapping[str, int | None]) -> bool:
        """Bring single paths up to date in one commit, and say whether a folder among them has to be looked through; a step.

        A path that is gone stands for all below it as well. `saved` gives the version of a document that was saved.
        """
        if not self.writer:
            return False
        root, most, known = self.place.root, self._config.max_file_bytes, self.catalog.records
        look = await self.in_worker(lambda: look_at(root, self.rules, paths, known, most))
        gone = self.ledger.known_below(look.gone)
        fresh = any(path not in known or is_readme(path) for path in look.files)
        await self.index_files(look.files, gone)
        for path in paths:
            if path in saved:
                self.overlays.saved(path, saved[path])
        if gone or fresh:
            await sync_folders(self, most)
        return bool(look.folders)

    async def index_batch(self, paths: Sequence[str], ahead: ReadAhead | None = None) -> tuple[FileRecord, ...]:
        """Read, embed and store files of a pass; returns the records written; a step. `ahead` may have read some already."""
        return await self.index_files(paths, (), ahead, by_pass=True)

    async def index_files(
        self, paths: Sequence[str], gone: Sequence[str], ahead: ReadAhead | None = None, *, by_pass: bool = False
    ) -> tuple[FileRecord, ...]:
        """Index `paths` and forget `gone` in one commit; returns the records written; a step.

        A file that makes indexing fail by itself is found by halving and quarantined. Failures of the stores and of the disk
        are raised: they concern all files.
        """
        if not self.writer or not (paths or gone):
            return ()
        try:
            changes = await self._read(paths, ahead)
            changes = replace(changes, forgotten=(*gone, *changes.forgotten))
            await self._apply(self.ledger.attributed(changes), paths, by_pass=by_pass)
        except (CodekinError, OSError, MemoryError):
            raise
        except Exception as error:
            if len(paths) > 1:
                half = len(paths) // 2
                first = await self.index_files(paths[:half], gone, by_pass=by_pass)
                return first + await self.index_files(paths[half:], (), by_pass=by_pass)
            await self._try_something_harmless()  # raises where it is not the file
            if not paths:
                raise
            _log.exception("%s is quarantined", paths[0])
            reason = f"{QUARANTINED}{cause_of(error)}"
            await self._apply(Changes(forgotten=tuple(gone), skipped=(Skipped(paths[0], reason),)), paths)
            return ()
        return changes.written

    async def store_aside(self, prepared: Sequence[Prepared]) -> None:
        """Embed and store records that are of no file; a step."""
        if self.writer:
            await self.in_worker(lambda: self._indexer.store(prepared))
            self.counts.redacted += sum(item.secrets for item in prepared)
            await self._apply(Changes(written=tuple(item.record for item in prepared)), ())

    async def forget_aside(self, paths: Sequence[str]) -> None:
        """Forget such records; a step."""
        await self.commit(Changes(forgotten=tuple(paths)))

    async def rewrite(self, records: Sequence[FileRecord]) -> None:
        """Replace records whose nodes stay as they are; those that changed meanwhile are left to the next look. A step."""
        same = [record for record in records if (self.catalog.record(record.path) or record).nodes is record.nodes]
        await self.commit(Changes(written=tuple(same)))

    async def commit(self, changes: Changes) -> None:
        """One transaction, if there is anything to it, where this process writes; a step."""
        if self.writer and (changes.written or changes.forgotten or changes.skipped):
            await self._apply(changes, (), by_pass=True)

    async def finish_pass(self, written: int) -> None:
        """After all of a pass is committed: the new model or store answers, and what nobody needs is dropped. A step."""
        if self.ledger.pending or not self.writer:
            return
        parts = self.parts
        if parts.building:
            old, parts.serving, parts.building = parts.serving, parts.building, None
            self.ledger.invalidate()
            self.overlays.hide()  # their vectors are of the model that answered before
            self._indexer.sources.append(self.catalog.buffer_vectors)
            await self.overlays.renew()
            await self.in_worker(old.vectors.retire)
            self._close_unused([old.vectors])
            await parts.record(stale=self._stale)
        if self._stale:
            self._stale = False
            await parts.record(stale=False)
        await self.in_worker(lambda: parts.sweep(self.ledger.keys(), written))
        await self.in_worker(parts.compare)

    async def in_worker(self, work: Callable[[], T]) -> T:
        """Run blocking work beside the event loop, one at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def _read(self, paths: Sequence[str], ahead: ReadAhead | None) -> Changes:
        if not paths:
            return Changes()
        return (await self.in_worker(lambda: self._indexer.index_files(paths, ahead))).changes

    async def _try_something_harmless(self) -> None:
        """Raise where not even a harmless text can be chunked and embedded, or the metadata be read."""
        await self.volatile([prepare_buffer("harmless.txt", "a harmless text")])
        await self.parts.metadata.store.generation()

    async def _apply(self, changes: Changes, done: Sequence[str], *, by_pass: bool = False) -> None:
        self._generation = await self.parts.metadata.store.apply(changes)
        ledger = self.ledger
        ledger.note(changes, done)
        self.quarantine.note(changes)
        if self._younger is not None and not by_pass:
            self._younger.update(done, changes.forgotten)
        if ledger.pending_elsewhere != len(ledger.pending):
            ledger.pending_elsewhere = len(ledger.pending)
            await self.parts.record_pending(ledger.pending_elsewhere)
        if (set_aside := ledger.still_set_aside()) != self._set_aside_recorded:
            await self.parts.record_set_aside(set_aside)
            self._set_aside_recorded = set_aside
        await self.quarantine.record(self.parts.metadata.store)

    async def _take_over(self) -> bool:
        if self.writer or not self.lock.try_acquire():
            return False
        self.writer = True
        try:
            await self._open_anew()
        except BaseException:
            self.writer = False
            self.lock.release()
            raise
        return True

    async def _take_up_stores(self) -> bool:
        if _stamp(record_file(self.place)) == self._stores_stamp:
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
        if self.writer or await store.generation() == self._generation:
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

    async def _clear(self) -> None:
        self.queue.supersede()
        await self.parts.metadata.store.clear()
        await self.in_worker(self.parts.empty)
        self.ledger.clear()
        self._stale, self._set_aside_recorded = False, {}
        self._generation = await self.parts.metadata.store.generation()
        await self.parts.record(stale=False)

    async def _reopen(self) -> None:
        """Open all stores again, after one was found damaged or replaced by another process; a step."""
        if self.closed:
            raise IndexClosedError
        await self._open_anew()

    async def _open_anew(self) -> None:
        """The old parts go on where the new ones cannot be opened; searches that are under way finish on them."""
        self.queue.supersede()
        old = self.parts
        try:
            await self._open_parts(old.target.embedder)
        finally:
            self.ledger.invalidate()
        await close_all([("The metadata that was left", old.metadata.store.close)])
        self._close_unused(await self.in_worker(old.retire))
        await self.overlays.renew()

    async def _open_parts(self, embedder: Embedder | None) -> None:
        self._stores_stamp = _stamp(record_file(self.place))
        loaded = await self._opener.open(embedder, writer=self.writer)
        await self.quarantine.load(loaded.parts.metadata.store)
        # From here on nothing is awaited: a search sees the old stores or the new ones.
        self.overlays.hide()
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
        sources = list(parts.sources)
        if (
            parts.target.embedder.name == parts.serving.embedder.name
        ):  # open buffers have vectors of the model that answers
            sources.append(self.catalog.buffer_vectors)
        self._indexer = Indexer(
            self.place.root,
            stores,
            max_file_bytes=self._config.max_file_bytes,
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
        try:
            store.close()
        except (CodekinError, OSError):
            _log.exception("A store that was left could not be closed")


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
