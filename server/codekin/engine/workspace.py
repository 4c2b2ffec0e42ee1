"""One root folder: its stores and its catalog, and the writing that keeps them in step with the disk."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from codekin.chunking import CHUNKER_VERSION
from codekin.config import Config
from codekin.domain.commits import commit_path, is_file, sha_of
from codekin.domain.ports import Embedder, Keys, Mask, Vectors, VectorStore
from codekin.domain.search import Coverage
from codekin.domain.values import Changes, FileChange, FileEvent, FileRecord
from codekin.engine.folders import sync_folders
from codekin.engine.history import History
from codekin.engine.place import Place, place_of
from codekin.engine.semantic import (
    Choice,
    Semantic,
    encode_choice,
    open_semantic,
    previous_semantic,
    sibling_sources,
)
from codekin.engine.status import Estimate, Progress, ProgressListener
from codekin.engine.stores import chosen_stores, record_file, write_in_use
from codekin.engine.sync import Held, SyncReport, Versions
from codekin.errors import CodekinError, IndexDamagedError, IndexUnavailableError
from codekin.indexing import (
    BatchReport,
    EmbedCounts,
    Indexer,
    Plan,
    Prepared,
    Stores,
    VectorSource,
    is_readme,
    keys_of,
    plan_pass,
    prepare_buffer,
)
from codekin.searching import Catalog, Deep, SearchView
from codekin.storage import FLAT, LexicalIndex, OpenedMetadata, WriterLock, open_metadata, pack_nodes, whole
from codekin.watching import Rules

_log = logging.getLogger(__name__)
_FIRST_BATCH_FILES = 16
_BATCH_FILES = 256
_DEAD_ROWS_KEPT = 20_000
_COMPACTED_SHARE = 0.2
T = TypeVar("T")
_SERVING = "serving"
_CHUNKER = "chunker"
_PENDING = "pending"


@dataclass(slots=True)
class Opened:
    """The parts of an index that are replaced together when this process becomes the writer."""

    metadata: OpenedMetadata
    lexical: LexicalIndex
    serving: Semantic
    building: Semantic | None
    deep: Semantic | None = None

    @property
    def target(self) -> Semantic:
        """The pair that new vectors are written for."""
        return self.building or self.serving

    async def close(self) -> None:
        """Releases all files."""
        await self.metadata.store.close()
        self.lexical.close()
        for semantic in (self.serving, self.building, self.deep):
            if semantic:
                semantic.vectors.close()


class Workspace:
    """Lives on one event loop; reading and embedding run on `worker`, which has one thread."""

    def __init__(self, config: Config, place: Place, worker: ThreadPoolExecutor, counts: EmbedCounts) -> None:
        self.place = place
        self.rules = Rules(
            place.root, include=config.include, exclude=config.exclude, max_file_bytes=config.max_file_bytes
        )
        self.counts = counts
        self.skipped: dict[str, str] = {}
        self.rate_per_s = 0.0
        self.passing = False
        self.looked_through = True
        self.waiting: Estimate | None = None
        self.consented = False
        self.lock = WriterLock(place.directory)
        self.writer = False
        self.parts: Opened
        self.catalog = Catalog(str(place.root))
        self.aside = Catalog(str(place.root), aside=True)
        self.damaged_aside: frozenset[str] = frozenset()
        self.history = History(self, config)
        self._config = config
        self._worker = worker
        self._indexer: Indexer
        self._generation = 0
        self._deep: tuple[str, Embedder] | None = None
        self.deep_sources: list[VectorSource] = []
        self._pending: set[str] = set()
        self._pending_elsewhere = 0
        self._damaged: frozenset[str] = frozenset()
        self._stale = False
        self._writing = asyncio.Lock()
        self._closed = False
        self._stores_stamp: tuple[int, int] | None = None
        self._retired: list[VectorStore] = []
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
        if self._closed:
            return
        self._closed = True
        self.running.set()
        async with self._writing:
            await self.parts.close()
            self._close_retired()
            self.lock.release()

    def view(self) -> SearchView:
        """The snapshot of the files to search now."""
        serving, deep = self.parts.serving, self.parts.deep
        second = Deep(deep.embedder, deep.vectors) if deep else None
        return self.catalog.view(serving.embedder, serving.vectors, self.parts.lexical, second)

    @whole
    async def attach_deep(self, spec: str, embedder: Embedder) -> None:
        """Opens the store of the deep model beside the first. Raises IndexUnavailableError."""
        async with self._writing:
            self._deep = (spec, embedder)
            if not self._closed:
                self.parts.deep = await self._open_deep()

    @whole
    async def store_deep(self, keys: Keys, rows: Vectors) -> None:
        """Keeps vectors of the deep model, if this process still writes."""
        async with self._writing:
            deep = self.parts.deep
            if deep and self.writer and not self._closed:
                await self._in_worker(lambda: deep.vectors.add(keys, rows))

    def views(self) -> list[SearchView]:
        """What to search now: the files, and what is no file, if there is any."""
        serving = self.parts.serving
        aside = self.aside.view(serving.embedder, serving.vectors, self.parts.lexical)
        return [self.view(), aside] if aside.blocks else [self.view()]

    def commit_count(self) -> int:
        """Commits in the index."""
        return sum(sha_of(path) != "" for path in self.aside.records)

    def pull_request(self, sha: str) -> int:
        """The number of the pull request that a commit is; 0 for any other."""
        record = self.aside.record(commit_path(sha))
        marks = [node.symbol_kind for node in record.nodes] if record else []
        return next((int(mark[1:]) for mark in marks if mark.startswith("#")), 0)

    def coverage(self) -> Coverage:
        """Computed from what is stored and what is known to be waiting."""
        if not self.writer:
            return Coverage(len(self.catalog), len(self.catalog) + self._pending_elsewhere, self.looked_through)
        known = self.catalog.records_count_in(self._pending)
        total = len(self.catalog) + len(self._pending) - known
        return Coverage(total - len(self._pending), total, self.looked_through)

    @whole
    async def take_over(self) -> bool:
        """Becomes the writer if nobody else is; True if that happened now."""
        if self.writer or not self.lock.try_acquire():
            return False
        try:
            async with self._writing:
                self.writer = not self._closed
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
            if not self._closed:
                await self._open_anew()

    @whole
    async def take_up_stores(self) -> bool:
        """Opens the stores anew when the index was moved to others meanwhile; True if it was. A search that is under way
        finishes on the old ones.
        """
        async with self._writing:
            if self._closed or _stamp(record_file(self.place)) == self._stores_stamp:
                return False
            old, embedder = self.parts, self.parts.target.embedder
            try:
                await self._open_parts(embedder)
            except BaseException:
                self._stores_stamp = None  # tried again
                raise
            await old.metadata.store.close()
            await self._in_worker(self._close_retired)
            self._retired = [item.vectors for item in (old.serving, old.building) if item]
            self._invalidate()
        return True

    @whole
    async def follow(self) -> bool:
        """Takes up what another process committed; True if there was anything."""
        async with self._writing:
            store = self.parts.metadata.store
            if not self._closed:
                await self._in_worker(self._refresh_deep)
            if self._closed or await store.generation() == self._generation:
                return False
            self._generation, written, forgotten = await store.load(self._generation)
            self._take(written, forgotten)
            await self._in_worker(self._refresh_stores)
            await self._load_facts()
            self.looked_through = True
            self._invalidate()
        return True

    async def run_pass(self, progress: ProgressListener | None = None, *, changed: Callable[[], None]) -> None:
        """Brings the whole index in step with the disk. `changed` is called after every committed batch."""
        self.passing = True
        try:
            plan = await self._plan(progress)
            await self._apply_plan(plan)
            self._ask_first(plan)
            changed()
            await self._index_all(plan.index, progress, changed)
            await sync_folders(self, self._config.max_file_bytes)
            await self.history.sync(changed)
            await self._finish_pass(sum(len(record.nodes) for record in map(self.catalog.record, plan.index) if record))
        finally:
            self.passing = False
            self.rate_per_s = 0.0
            changed()

    def _ask_first(self, plan: Plan) -> None:
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
                gone.extend(self._known_at(event.path))
        fresh = any(self.catalog.record(path) is None or is_readme(path) for path in wanted)
        if gone:
            await self._commit(BatchReport(Changes(forgotten=tuple(gone)), 0, 0))
        if wanted:
            await self._index_batch(wanted)
        if gone or fresh:
            await sync_folders(self, self._config.max_file_bytes)

    @whole
    async def open_buffer(self, path: str, text: str) -> None:
        """Lets an unsaved text stand in for the file; searchable when it returns."""
        async with self._writing:
            if self._closed:
                return
            prepared = prepare_buffer(path, text)
            serving = Stores(self.parts.serving.embedder, self.parts.serving.vectors, self.parts.lexical)
            keys, rows = await self._in_worker(
                lambda: self._indexer.volatile(prepared, serving, self.catalog.buffer_vectors)
            )
            self.catalog.open_buffer(prepared.record, text, keys, rows)

    @whole
    async def clear(self) -> None:
        """Empties the index; the next pass fills it again."""
        async with self._writing:
            if self._closed:
                return
            await self.parts.metadata.store.clear()
            await self._in_worker(self._empty_stores)
            self._take((), [*self.catalog.records, *self.aside.records])
            self.skipped.clear()
            self._pending.clear()
            self._stale = False
            self._generation = await self.parts.metadata.store.generation()
            await self._record_facts()

    async def _open_anew(self) -> None:
        """The old parts go on where the new ones cannot be opened."""
        old = self.parts
        try:
            await self._open_parts(old.target.embedder)
        except BaseException:
            self.parts = old
            self._invalidate()
            raise
        await old.close()

    def _close_retired(self) -> None:
        for store in self._retired:
            with suppress(CodekinError):
                store.close()
        self._retired = []

    async def _open_parts(self, embedder: Embedder | None) -> None:
        try:
            await self._open_once(embedder)
        except IndexDamagedError:
            if not self.writer:
                raise
            # The damage was met in what was read; it is marked by now, and set aside by opening once more.
            await self._open_once(embedder)

    async def _open_once(self, embedder: Embedder | None) -> None:
        config, place = self._config, self.place
        self._stores_stamp = _stamp(record_file(place))
        metadata = await open_metadata(place.directory, config.metadata, read_only=not self.writer)
        try:
            await self._open_rest(metadata, embedder)
        except BaseException:
            await metadata.store.close()  # its thread would keep the process alive
            raise

    async def _open_rest(self, metadata: OpenedMetadata, embedder: Embedder | None) -> None:
        config, place = self._config, self.place
        record = chosen_stores(config, place)
        choice = Choice(config.embedder, record.active)
        current = await self._in_worker(
            lambda: open_semantic(config, place, choice, embedder, mirror=record.mirror, writable=self.writer)
        )
        lexical = await self._in_worker(lambda: LexicalIndex.open(place.lexical_directory, writable=self.writer))
        self._generation, records, _ = await metadata.store.load()
        self.catalog.replace(record for record in records if is_file(record.path))
        self.aside.replace(record for record in records if not is_file(record.path))
        if metadata.damage:
            self.looked_through = False
        recorded = await metadata.store.get_meta(_SERVING)
        previous = await self._in_worker(lambda: self._still_needed(recorded, current))
        deep = await self._open_deep()
        self.parts = Opened(metadata, lexical, previous or current, current if previous else None, deep)
        await self._load_facts()
        sources = list(sibling_sources(config, place, current))
        if previous and previous.embedder.name == current.embedder.name:
            sources.append(self._from_serving)
        stores = Stores(current.embedder, current.vectors, lexical)
        self._indexer = Indexer(
            place.root, stores, max_file_bytes=config.max_file_bytes, sources=sources, counts=self.counts
        )
        self._indexer.sources.append(self.catalog.buffer_vectors)
        if not self.writer:
            return
        write_in_use(place, record)
        chunker = await metadata.store.get_meta(_CHUNKER)
        self._stale = chunker != CHUNKER_VERSION and len(self.catalog) > 0
        damaged = await self._in_worker(self._find_damage)
        self.damaged_aside = frozenset(path for path in damaged if not is_file(path))
        self._damaged = frozenset(self.catalog.records) if self._stale else damaged - self.damaged_aside
        self._pending = set(self._damaged)
        await self._record_facts()

    async def _open_deep(self) -> Semantic | None:
        """Always the flat index: it is where another worktree can be asked, and no server has to hold two models."""
        if self._deep is None:
            return None
        spec, embedder = self._deep
        config, place = self._config, self.place
        choice = Choice(spec, FLAT)
        deep = await self._in_worker(lambda: open_semantic(config, place, choice, embedder, writable=self.writer))
        self.deep_sources = list(sibling_sources(config, place, deep))
        return deep

    def _still_needed(self, recorded: str | None, current: Semantic) -> Semantic | None:
        """The pair that answered before, unless the current one already holds all that there is to answer from."""
        previous = previous_semantic(self._config, self.place, recorded, current)
        same_model = previous and previous.embedder.name == current.embedder.name
        if previous and same_model and current.vectors.contains(keys_of(self._records().values())).all():
            previous.vectors.close()
            return None
        return previous

    def _from_serving(self, keys: Keys) -> tuple[Mask, Vectors]:
        """Vectors of the same model in the store that answers until the new one is filled."""
        parts = self.parts
        if parts.building:
            try:
                return parts.serving.vectors.get(keys)
            except IndexUnavailableError as error:
                _log.warning("Embedding anew what cannot be copied: %s", error)
        return np.zeros(len(keys), np.bool_), np.zeros((len(keys), parts.target.embedder.dim), np.float32)

    async def _record_facts(self) -> None:
        store = self.parts.metadata.store
        if not self._stale:  # else once all files are cut anew: a process that ends before must not be believed
            await store.set_meta(_CHUNKER, CHUNKER_VERSION)
        await store.set_meta(_SERVING, encode_choice(self.parts.serving.choice))

    async def _load_facts(self) -> None:
        store = self.parts.metadata.store
        self.skipped = {item.path: item.reason for item in await store.skipped()}
        self._pending_elsewhere = int(await store.get_meta(_PENDING) or 0)

    def _empty_stores(self) -> None:
        for store in self._content_stores():
            store.delete(store.keys())
            store.compact()

    def _content_stores(self) -> list[VectorStore | LexicalIndex]:
        deep = self.parts.deep
        return [self.parts.target.vectors, self.parts.lexical, *([deep.vectors] if deep else [])]

    async def compare(self) -> SyncReport:
        """Holds metadata, vectors and postings against each other, as they are stored now. Raises IndexUnavailableError."""
        if not self.writer:
            await self.follow()
        async with self._writing:
            if self._closed:
                raise IndexUnavailableError("The index is closed.")
            started = time.perf_counter()
            recorded = await self.parts.metadata.store.get_meta(_CHUNKER) or ""
            return await self._in_worker(lambda: self._compare(self._versions(recorded), started))

    async def mark_incomplete(self) -> None:
        """Has the next pass take in again all that lacks a vector or a posting."""
        async with self._writing:
            if not self._closed:
                lacking = await self._in_worker(self._find_damage)
                self.damaged_aside |= {path for path in lacking if not is_file(path)}
                self._damaged |= {path for path in lacking if is_file(path)}
                self._pending |= self._damaged

    def _versions(self, recorded: str) -> Versions:
        serving, building = self.parts.serving, self.parts.building
        return Versions(
            model=serving.embedder.name,
            dim=serving.embedder.dim,
            store=serving.choice.backend,
            building=f"{building.embedder.name} ({building.choice.backend})" if building else "",
            chunker=CHUNKER_VERSION,
            chunker_recorded=recorded,
        )

    def _compare(self, versions: Versions, started: float) -> SyncReport:
        keys = keys_of(self._records().values())
        vectors, lexical = self.parts.target.vectors, self.parts.lexical
        with_vector, with_posting = vectors.contains(keys), lexical.contains(keys)
        whole = bool((with_vector & with_posting).all())
        return SyncReport(
            root=str(self.place.root),
            files=len(self.catalog),
            chunks=len(keys),
            vectors=Held.counted(with_vector, len(vectors)),
            lexical=Held.counted(with_posting, len(lexical.keys())),
            incomplete=() if whole else tuple(sorted(self._find_damage())),
            versions=versions,
            problems=(*lexical.problems, *getattr(vectors, "problems", ())),
            took_ms=(time.perf_counter() - started) * 1000,
        )

    def _find_damage(self) -> frozenset[str]:
        """Records that name a vector or a posting that is not there: lost to a crash or to corruption."""
        records = self._records()
        keys = keys_of(records.values())
        target = self.parts.target
        whole = target.vectors.contains(keys) & self.parts.lexical.contains(keys)
        lost = keys[~whole]
        return frozenset(path for path, record in records.items() if len(lost) and _names_any(record, lost))

    def _refresh_stores(self) -> None:
        self.parts.lexical.refresh()
        self.parts.serving.vectors.refresh()

    def _refresh_deep(self) -> None:
        if self.parts.deep:
            self.parts.deep.vectors.refresh()

    async def _plan(self, progress: ProgressListener | None) -> Plan:
        if progress:
            progress(Progress("scanning", 0, 0, 0, 0.0))
        self.rules.invalidate()
        known = self.catalog.records
        return await self._in_worker(
            lambda: plan_pass(self.place.root, self.rules, known, self._damaged, lambda: self._closed)
        )

    async def _apply_plan(self, plan: Plan) -> None:
        self._pending = set(plan.index)
        self.looked_through = True
        left_out = {item.path: item for item in plan.skipped}
        readmitted = [path for path in self.skipped if path not in left_out and path not in self._pending]
        fresh = tuple(item for path, item in left_out.items() if self.skipped.get(path) != item.reason)
        if plan.forget or readmitted or fresh:
            await self._commit(BatchReport(Changes((), (*plan.forget, *readmitted), fresh), 0, 0))

    async def _index_all(
        self, paths: tuple[str, ...], progress: ProgressListener | None, changed: Callable[[], None]
    ) -> None:
        started, chunks, done, size = time.perf_counter(), 0, 0, _FIRST_BATCH_FILES
        while done < len(paths) and not self._closed:
            await self.running.wait()
            batch = paths[done : done + size]
            report = await self._index_batch(batch)
            done += len(batch)
            chunks += sum(len(record.nodes) for record in report.changes.written)
            self.rate_per_s = chunks / max(time.perf_counter() - started, 1e-3)
            size = min(size * 2, _BATCH_FILES)
            if progress:
                progress(Progress("indexing", done, len(paths), chunks, self.rate_per_s))
            changed()

    @whole
    async def _index_batch(self, paths: Iterable[str]) -> BatchReport:
        batch = list(paths)
        async with self._writing:
            if self._closed or not self.writer:
                return BatchReport(Changes(), 0, 0)
            report = await self._in_worker(lambda: self._indexer.index_files(batch))
            await self._apply(self._attributed(report), batch)
        return report

    @whole
    async def store_aside(self, prepared: Sequence[Prepared]) -> None:
        """Embeds and stores records that are of no file; searchable when it returns."""
        async with self._writing:
            if self._closed or not self.writer:
                return
            computed, reused = await self._in_worker(lambda: self._indexer.store(prepared))
            self.counts.redacted += sum(item.secrets for item in prepared)
            changes = Changes(written=tuple(item.record for item in prepared))
            await self._apply(BatchReport(changes, computed, reused), ())

    async def forget_aside(self, paths: Sequence[str]) -> None:
        """Forgets such records."""
        if paths:
            await self._commit(BatchReport(Changes(forgotten=tuple(paths)), 0, 0))

    async def rewrite(self, records: Sequence[FileRecord]) -> None:
        """Replaces records whose nodes stay as they are; those that changed meanwhile are left to the next look."""
        same = [record for record in records if (self.catalog.record(record.path) or record).nodes is record.nodes]
        if same:
            await self._commit(BatchReport(Changes(written=tuple(same)), 0, 0))

    def _attributed(self, report: BatchReport) -> BatchReport:
        """With what is known of each file's last commit: reading the file cannot tell."""
        written = []
        for record in report.changes.written:
            known = self.catalog.record(record.path)
            written.append(replace(record, author=known.author, date=known.date) if known else record)
        return replace(report, changes=replace(report.changes, written=tuple(written)))

    @whole
    async def _commit(self, report: BatchReport) -> None:
        async with self._writing:
            if not self._closed and self.writer:
                await self._apply(report, ())

    async def _apply(self, report: BatchReport, done: Iterable[str]) -> None:
        changes = report.changes
        self._generation = await self.parts.metadata.store.apply(changes)
        self._take(changes.written, [*changes.forgotten, *(item.path for item in changes.skipped)])
        for path in (*changes.forgotten, *(record.path for record in changes.written)):
            self.skipped.pop(path, None)
        self.skipped.update((item.path, item.reason) for item in changes.skipped)
        self._pending.difference_update(done)
        self._damaged -= set(done)
        self.damaged_aside -= {*changes.forgotten, *(record.path for record in changes.written)}
        if self._pending_elsewhere != len(self._pending):
            self._pending_elsewhere = len(self._pending)
            await self.parts.metadata.store.set_meta(_PENDING, str(self._pending_elsewhere))

    @whole
    async def _finish_pass(self, written: int) -> None:
        async with self._writing:
            if self._closed or self._pending:
                return
            if self.parts.building:
                old = self.parts.serving
                self.parts = replace(self.parts, serving=self.parts.building, building=None)
                self._invalidate()
                old.vectors.close()
                await self._record_facts()
            if self._stale:
                self._stale = False
                await self._record_facts()
            await self._in_worker(lambda: self._sweep(written))

    def _sweep(self, written: int) -> None:
        """Drops rows of vanished content once they outnumber the live ones; until then they make switching back free. After
        a pass that wrote much, few large segments are worth their making: they are searched in half the time.
        """
        live = keys_of(self._records().values())
        for store in self._content_stores():
            dead = np.setdiff1d(store.keys(), live, assume_unique=True)
            if len(dead) > max(_DEAD_ROWS_KEPT, len(live)):
                store.delete(dead)
                store.compact()
            elif written > _COMPACTED_SHARE * len(live):
                store.compact()

    def _records(self) -> dict[str, FileRecord]:
        return {**self.catalog.records, **self.aside.records}

    def _take(self, written: Iterable[FileRecord], forgotten: Iterable[str]) -> None:
        for path in forgotten:
            (self.catalog if is_file(path) else self.aside).forget((path,))
        for record in written:
            (self.catalog if is_file(record.path) else self.aside).write((record,))

    def _invalidate(self) -> None:
        self.catalog.invalidate()
        self.aside.invalidate()

    def _known_at(self, path: str) -> list[str]:
        below = f"{path}/"
        known = (*self.catalog.records, *self.skipped)
        return [other for other in known if other == path or other.startswith(below)]

    async def _in_worker(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _names_any(record: FileRecord, keys: Keys) -> bool:
    return bool(np.isin(pack_nodes(record.nodes).keys, keys).any())
