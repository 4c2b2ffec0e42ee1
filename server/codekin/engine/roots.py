"""The folders of one engine: added, removed and listed in one step each, however many ask at once."""

from __future__ import annotations

import asyncio
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
from codekin.memory import release


class Roots:
    """Lives on one event loop. `all` is a snapshot: a root that comes or goes while somebody walks over it changes nothing.

    `changed` is called whenever the status may read differently, `failed` with every failure of background work.
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
        self._coming: dict[str, asyncio.Task[RootSupervisor]] = {}
        self._missing: dict[Path, str] = {}
        self._paused = False

    def all(self) -> tuple[RootSupervisor, ...]:
        """Return the open roots, in the order in which they came."""
        return tuple(self._open.values())

    def get(self, root: Path) -> RootSupervisor | None:
        """Return an open root."""
        return self._open.get(real_root(root))

    def owner(self, path: Path) -> tuple[RootIndex, str] | None:
        """Return the innermost root that holds the path, and the path below it."""
        found = self.supervisor_of(path)
        return (found[0].index, found[1]) if found else None

    def supervisor_of(self, path: Path) -> tuple[RootSupervisor, str] | None:
        """The same, with what supervises the root."""
        found = [(root, below) for root in self._open.values() if (below := root.index.location.relative(path))]
        return max(found, key=lambda item: len(str(item[0].index.location.root)), default=None)

    @property
    def paused(self) -> bool:
        """Whether indexing waits until it is resumed."""
        return self._paused

    def pause(self) -> None:
        """Stop indexing after the batch at hand, of roots to come as well."""
        self._paused = True
        for root in self._open.values():
            root.index.queue.pause(paused=True)

    def resume(self) -> None:
        """Go on where `pause` stopped."""
        self._paused = False
        for root in self._open.values():
            root.index.resume()

    def reasons(self) -> list[str]:
        """Return, for each root that cannot be opened, a sentence that says why."""
        return [text for root, text in self._missing.items() if not self._supervision.has_failed(f"open {root}")]

    async def open(self, roots: Sequence[Path]) -> None:
        """Open all of them; one that cannot be opened is reported and does not take the others along.

        Raises SettingsError, EmbedderError, IndexUnavailableError where none can be opened.
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
        """Open a folder, or a single file; one that is open, or is being opened, is opened once.

        A file within an open folder belongs to that. Raises SettingsError for what is no folder, and what opening raises; the folder is reported in the status until it can
        be opened, and tried again in the background.
        """
        try:
            real = real_root(root)
            if not real:
                raise SettingsError(f"{root} is not a folder that can be read.")
            if is_folder(real) or not self.owner(Path(real)):
                await self._add(real)
        except CodekinError as error:
            self._missing[root] = str(error)
            self._changed()
            if self._background:
                self._supervision.start(f"open {root}", partial(self._try_again, root), what=f"Opening {root}")
            raise
        self._missing.pop(root, None)
        self._changed()

    async def remove(self, root: Path) -> None:
        """Let go of a folder, also of one that is still being opened; its index stays on disk."""
        self._missing.pop(root, None)
        real = real_root(root) or str(root)
        if coming := self._coming.get(real):
            await asyncio.wait({coming})
        found = self._open.pop(real, None)
        if found:
            self._hide_nested()
            await close_all(found.closing_steps())
            del found
            await asyncio.to_thread(release)
        self._changed()

    async def close(self) -> bool:
        """Close all roots, each in reverse order of its opening; return whether all of it ended."""
        if self._coming:
            await asyncio.wait(set(self._coming.values()))
        ended = await asyncio.gather(*(close_all(root.closing_steps()) for root in self._open.values()))
        return all(ended)

    async def start_deepening(self) -> None:
        """Open the deep model's vectors of all roots, now that the model is there."""
        for root in self.all():
            await self._deepen(root)

    async def _add(self, real: str) -> RootSupervisor:
        if known := self._open.get(real):
            return known
        if real not in self._coming:
            task = asyncio.create_task(self._take_in(real), name=f"open {real}")
            task.add_done_callback(partial(self._came, real))
            self._coming[real] = task
        return await asyncio.shield(self._coming[real])

    async def _take_in(self, real: str) -> RootSupervisor:
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
            raise SettingsError(f"{root} is not a folder that can be read.")
        await self._add(real)
        self._missing.pop(root, None)

    def _came(self, real: str, task: asyncio.Task[RootSupervisor]) -> None:
        del self._coming[real]
        if not task.cancelled():
            task.exception()  # marks it as seen: whoever asked has it

    def _hide_nested(self) -> None:
        """A folder within another root answers for its files alone: each file is found once."""
        for real, root in self._open.items():
            below = [other for other in self._open if other != real and Path(other).is_relative_to(real)]
            root.index.catalog.hide(tuple(Path(other).relative_to(real).as_posix() + "/" for other in below))
