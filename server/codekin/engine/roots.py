"""The folders of one engine, each added and removed once, however many callers request it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from codekin.config import Config
from codekin.engine.deep.model import DeepModel
from codekin.engine.root.root_index import RootIndex
from codekin.engine.stores.location import is_folder, real_root
from codekin.engine.supervisor import RootSupervisor
from codekin.engine.work.closing import close_all
from codekin.engine.work.supervision import Supervision
from codekin.errors import CodekinError, SettingsError
from codekin.indexing import EmbedCounts
from codekin.memory import release, settle

_POLL_S = 0.02


class Roots:
    """The roots, on one event loop.

    `all` is a snapshot, so that adding or removing a root does not affect an iteration. `changed`
    is called whenever the status may have changed, `failed` with every failure of background work.
    """

    def __init__(
        self,
        config: Config,
        worker: ThreadPoolExecutor,
        counts: EmbedCounts,
        deep_model: DeepModel,
        supervision: Supervision,
        *,
        background: bool,
        changed: Callable[[], None],
        failed: Callable[[], None],
    ) -> None:
        self._config = config
        self._worker = worker
        self._counts = counts
        self._deep_model = deep_model
        self._supervision = supervision
        self._background = background
        self._changed = changed
        self._failed = failed
        self._open: dict[str, RootSupervisor] = {}
        self._opening: dict[str, asyncio.Task[RootSupervisor]] = {}
        self._missing: dict[Path, str] = {}
        self._paused = False

    def all(self) -> tuple[RootSupervisor, ...]:
        """Return the open roots, in the order in which they were added."""
        return tuple(self._open.values())

    def get(self, root: Path) -> RootSupervisor | None:
        """Return an open root, or None."""
        return self._open.get(real_root(root))

    def named(self, real: str) -> RootSupervisor | None:
        """Return the open root with this real path, without looking at the disk."""
        return self._open.get(real)

    def written(self) -> list[Path]:
        """Return the folders whose index this process writes."""
        indexes = [root.index for root in self._open.values()]
        return [index.location.root for index in indexes if index.writer and not index.location.only]

    async def is_current(self, root: Path, timeout_s: float) -> bool:
        """Wait until all known changes are indexed; return whether they are, and watched for."""
        deadline = time.monotonic() + timeout_s
        while (found := self.get(root)) and found.is_watching:
            if found.index.coverage().complete and not (found.unfinished or found.index.passing):
                return True
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_POLL_S)
        return False

    def owner(self, path: Path) -> tuple[RootIndex, str] | None:
        """Return the innermost root that contains the path, and the path relative to it."""
        found = self.supervisor_of(path)
        return (found[0].index, found[1]) if found else None

    def supervisor_of(self, path: Path) -> tuple[RootSupervisor, str] | None:
        """Return the supervisor of the innermost root that contains the path.

        The second value is the relative path.
        """
        found = [(root, below) for root in self._open.values() if (below := root.index.location.relative(path))]
        return max(found, key=lambda item: len(str(item[0].index.location.root)), default=None)

    @property
    def paused(self) -> bool:
        """Whether indexing is paused."""
        return self._paused

    def pause(self) -> None:
        """Stop indexing after the current batch, also of roots added later."""
        self._paused = True
        for root in self._open.values():
            root.index.queue.pause(paused=True)

    def resume(self) -> None:
        """Continue indexing after `pause`."""
        self._paused = False
        for root in self._open.values():
            root.index.resume()

    def reasons(self) -> list[str]:
        """Return a sentence for each root that cannot be opened."""
        return [text for root, text in self._missing.items() if not self._supervision.has_failed(f"open {root}")]

    async def open(self, roots: Sequence[Path]) -> None:
        """Open all roots; one that cannot be opened is reported and does not affect the others.

        Raises SettingsError, EmbedderError, IndexUnavailableError if none can be opened.
        """
        failures: list[CodekinError] = []
        for root in roots:
            try:
                await self.add(root)
            except CodekinError as error:
                failures.append(error)
        if failures and not self._open:
            raise failures[0]

    async def add(self, root: Path) -> None:
        """Open a folder, or a single file, once.

        A file within an open folder belongs to that folder. Raises SettingsError if it is not a
        folder, and what opening raises. A folder that cannot be opened is reported in the status
        and tried again in the background.
        """
        try:
            real = real_root(root)
            if not real:
                raise SettingsError(f"{root} is not a folder, or cannot be read.")
            if is_folder(real) or not self.owner(Path(real)):
                await self._add(real)
        except CodekinError as error:
            self._missing[root] = str(error)
            self._changed()
            if self._background:
                self._supervision.start(f"open {root}", partial(self._try_again, root), what=f"Opening {root}")
            raise
        settle()
        self._missing.pop(root, None)
        self._changed()

    async def remove(self, root: Path) -> None:
        """Close a folder, also one that is still being opened; its index stays on disk."""
        self._missing.pop(root, None)
        real = real_root(root) or str(root)
        if opening := self._opening.get(real):
            await asyncio.wait({opening})
        found = self._open.pop(real, None)
        if found:
            self._hide_nested()
            await close_all(found.closing_steps())
            del found
            await asyncio.to_thread(release)
            settle()
        self._changed()

    async def close(self) -> bool:
        """Close all roots, each in reverse order of its opening; return whether all of it ended."""
        if self._opening:
            await asyncio.wait(set(self._opening.values()))
        ended = await asyncio.gather(*(close_all(root.closing_steps()) for root in self._open.values()))
        return all(ended)

    async def start_deepening(self) -> None:
        """Open the deep vectors of all roots, once the model is loaded."""
        for root in self.all():
            await self._deepen(root)

    async def _add(self, real: str) -> RootSupervisor:
        if known := self._open.get(real):
            return known
        if real not in self._opening:
            task = asyncio.create_task(self._open_root(real), name=f"open {real}")
            task.add_done_callback(partial(self._opened, real))
            self._opening[real] = task
        return await asyncio.shield(self._opening[real])

    async def _open_root(self, real: str) -> RootSupervisor:
        model = next((known.index.parts.target.embedder for known in self._open.values()), None)
        index = await RootIndex.open(self._config, Path(real), self._worker, self._counts, model)
        root = RootSupervisor(index, self._config, self._deep_model, self._changed, self._failed)
        self._open[real] = root
        self._hide_nested()
        index.queue.pause(paused=self._paused)
        if self._background:
            root.start()
        if self._deep_model.embedder:
            await self._deepen(root)
        return root

    async def _deepen(self, root: RootSupervisor) -> None:
        await root.backfill.attach()
        if self._background:
            root.start_deepening()

    async def _try_again(self, root: Path) -> None:
        if root not in self._missing:
            return
        real = real_root(root)
        if not real:
            raise SettingsError(f"{root} is not a folder, or cannot be read.")
        await self._add(real)
        self._missing.pop(root, None)

    def _opened(self, real: str, task: asyncio.Task[RootSupervisor]) -> None:
        del self._opening[real]
        if not task.cancelled():
            task.exception()  # marks it as retrieved; the callers receive it

    def _hide_nested(self) -> None:
        """Hide nested roots in their parents, so that each file is found once."""
        for real, root in self._open.items():
            below = [other for other in self._open if other != real and Path(other).is_relative_to(real)]
            root.index.catalog.hide(tuple(Path(other).relative_to(real).as_posix() + "/" for other in below))
