"""The background work of one root.

The writer runs a first pass, watches the folder and reconciles periodically; other processes follow
the writer. Each piece of work runs under one `Supervision`; everything that writes goes through the
root's queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from codekin.config import Config
from codekin.domain.values import FileEvent
from codekin.engine.deep.backfill import DeepBackfill
from codekin.engine.deep.model import DeepModel
from codekin.engine.passes.full_pass import run_pass
from codekin.engine.passes.quick_refresh import changes_since_pass
from codekin.engine.root.commit_records import History
from codekin.engine.root.disk_state import folder_identity
from codekin.engine.root.reasons import reasons_of
from codekin.engine.root.revisions import Revisions
from codekin.engine.root.root_index import RootIndex
from codekin.engine.root.write_steps import WriteSteps
from codekin.engine.root.writer_wait import WriterWait
from codekin.engine.status.status import ProgressListener
from codekin.engine.work.closing import Step
from codekin.engine.work.pending_changes import PendingChanges
from codekin.engine.work.supervision import Supervision
from codekin.engine.work.write_queue import Priority
from codekin.errors import IndexUnavailableError
from codekin.history import head_stamp
from codekin.watching import Watcher

_FOLLOW_INTERVAL_S = 0.25
_MOVE_INTERVAL_S = 0.5
_HEAD_INTERVAL_S = 1.0
_BATCH_CHANGES = 256
_INDEXING, _SAVING, _UNSAVED = "indexing", "changed files", "unsaved text"
_WATCHING, _DEEP = "watching", "deep model"
_log = logging.getLogger(__name__)


class RootSupervisor:
    """The supervisor of one root.

    `changed` is called on the loop whenever the status may have changed, `failed` with every
    failure of the background work.
    """

    def __init__(
        self,
        index: RootIndex,
        config: Config,
        deep_model: DeepModel,
        changed: Callable[[], None],
        failed: Callable[[], None],
    ) -> None:
        self.index = index
        self.steps = WriteSteps(index, config.max_file_bytes)
        self.history = History(index, self.steps, config)
        self.revisions = Revisions(index, config.max_file_bytes)
        self.supervision = Supervision(changed, failed)
        self.backfill = DeepBackfill(index, deep_model, config.max_file_bytes, changed)
        self._config = config
        self._report = changed
        self._watcher: Watcher | None = None
        self._rescan = asyncio.Event()
        self._changes = PendingChanges()
        self._reported: list[str] = []
        self._background = False
        self._following = False
        self._written = False
        self._reopenings = 0
        self._head: object = None
        self._identity: tuple[int, int] | None = None
        self._writer_wait = WriterWait(index)
        self._watch_tried = asyncio.Event()
        self._watch_again = asyncio.Event()

    def start(self) -> None:
        """Begin the background work; the coverage is unknown until the folder has been scanned."""
        self._background = True
        self.index.state.scanned = not self.index.writer
        if self.index.writer:
            self._start_writing()
        else:
            self._follow()

    def start_deepening(self) -> None:
        """Begin to fill the vectors of the deep model."""
        self.supervision.start(_DEEP, self.backfill.run, what="Filling the deep model's vectors")

    def closing_steps(self) -> list[Step]:
        """Return the steps of closing, in the reverse order of opening."""
        root = self.index.location.root
        return [
            (f"The background work of {root}", self.supervision.close),
            (f"The watcher of {root}", self._stop_watching),
            (f"The deep model's vectors of {root}", self.backfill.close),
            *self.index.closing_steps(),
        ]

    async def full_pass(self, progress: ProgressListener | None = None) -> None:
        """Run one pass and wait for it.

        If another process is the writer, wait until it has nothing left to do.
        """
        index = self.index
        if not index.writer and not await self._writer_wait.wait(progress):
            return
        await index.queue.run(
            Priority.PASS,
            lambda: run_pass(index, self.steps, self.history, progress, self._changed),
            name="a full pass",
            key=None if progress else "pass",
        )
        index.removed = False
        self.supervision.succeeded(_INDEXING)

    async def refresh(self, progress: ProgressListener | None = None) -> None:
        """Bring the index up to date; in a large folder, times and sizes may suffice."""
        paths = await changes_since_pass(self.index)
        if paths is None:
            await self.full_pass(progress)
        else:
            await self.index_changes(paths, {})
            self.index.state.scanned = True
            await self._sync_history()
            self.supervision.succeeded(_INDEXING)

    async def repair(self, progress: ProgressListener | None = None) -> None:
        """Run a full pass that indexes everything with a missing vector or posting again.

        Raises IndexUnavailableError if another process is the writer.
        """
        index = self.index
        if not index.writer and not await index.take_over():
            owner = index.lock.owner() or "another process"
            raise IndexUnavailableError(
                f"The index is being written by {owner}. To fix: close that process, or run the repair there "
                "(`codekin/control` with the action `sync`)."
            )
        await index.mark_incomplete()
        await self.full_pass(progress)

    async def index_changes(self, paths: Iterable[str], saved: Mapping[str, int]) -> None:
        """Index files that a client reports; searchable on return."""
        self._changes.add(paths, Priority.SAVE, saved)
        if await self._submit(Priority.SAVE):
            await self.full_pass()
        self._changed()

    async def show_unsaved(self, path: str, text: str, version: int | None) -> None:
        """Index unsaved text in place of the file.

        It is searchable on return, unless newer text is known.
        """
        if shown := self.index.overlays.change(path, text, version):
            try:
                await asyncio.shield(shown)
            except Exception as error:
                self.supervision.failed(_UNSAVED, error, what="Indexing unsaved text")
                raise
            self.supervision.succeeded(_UNSAVED)

    @property
    def is_watching(self) -> bool:
        """Whether every change of a file is reported."""
        return self._config.watch and self._watcher is not None and not self._watcher.reason

    @property
    def unfinished(self) -> bool:
        """Whether the index is incomplete: changes, a requested pass or new commits are pending."""
        queue = self.index.queue
        pending = self._changes.unfinished or queue.holds(
            Priority.SAVE, Priority.WATCH, Priority.HISTORY, Priority.PASS
        )
        return bool(pending) or (self._background and self.index.writer and self._rescan.is_set())

    @property
    def _pending_count_changed(self) -> bool:
        """Whether other processes know a different number of pending files."""
        state = self.index.state
        return state.pending_elsewhere != len(state.pending) + self._changes.unfinished

    @property
    def waiting_changes(self) -> set[str]:
        """The changed paths that are not indexed yet."""
        return self._changes.paths

    def reasons(self) -> list[str]:
        """Return the reasons for a degraded status, each with what to do."""
        deep = "" if self.supervision.has_failed(_DEEP) else self.backfill.failure
        watching = self._watcher.reason if self._watcher else ""
        rules, waiting = self.index.rules.problems, self._writer_wait.reason
        return [
            *self.supervision.reasons(),
            *filter(None, [deep, *reasons_of(self.index), self.history.reason, watching, waiting, *rules]),
        ]

    def _changed(self) -> None:
        self.backfill.wake()
        self._report()

    def _follow(self) -> None:
        self._following = True
        self.supervision.start("following", self._follow_until_writer, what="Following the process that writes")

    def _start_writing(self) -> None:
        self._following = False
        if self._written:
            return
        self._written = True
        supervision = self.supervision
        supervision.start(_WATCHING, self._watch, what="Watching the folder")
        supervision.start(_INDEXING, self._reconcile, what="Indexing")
        supervision.repeat(
            "stores", self._follow_move, what="Following a move to other stores", interval_s=_MOVE_INTERVAL_S
        )
        if self._config.watch:
            supervision.repeat("folder", self._check_root, what="Checking the folder", interval_s=_MOVE_INTERVAL_S)
        if self._config.watch and self._config.history:
            supervision.repeat("history", self._check_head, what="Reading the history", interval_s=_HEAD_INTERVAL_S)

    async def _follow_until_writer(self) -> None:
        while not self.index.writer:
            await asyncio.sleep(_FOLLOW_INTERVAL_S)
            await self._follow_move()
            if await self.index.follow():
                self._changed()
            await self.index.take_over()
            self.supervision.succeeded("following")
        self._start_writing()
        self._changed()

    async def _reconcile(self) -> None:
        """Run passes on request, and periodically for changes that no watch reported.

        Times and sizes may suffice for the first one.
        """
        await self._watch_tried.wait()  # so that changes during the first pass are reported
        bring_up_to_date = self.refresh
        while True:
            self._rescan.clear()  # the pass may miss changes of later requests
            try:
                await bring_up_to_date()
                bring_up_to_date = self.full_pass
            except Exception:
                self._rescan.set()
                raise
            finally:
                self._changed()
            try:
                await asyncio.wait_for(self._rescan.wait(), self._config.reconcile_interval_s)
            except asyncio.TimeoutError:
                continue

    async def _watch(self) -> None:
        """Watch the folder, and again whenever another one has replaced it."""
        while True:
            restarted = self._watch_tried.is_set()
            self._watch_again.clear()
            try:
                await self._begin_watching()
            finally:
                self._watch_tried.set()
            self.supervision.succeeded(_WATCHING)
            if restarted:
                self._rescan.set()  # for changes from before this watch
            await self._watch_again.wait()

    async def _begin_watching(self) -> None:
        loop = asyncio.get_running_loop()

        def on_batch(batch: Sequence[FileEvent]) -> None:
            loop.call_soon_threadsafe(self._queue_changes, batch)

        def on_rescan() -> None:
            loop.call_soon_threadsafe(self._rescan.set)

        await self._stop_watching()
        root, rules = self.index.location.root, self.index.rules
        self._identity = await asyncio.to_thread(folder_identity, root)
        if self._config.watch:
            self._watcher = Watcher(root, rules, on_batch, on_rescan=on_rescan, debounce_ms=self._config.debounce_ms)
            await asyncio.to_thread(self._watcher.start)

    async def _stop_watching(self) -> None:
        if self._watcher:
            await asyncio.to_thread(self._watcher.stop)

    def _queue_changes(self, batch: Sequence[FileEvent]) -> None:
        """Queue changes that the watcher reports; too many of them are replaced by one pass."""
        self._changes.add((event.path for event in batch), Priority.WATCH)
        if self._changes.too_many:
            self._changes.clear_watched()
            self._rescan.set()
        else:
            self._submit(Priority.WATCH)
        self._report()

    def _submit(self, priority: Priority) -> asyncio.Future[bool]:
        return self.index.queue.submit(
            priority, lambda: self._index_changes(priority), name="changed files", key=("changes", priority)
        )

    async def _index_changes(self, priority: Priority) -> bool:
        """Index all changes of a priority in batches; a step.

        Returns whether a folder has to be scanned. What fails is put back and tried again after a
        growing pause, until it succeeds or its file is quarantined.
        """
        folders = False
        while batch := self._changes.take(priority, _BATCH_CHANGES):
            saved = {path: change.saved for path, change in batch.items() if priority is Priority.SAVE}
            try:
                folders |= await self.steps.index_changes(list(batch), saved)
            except asyncio.CancelledError:
                self._changes.put_back(batch, priority)
                raise
            except Exception as error:
                self._changes.put_back(batch, priority)
                self._retry_later(error, priority)
                raise
            self._changes.done(batch)
            self._changed()
            await self.index.queue.give_way()
        self.supervision.succeeded(_SAVING)
        if folders and priority is Priority.WATCH:
            self._rescan.set()
        return folders

    def _retry_later(self, error: Exception, priority: Priority) -> None:
        pause_s = self.supervision.failed(_SAVING, error, what="Indexing changed files")
        self.supervision.later(pause_s, lambda: self._submit(priority))

    async def _check_root(self) -> None:
        """Detect that the root folder was moved away or replaced, which no watch reports."""
        await self._watch_tried.wait()
        now = await asyncio.to_thread(folder_identity, self.index.location.root)
        if now != self._identity or (now and self._watcher and self._watcher.root_gone):
            self._identity = now
            if now:
                self._watch_again.set()
            self._rescan.set()

    async def _follow_move(self) -> None:
        """Follow a move of the vectors to another store.

        Until that can be opened, the old one answers.
        """
        moved = await self.index.follow_move()
        if self._reopenings != self.index.reopenings:
            self._reopenings = self.index.reopenings
            self._rescan.set()
        if not self.index.writer and not self._following:  # another process created the index first
            self._follow()
        if self.index.writer and self._pending_count_changed:
            await self.index.record_unfinished(self._changes.unfinished)
        # A server may become unavailable and available again at any time.
        reasons = self.reasons()
        if moved or reasons != self._reported:
            self._reported = reasons
            self._changed()

    async def _check_head(self) -> None:
        """Detect a new head, because a commit need not change any file that is watched."""
        stamp = await asyncio.to_thread(head_stamp, self.index.location.root)
        if self._head is not None and stamp != self._head:
            await self._sync_history()
        self._head = stamp

    async def _sync_history(self) -> None:
        sync = self.history.sync
        await self.index.queue.run(
            Priority.HISTORY, lambda: sync(self._changed), name="reading the history", key="history"
        )
