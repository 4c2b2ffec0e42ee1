"""A folder with its index, opened for a program."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codekin.api.answering import respond
from codekin.api.opening import Opening
from codekin.api.query import Query
from codekin.engine import Engine, IndexReport, ProgressListener
from codekin.memory import release
from codekin.shapes import AnswerShape, StatusShape, answer_shape, status_shape


class Workspace:
    """Lives on one event loop; its methods may be called concurrently. What they raise is a CodekinError."""

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._root = root

    @staticmethod
    def open(
        path: str | Path = ".", *, watch: bool = False, settings: Mapping[str, Any] | None = None
    ) -> Opening[Workspace]:
        """For `async with`, which gives a Workspace, or `with`, which gives a BlockingWorkspace. The index is opened as it
        lies; `watch` follows the files from then on. `settings` are those of the README's table, over the environment.
        """
        return Opening(Workspace, Path(path), watch=watch, settings=settings)

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
