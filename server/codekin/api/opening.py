"""Opening and closing of a workspace, by `with` or `async with`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

from codekin.api.blocking import AsyncWorkspace, BlockingWorkspace, LoopThread
from codekin.config import load_config
from codekin.engine import Engine

W = TypeVar("W", bound=AsyncWorkspace)


class Opening(Generic[W]):
    """A workspace that `with` or `async with` opens. Use it once."""

    def __init__(
        self, make: Callable[[Engine, Path], W], path: Path, *, watch: bool, settings: Mapping[str, Any] | None
    ) -> None:
        self._make = make
        self._path = path
        self._watch = watch
        self._settings = settings
        self._workspace: W | None = None
        self._loop: LoopThread | None = None

    async def __aenter__(self) -> W:
        """Open the workspace.

        Raises SettingsError (also if the path is not a folder), EmbedderError,
        IndexUnavailableError.
        """
        engine = await Engine.open(load_config(self._settings), [self._path], watch=self._watch)
        self._workspace = self._make(engine, self._path.resolve())
        return self._workspace

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        workspace, self._workspace = self._workspace, None
        if workspace:
            await workspace.close()

    def __enter__(self) -> BlockingWorkspace:
        """Open the workspace for blocking use. Raises the same errors as `__aenter__`."""
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
