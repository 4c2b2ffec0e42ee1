"""A folder with its index, opened for a program."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from codekin.api.answering import respond
from codekin.api.blocking import BlockingWorkspace, LoopThread
from codekin.api.query import Query
from codekin.config import load_config
from codekin.engine import Engine, IndexReport, ProgressListener
from codekin.memory import release
from codekin.shapes import AnswerShape, StatusShape, answer_shape, status_shape


class Workspace:
    """Lives on one event loop; its methods may be called concurrently. What they raise is a CodekinError."""

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._root = root

    @staticmethod
    def open(path: str | Path = ".", *, watch: bool = False, settings: Mapping[str, Any] | None = None) -> Opening:
        """For `async with`, which gives a Workspace, or `with`, which gives a BlockingWorkspace. The index is opened as it
        lies; `watch` follows the files from then on. `settings` are those of the README's table, over the environment.
        """
        return Opening(Path(path), watch=watch, settings=settings)

    async def run(self, query: Query) -> AnswerShape:
        """What `codekin search --json` prints: results best first, the coverage, and what was degraded, if anything."""
        return answer_shape(await respond(self._engine, self._root, query))

    async def index(self, progress: ProgressListener | None = None, *, rebuild: bool = False) -> IndexReport:
        """Brings the index up to date with the files. `progress` is called on the loop."""
        return await self._engine.index(progress, rebuild=rebuild)

    async def status(self) -> StatusShape:
        """What `codekin status --json` prints."""
        return status_shape(self._engine.status())

    async def close(self) -> None:
        """Ends all work with everything committed. Idempotent."""
        await self._engine.close()
        await asyncio.to_thread(release)


class Opening:
    """A workspace still to be opened: by `with` or by `async with`, once."""

    def __init__(self, path: Path, *, watch: bool, settings: Mapping[str, Any] | None) -> None:
        self._path = path
        self._watch = watch
        self._settings = settings
        self._workspace: Workspace | None = None
        self._loop: LoopThread | None = None

    async def __aenter__(self) -> Workspace:
        """Raises SettingsError (also for a path that is no folder), EmbedderError, IndexUnavailableError."""
        engine = await Engine.open(load_config(self._settings), [self._path], watch=self._watch)
        self._workspace = Workspace(engine, self._path.resolve())
        return self._workspace

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        workspace, self._workspace = self._workspace, None
        if workspace:
            await workspace.close()

    def __enter__(self) -> BlockingWorkspace:
        """As `__aenter__`."""
        loop = self._loop = LoopThread()
        try:
            return BlockingWorkspace(loop.call(self.__aenter__()), loop)
        except BaseException:
            loop.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop, self._loop = self._loop, None
        if loop:
            try:
                loop.call(self.__aexit__(kind, error, trace))
            finally:
                loop.close()
