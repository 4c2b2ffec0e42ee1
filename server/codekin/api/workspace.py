"""A folder and its index, opened for a program."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from codekin.answers import DEFAULT_TOKENS, AgentAnswerShape, Answers, Budget, Detail, agent_answer_shape
from codekin.api.answering import answered, listed_duplicates, respond
from codekin.api.opening import Opening
from codekin.api.query import Query
from codekin.engine import Engine, IndexReport, ProgressListener
from codekin.memory import release
from codekin.shapes import (
    AnswerShape,
    DuplicatesShape,
    OutlineShape,
    StatusShape,
    answer_shape,
    outline_shape,
    status_shape,
)


class Workspace:
    """A folder and its index on one event loop.

    Its methods may be called concurrently. They raise subclasses of CodekinError.
    """

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._root = root

    @staticmethod
    def open(
        path: str | Path = ".", *, watch: bool = False, settings: Mapping[str, Any] | None = None
    ) -> Opening[Workspace]:
        """Return a workspace to open by `async with` (Workspace) or `with` (BlockingWorkspace).

        Opening does not update the index; `watch` indexes changes from then on. `settings` are
        those of docs/reference/settings.md and take precedence over the environment.
        """
        return Opening(Workspace, Path(path), watch=watch, settings=settings)

    async def run(self, query: Query) -> AnswerShape:
        """Run a query and return what `codekin search --json` prints.

        That is the results, best first, the coverage, and what was degraded, if anything.
        """
        return answer_shape(await respond(self._engine, self._root, query))

    async def index(self, progress: ProgressListener | None = None, *, rebuild: bool = False) -> IndexReport:
        """Bring the index up to date with the files. `progress` is called on the loop."""
        return await self._engine.index(progress, rebuild=rebuild)

    async def status(self) -> StatusShape:
        """Return the current status, as `codekin status --json` prints it."""
        return status_shape(self._engine.status())

    async def answer(
        self, query: Query, max_tokens: int = DEFAULT_TOKENS, *, detail: Detail = "lines", offset: int = 0
    ) -> AgentAnswerShape:
        """Run a query and return an answer for a model, of at most `max_tokens`.

        That is a text with the best places and the lines that answer, and the places for programs.
        `offset` is the `cursor` of an earlier answer. The limit of the query does not apply.
        """
        answers = Answers(self._engine, [self._root])
        return agent_answer_shape(await answered(answers, query, Budget(max_tokens, detail, offset)))

    async def outline(self, path: str | Path) -> OutlineShape:
        """Return the nested definitions of a file of the workspace, as it is now.

        `path` is absolute or relative to the workspace.
        """
        return outline_shape(str(path), await self._engine.outline(self._root / path))

    async def duplicates(
        self,
        *,
        limit: int = 100,
        threshold: float | None = None,
        languages: Sequence[str] = (),
        paths: Sequence[str] = (),
    ) -> DuplicatesShape:
        """Return groups of similar code, as `codekin duplicates --json` prints them.

        `threshold` is the minimum cosine, from 0.9 to 1; without it, that of the settings applies.
        """
        return await listed_duplicates(self._engine, limit, threshold, languages=languages, paths=paths)

    async def close(self) -> None:
        """Commit everything and stop all work. Idempotent."""
        await self._engine.close()
        await asyncio.to_thread(release)
