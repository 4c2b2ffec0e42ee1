"""The background work of one root: first pass, watching, periodic reconciling; or following, where another process writes."""

from __future__ import annotations

import asyncio
import logging
import stat
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from codekin.config import Config
from codekin.domain.values import FileChange, FileEvent
from codekin.engine.deep_tier import DeepTier
from codekin.engine.deepening import Deepening
from codekin.engine.passes import run_pass
from codekin.engine.semantic import Semantic
from codekin.engine.status import Progress, ProgressListener
from codekin.engine.workspace import Workspace
from codekin.errors import CodekinError, IndexDamagedError, IndexUnavailableError
from codekin.history import head_stamp
from codekin.watching import Watcher

_FOLLOW_INTERVAL_S = 0.25
_MOVE_INTERVAL_S = 0.5
_HEAD_INTERVAL_S = 1.0
_MOST_BATCHES = 1_000
"""Of changed files, waiting."""
_FIRST_RETRY_S = 1.0
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Keeper:
    """Owns a workspace. `changed` is called on the loop whenever the status may read differently, `failed` with every
    failure of the background work.
    """

    def __init__(
        self,
        workspace: Workspace,
        config: Config,
        tier: DeepTier,
        changed: Callable[[], None],
        failed: Callable[[], None],
    ) -> None:
        self.workspace = workspace
        self.deepening = Deepening(workspace, tier, config.max_file_bytes, changed)
        self._config = config
        self._tell = changed
        self._failed = failed
        self._watcher: Watcher | None = None
        self._task: asyncio.Task[None] | None = None
        self._passing = asyncio.Lock()
        self._rescan = asyncio.Event()
        self._events: asyncio.Queue[Sequence[FileEvent]] = asyncio.Queue(_MOST_BATCHES)
        self._failure = ""
        self._move_failure = ""
        self._told: list[str] = []

    def start(self) -> None:
        """Begins the background work. Until the folder has been looked through, nobody can know what is covered."""
        self.workspace.ledger.looked_through = not self.workspace.writer
        self._task = asyncio.create_task(self._run(), name=f"keep {self.workspace.place.root}")

    async def close(self) -> None:
        """Ends the background work, then the workspace, with everything committed."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._watcher:
            await asyncio.to_thread(self._watcher.stop)
        await self.deepening.close()
        await self.workspace.close()

    async def full_pass(self, progress: ProgressListener | None = None) -> None:
        """One pass, waited for; where another process writes, waits until that one has nothing left to do."""
        workspace = self.workspace
        if not workspace.writer and not await workspace.take_over():
            await self._wait_for_writer(progress)
            return
        most = self._config.max_file_bytes
        async with self._passing:
            await self._mended(lambda: run_pass(workspace, most, progress, self._changed), is_pass=True)

    async def repair(self, progress: ProgressListener | None = None) -> None:
        """A full pass that takes in again what lacks a vector or a posting. Raises IndexUnavailableError where another
        process writes.
        """
        workspace = self.workspace
        if not workspace.writer and not await workspace.take_over():
            owner = workspace.lock.owner() or "another process"
            raise IndexUnavailableError(
                f"This index is written by {owner}. Remedy: close that, or have it do the repair (codekin/control, sync)."
            )
        await self._mended(workspace.mark_incomplete)
        await self.full_pass(progress)

    async def handle(self, events: Sequence[FileEvent]) -> None:
        """Takes up changes at once; a changed folder means a full pass."""
        root = self.workspace.place.root
        if any((root / event.path).is_dir() for event in events if event.change is FileChange.CHANGED):
            await self.full_pass()
        else:
            await self._mended(lambda: self.workspace.handle(_as_on_disk(self.workspace, events)))
        self._changed()

    @property
    def waiting_changes(self) -> int:
        """Batches of changed files that nobody has looked at yet."""
        return self._events.qsize()

    def reasons(self) -> list[str]:
        """What is worse than it could be, each with its remedy."""
        parts = self.workspace.parts
        found = [failure for failure in (self._failure, self._move_failure, self.deepening.failure) if failure]
        if parts.metadata.remedy:
            found.append(f"{parts.metadata.why}. {parts.metadata.remedy}")
        if parts.metadata.damage:
            found.append(f"Of the index, {parts.metadata.damage}.")
        found.extend(parts.lexical.problems)
        for semantic in (parts.serving, *([parts.deep] if parts.deep else [])):
            found.extend(getattr(semantic.vectors, "problems", ()))
        if parts.building:
            found.append(_changing(parts.serving, parts.building))
        if parts.compared and parts.compared.reason:
            found.append(parts.compared.reason)
        if set_aside := dict(self.workspace.ledger.set_aside):
            found.append(_left_out(set_aside))
        if self.workspace.history.reason:
            found.append(self.workspace.history.reason)
        if self._watcher and self._watcher.reason:
            found.append(self._watcher.reason)
        if self.workspace.slower:
            found.append(
                f"The process that reads files ahead {self.workspace.slower}, so the latest pass took longer; all of it was done. "
                "Remedy: none if it was ended on purpose or memory was short; the next long pass starts another."
            )
        return found

    def _changed(self) -> None:
        self.deepening.wake()
        self._tell()

    async def _run(self) -> None:
        while not self.workspace.writer:
            await asyncio.sleep(_FOLLOW_INTERVAL_S)
            await self._take_up_stores()
            await self._attempted(self._follow())
        place = await asyncio.to_thread(_identity, self.workspace.place.root)
        await self._watch()
        await asyncio.gather(self._passes(), self._changes(), self._moves(), self._commits(), self._look_at_root(place))

    async def _watch(self) -> None:
        """Begins to watch, anew if it did before."""
        loop = asyncio.get_running_loop()

        def on_batch(batch: Sequence[FileEvent]) -> None:
            loop.call_soon_threadsafe(self._take_in, batch)

        def on_rescan() -> None:
            loop.call_soon_threadsafe(self._rescan.set)

        if self._watcher:
            await asyncio.to_thread(self._watcher.stop)
        if self._config.watch:
            self._watcher = Watcher(
                self.workspace.place.root,
                self.workspace.rules,
                on_batch,
                on_rescan=on_rescan,
                debounce_ms=self._config.debounce_ms,
            )
            await asyncio.to_thread(self._watcher.start)

    def _take_in(self, batch: Sequence[FileEvent]) -> None:
        """A full queue gives way to one pass, which finds whatever changed."""
        if self._events.full():
            while not self._events.empty():
                self._events.get_nowait()
            self._rescan.set()
        else:
            self._events.put_nowait(batch)

    async def _follow(self) -> None:
        if await self._mended(self.workspace.follow):
            self._changed()
        await self.workspace.take_over()

    async def _mended(self, work: Callable[[], Awaitable[T]], *, is_pass: bool = False) -> T:
        """Once more, on stores opened anew, where one was found damaged; what it lost is found by a pass: this one, or the next.
        A pass asks for no other, which would begin at once however often it fails.
        """
        try:
            return await work()
        except IndexDamagedError:
            _log.exception("The index of %s is opened again", self.workspace.place.root)
            await self.workspace.reopen()
            if not is_pass:
                self._rescan.set()
            return await work()

    async def _passes(self) -> None:
        retry_s = _FIRST_RETRY_S
        while True:
            self._rescan.clear()  # what is asked for from here on, this pass may have gone past already
            await self._guarded(self.full_pass())
            pause_s = self._config.reconcile_interval_s
            if self._failure:  # what failed is tried again, ever less often
                pause_s, retry_s = min(retry_s, pause_s), retry_s * 2
            else:
                retry_s = _FIRST_RETRY_S
            try:
                await asyncio.wait_for(self._rescan.wait(), pause_s)
            except asyncio.TimeoutError:
                continue

    async def _changes(self) -> None:
        while True:
            events = list(await self._events.get())
            while not self._events.empty():
                events.extend(self._events.get_nowait())
            await self.workspace.running.wait()
            await self._guarded(self.handle(events))

    async def _moves(self) -> None:
        while True:
            await asyncio.sleep(_MOVE_INTERVAL_S)
            await self._take_up_stores()

    async def _look_at_root(self, seen: tuple[int, int] | None) -> None:
        """No watch tells that the folder itself was moved away, or that another has taken its place."""
        while self._config.watch:
            await asyncio.sleep(_MOVE_INTERVAL_S)
            now = await asyncio.to_thread(_identity, self.workspace.place.root)
            if now != seen or (now and self._watcher and self._watcher.root_gone):
                if now:
                    await self._watch()
                self._rescan.set()
            seen = now

    async def _take_up_stores(self) -> None:
        """Follows a move of the vectors to another store; until that can be opened, the old one answers."""
        try:
            moved = await self.workspace.take_up_stores()
        except (CodekinError, OSError) as error:
            failure = f"The vectors were moved to a store that cannot be opened: {error}"
            moved, self._move_failure = failure != self._move_failure, failure
        else:
            self._move_failure = "" if moved else self._move_failure
        # A store on a server goes and comes back by itself.
        reasons = self.reasons()
        if moved or reasons != self._told:
            self._told = reasons
            self._changed()

    async def _commits(self) -> None:
        """A commit need not change any file, so the watcher may not tell of it."""
        root, seen = self.workspace.place.root, None
        while self._config.watch and self._config.history:
            stamp = await asyncio.to_thread(head_stamp, root)
            if seen is not None and stamp != seen:
                await self.workspace.running.wait()
                await self._attempted(self._sync_history())
            seen = stamp
            await asyncio.sleep(_HEAD_INTERVAL_S)

    async def _sync_history(self) -> None:
        async with self._passing:
            await self._mended(lambda: self.workspace.history.sync(self._changed))

    async def _guarded(self, work: Awaitable[None]) -> None:
        """A failure of the index shows in the status and the next pass tries again; it never ends the watching."""
        await self._attempted(work)
        self._changed()

    async def _attempted(self, work: Awaitable[None]) -> None:
        failure = ""
        try:
            await work
        except (CodekinError, OSError) as error:
            failure = f"Indexing failed: {error}"
            self._failed()
            if failure != self._failure:
                _log.exception("Indexing %s failed", self.workspace.place.root)
        if failure != self._failure:
            self._failure = failure
            self._changed()

    async def _wait_for_writer(self, progress: ProgressListener | None) -> None:
        started = time.monotonic()
        while True:
            await self._mended(self.workspace.follow)
            coverage = self.workspace.coverage()
            if progress:
                progress(
                    Progress("indexing", coverage.indexed, coverage.total, self.workspace.catalog.chunk_count(), 0.0)
                )
            # The writer needs a moment to see what changed just before this call: its watcher's debounce and a batch.
            if coverage.complete and time.monotonic() - started > _FOLLOW_INTERVAL_S:
                return
            if await self.workspace.take_over():
                await self.full_pass(progress)
                return
            await asyncio.sleep(_FOLLOW_INTERVAL_S / 2)


def _changing(old: Semantic, new: Semantic) -> str:
    if old.embedder.name != new.embedder.name:
        return f"The model {old.embedder.name} answers until {new.embedder.name} has embedded everything."
    return f"The vector store {old.choice.backend} answers until {new.choice.backend} holds everything."


def _left_out(set_aside: Mapping[int, str]) -> str:
    what = f"{len(set_aside):,} chunks" if len(set_aside) > 1 else "A chunk"
    return (
        f"{what} could not be embedded, and can be found by words alone: {next(iter(set_aside.values()))} "
        "`codekin store sync` says which; remedy: `codekin store sync --fix` tries again."
    )


def _as_on_disk(workspace: Workspace, events: Sequence[FileEvent]) -> list[FileEvent]:
    """A path that was reported changed may be gone by now, and one reported gone may be back."""
    latest = {event.path: event for event in events}
    return [
        FileEvent(path, FileChange.CHANGED if (workspace.place.root / path).is_file() else FileChange.DELETED)
        for path in latest
    ]


def _identity(root: Path) -> tuple[int, int] | None:
    """Of a folder, None where there is none."""
    try:
        status = root.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
