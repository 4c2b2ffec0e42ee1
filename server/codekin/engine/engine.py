"""The composition root: roots, their background work, and the calls of all interfaces."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from codekin.chunking import OutlineItem
from codekin.config import Config
from codekin.domain.commits import Blamed
from codekin.domain.search import Coverage, Filters, Refinement, SearchRequest, SearchResponse
from codekin.domain.values import Definition, FileRecord
from codekin.engine.aggregate_status import Overview
from codekin.engine.deep.model import DeepModel
from codekin.engine.root.consistency import SyncReport
from codekin.engine.roots import Roots
from codekin.engine.searches import NO_FILTERS, SEARCH_THREADS, UNREFINED, Searches, built
from codekin.engine.single_files import FileState, blame_of, definitions_of, file_state, outline, verdict_on
from codekin.engine.status.measures import Measures
from codekin.engine.status.monitor import INTERVAL_S as MONITOR_INTERVAL_S
from codekin.engine.status.monitor import Monitor
from codekin.engine.status.publisher import StatusPublisher
from codekin.engine.status.status import IndexReport, ProgressListener, Status
from codekin.engine.work.closing import Step, close_all
from codekin.engine.work.supervision import Supervision
from codekin.errors import EmbedderError, IndexUnavailableError, SettingsError
from codekin.history import commit_text, file_at, web_address
from codekin.indexing import EmbedCounts
from codekin.mapping import Mapper, SemanticMap
from codekin.searching import (
    Duplicates,
    DuplicatesRequest,
    Explanation,
    Facets,
    References,
    Snapshot,
    SymbolResult,
    duplicates,
    facets_of,
    find_references,
    find_symbols,
)


class Engine:
    """The engine, on one event loop.

    Coroutines may be called concurrently; searches run on separate threads.
    """

    def __init__(self, config: Config, *, background: bool) -> None:
        self.config = config
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="codekin-index")
        self._deep_model = DeepModel(config, background=background)
        self._counts = EmbedCounts()
        self._publisher = StatusPublisher(self.status)
        self._monitor = Monitor(config, SEARCH_THREADS, self._publisher.changed)
        self._supervision = Supervision(self._publisher.changed, self._index_failed)
        self._roots = Roots(
            config,
            self._worker,
            self._counts,
            self._deep_model,
            self._supervision,
            background=background,
            changed=self._changed,
            failed=self._index_failed,
        )
        self._overview = Overview(self._roots, self._counts, self._monitor, self._supervision, self._deep_model)
        self._searches = Searches(self._roots, self._overview, self._monitor, self._deep_model)
        self._closing: asyncio.Task[bool] | None = None
        self._mapper = Mapper()

    @property
    def roots(self) -> Roots:
        """The open folders."""
        return self._roots

    @classmethod
    async def open(cls, config: Config, roots: Sequence[Path], *, watch: bool) -> Engine:
        """Open the indexes as they are; with `watch`, update them in the background from then on.

        A root that cannot be opened does not affect the others: it is a reason in the status, and
        with `watch` it is tried again. Raises SettingsError (also for a root that is not a folder),
        EmbedderError, and IndexUnavailableError if no root can be opened.
        """
        engine = cls(config, background=watch)
        try:
            await engine._roots.open(roots)
            if watch:
                engine._supervision.start("loop watch", engine._monitor.loop_watch.run, what="Watching the event loop")
                engine._supervision.start("deep model", engine._open_tier, what="Opening the deep model")
                engine._supervision.repeat(
                    "monitor", engine._check_limits, what="Watching the limits", interval_s=MONITOR_INTERVAL_S
                )
            else:
                await engine._open_tier()
        except BaseException:
            await engine.close()
            raise
        return engine

    async def close(self) -> bool:
        """End all background work with everything committed, within about 5 s.

        Further calls join the first. Everything is closed in reverse order of opening, whatever
        fails. Returns whether all of it ended; if not, a thread still runs, and the process should
        exit.
        """
        if self._closing is None:
            self._searches.closed = True
            self._closing = asyncio.create_task(self._close(), name="close the engine")
        return await asyncio.shield(self._closing)

    async def _close(self) -> bool:
        async def end_threads() -> None:
            self._worker.shutdown(wait=False)
            self._searches.end_threads()
            self._deep_model.close()

        async def end_publishing() -> None:
            self._publisher.close()

        steps: list[Step] = [
            ("The publisher of the status", end_publishing),
            ("The background work", self._supervision.close),
        ]
        ended = [await close_all(steps), await self._roots.close(), await close_all([("The threads", end_threads)])]
        return all(ended)

    async def add_root(self, root: Path) -> None:
        """Add a folder; a known one is unchanged. Raises what opening it raises."""
        await self._roots.add(root)

    async def remove_root(self, root: Path) -> None:
        """Close a folder; its index stays on disk."""
        await self._roots.remove(root)

    async def index(self, progress: ProgressListener | None = None, *, rebuild: bool = False) -> IndexReport:
        """Run one full pass over every root and wait for it.

        If another process is the writer, wait until it has finished.
        """
        await self.resume()  # an explicit call overrides a pause
        started = time.perf_counter()
        before = (self._counts.computed, self._counts.reused)
        for root in self._roots.all():
            if rebuild:
                await root.index.clear()
            await root.full_pass(progress)
        status = self.status()
        return IndexReport(
            files=status.files,
            chunks=status.chunks,
            commits=status.commits,
            embedded=self._counts.computed - before[0],
            reused=self._counts.reused - before[1],
            skipped=status.skipped,
            seconds=time.perf_counter() - started,
        )

    async def refresh(self, progress: ProgressListener | None = None) -> None:
        """Bring every root up to date, as `index` does, but with less work in a large folder."""
        await self.resume()
        for root in self._roots.all():
            await root.refresh(progress)

    async def deepen(self, progress: ProgressListener | None = None) -> None:
        """Fill all vectors of the deep model and wait for it.

        Raises SettingsError if the tier is off, EmbedderError, IndexUnavailableError.
        """
        if not self._deep_model.spec:
            raise SettingsError('The deep tier is off. To fix: set "deep" (CODEKIN_DEEP) to "on".')
        for root in self._roots.all():
            if root.backfill.failure:
                raise EmbedderError(root.backfill.failure)
            if not root.index.writer:
                raise IndexUnavailableError("Another process writes this index and fills its deep tier if that is on.")
            await root.backfill.complete(progress)

    def views(self) -> list[Snapshot]:
        """Return the snapshots that a search would run on.

        Each root has one of its files and, if there are any, one of its other records.
        """
        return built(self._searches.views())

    async def search(self, request: SearchRequest, cancel: threading.Event | None = None) -> SearchResponse:
        """Answer from what is indexed now, and report the coverage.

        Raises SettingsError, EmbedderError, CancelledError.
        """
        return await self._searches.search(request, cancel)

    async def related(
        self,
        path: Path,
        start_line: int,
        end_line: int,
        limit: int = 20,
        cancel: threading.Event | None = None,
        *,
        filters: Filters = NO_FILTERS,
        refinement: Refinement = UNREFINED,
    ) -> SearchResponse:
        """Return tests, commits and similar code of lines [start_line, end_line) of a file.

        The response is empty if the file is not indexed.
        """
        return await self._searches.related(
            path, start_line, end_line, limit, cancel, filters=filters, refinement=refinement
        )

    async def explain(self, request: SearchRequest, path: Path, line: int | None = None) -> Explanation:
        """Return why a file has its rank for a query, or why it is not found.

        Raises SettingsError.
        """
        return await self._searches.explain(request, path, line)

    async def commit(self, root: Path, sha: str, path: str = "") -> str:
        """Return the message and changes of a commit, or the text of a file at that commit.

        Raises HistoryError, SettingsError.
        """
        if self._roots.get(root) is None:
            raise SettingsError(f"{root} is not an indexed folder.")
        if path:
            return await asyncio.to_thread(file_at, root, sha, path)
        return await asyncio.to_thread(commit_text, root, sha)

    async def commit_address(self, root: Path, sha: str) -> str:
        """Return the web address of a commit or of its pull request, or "" if it is unknown."""
        known = self._roots.get(root)
        if known is None:
            return ""
        return await asyncio.to_thread(web_address, root, sha, known.index.state.pull_request(sha))

    async def facets_of(self) -> Facets:
        """Return the values that filters can have here."""
        return await self._searches.over_all(facets_of, slow=True)

    async def duplicates(self, request: DuplicatesRequest, cancel: threading.Event | None = None) -> Duplicates:
        """Return groups of similar chunks. Raises SettingsError, CancelledError."""
        return await self._searches.over_all(lambda views: duplicates(views, request, cancel), slow=True)

    async def map(self, limit: int = 20_000, cancel: threading.Event | None = None) -> SemanticMap:
        """Return the chunks of all roots on a plane, sampled if there are more than `limit`.

        Raises CancelledError.
        """
        return await self._searches.over_all(lambda views: self._mapper.map(views, limit, cancel), slow=True)

    def definitions(self, path: Path) -> list[Definition]:
        """Return the definitions of a file, by line, including those in unsaved text."""
        return definitions_of(self._roots, path)

    async def outline(self, path: Path) -> tuple[OutlineItem, ...]:
        """Return the nested definitions of a file as it is now, unsaved text included.

        Raises SettingsError.
        """
        return await outline(self._roots, path)

    async def blame(self, path: Path, start_line: int, end_line: int) -> tuple[str, list[Blamed]]:
        """Return the root, and who last changed lines [start_line, end_line) of a file.

        The lines are those of its current text. Raises HistoryError, SettingsError.
        """
        return await blame_of(self._roots, path, start_line, end_line)

    async def symbols(self, query: str, limit: int = 100) -> list[SymbolResult]:
        """Return definitions whose names match."""
        return await self._searches.over_all(lambda views: find_symbols(views, query, limit))

    async def references(
        self, name: str, limit: int = 1_000, cancel: threading.Event | None = None, *, root: Path | None = None
    ) -> References:
        """Return the definitions and uses of a name in one root, or in all."""
        where = str(root or "")
        return await self._searches.over_all(
            lambda views: find_references(views, name, limit, cancel, where), slow=True
        )

    def file_state(self, path: Path) -> FileState | None:
        """Return what the index knows of a file, or None outside the indexed folders."""
        return file_state(self._roots, path)

    def record_of(self, root: str, path: str) -> FileRecord | None:
        """Return the indexed facts of a result's file, which is in the root of the result."""
        known = self._roots.named(root)
        return known.index.catalog.record(path) if known else None

    def verdict(self, path: Path) -> str:
        """Return a sentence that says whether a file is indexed, and if not, why."""
        return verdict_on(self._roots, path)

    async def update_buffer(self, path: Path, text: str, version: int | None = None) -> None:
        """Index unsaved text in place of the file; searchable on return.

        A text older than the known one and a file that does not belong to the index are ignored.
        """
        owner = self._roots.supervisor_of(path)
        if owner and owner[0].index.rules.verdict(owner[1], is_dir=False) is None:
            self._deep_model.uses[str(owner[0].index.location.root), owner[1]] += 1
            with self._deep_model.request():
                await owner[0].show_unsaved(owner[1], text, version)

    async def close_buffer(self, path: Path) -> None:
        """Show the file on disk again."""
        owner = self._roots.owner(path)
        if owner:
            owner[0].overlays.close(owner[1])

    async def files_changed(self, paths: Sequence[Path], saved: Mapping[Path, int] | None = None) -> None:
        """Index changes that the client reports; searchable on return.

        Unknown folders are ignored. `saved` gives the version of each saved document: text typed
        after it stays unsaved.
        """
        updates = []
        for root in self._roots.all():
            below = {path: relative for path in paths if (relative := root.index.location.relative(path))}
            if below:
                versions = {below[path]: version for path, version in (saved or {}).items() if path in below}
                updates.append(root.index_changes(below.values(), versions))
        await asyncio.gather(*updates)

    async def pause(self) -> None:
        """Stop indexing after the current batch; search continues."""
        self._roots.pause()
        self._publisher.changed()

    async def resume(self) -> None:
        """Continue indexing after `pause`."""
        self._roots.resume()
        self._publisher.changed()

    async def clear(self) -> None:
        """Empty the indexes on disk."""
        for root in self._roots.all():
            await root.index.clear()
        self._publisher.changed()

    async def compare(self) -> list[SyncReport]:
        """Return for each root what its stores are missing, and which of their rows are orphaned.

        Raises IndexUnavailableError.
        """
        return [await root.index.compare() for root in self._roots.all()]

    async def repair(self, progress: ProgressListener | None = None) -> list[SyncReport]:
        """Embed and store what is missing by an ordinary pass.

        Returns what `compare` returns then. Raises IndexUnavailableError, also if another process
        is the writer.
        """
        await self.resume()
        for root in self._roots.all():
            await root.repair(progress)
        return await self.compare()

    def coverage(self, root: Path | None = None) -> Coverage:
        """Return the coverage of a root, or of all."""
        return self._overview.coverage(root)

    def status(self) -> Status:
        """Return the status, computed from the data at low cost."""
        return self._overview.status()

    def measures(self) -> Measures:
        """Return the current counts and durations."""
        return self._overview.measures()

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Call `listener` on the loop when the status changed, at most five times a second.

        Returns a function that ends the subscription.
        """
        return self._publisher.subscribe(listener)

    def _changed(self) -> None:
        self._monitor.loop_watch.touch()
        self._publisher.changed()

    def _index_failed(self) -> None:
        self._monitor.recorder.index_errors += 1

    async def _open_tier(self) -> None:
        await self._deep_model.open(root.index.location for root in self._roots.all())
        await self._roots.start_deepening()
        self._publisher.changed()

    async def _check_limits(self) -> None:
        self._monitor.check(self.measures())
