"""Blocking access for programs without an event loop: the loop runs on a separate thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any, Protocol, TypeVar

from codekin.answers import DEFAULT_TOKENS, AgentAnswerShape, Detail
from codekin.api.query import Query
from codekin.engine import IndexReport, ProgressListener
from codekin.errors import IndexUnavailableError
from codekin.shapes import AnswerShape, DuplicatesShape, OutlineShape, StatusShape

T = TypeVar("T")


class AsyncWorkspace(Protocol):
    """The methods of a workspace on its event loop; see `codekin.api.Workspace`."""

    async def run(self, query: Query) -> AnswerShape:
        """Run a query."""
        ...

    async def index(self, progress: ProgressListener | None = None, *, rebuild: bool = False) -> IndexReport:
        """Bring the index up to date."""
        ...

    async def status(self) -> StatusShape:
        """Return the status."""
        ...

    async def answer(
        self, query: Query, max_tokens: int = DEFAULT_TOKENS, *, detail: Detail = "lines", offset: int = 0
    ) -> AgentAnswerShape:
        """Return an answer for a model."""
        ...

    async def outline(self, path: str | Path) -> OutlineShape:
        """Return the outline of a file."""
        ...

    async def duplicates(
        self,
        *,
        limit: int = 100,
        threshold: float | None = None,
        languages: Sequence[str] = (),
        paths: Sequence[str] = (),
    ) -> DuplicatesShape:
        """Return groups of duplicates."""
        ...

    async def close(self) -> None:
        """Stop all work."""
        ...


class LoopThread:
    """An event loop on a thread. `call` may be used from any other thread."""

    def __init__(self) -> None:
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="codekin-api", daemon=True)
        self._thread.start()
        self._loop = self._started.result()

    def call(self, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Run a coroutine and return its result.

        On a timeout or an interrupt, the coroutine is cancelled. Raises TimeoutError, and
        IndexUnavailableError after `close`.
        """
        if not self._thread.is_alive():
            work.close()
            raise IndexUnavailableError("The workspace is closed.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except FutureTimeoutError as error:
            if future.done():
                raise  # the coroutine raised it
            future.cancel()
            raise TimeoutError(f"No answer within {timeout_s} s.") from error
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel running work and end the thread. Idempotent."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join()

    async def _live(self) -> None:
        self._ended = asyncio.Event()
        self._started.set_result(asyncio.get_running_loop())
        await self._ended.wait()


class BlockingWorkspace:
    """A workspace whose methods block and may be called from any thread.

    They return and raise what the methods of `Workspace` do.
    """

    def __init__(self, workspace: AsyncWorkspace, loop: LoopThread) -> None:
        self._workspace = workspace
        self._loop = loop

    def run(self, query: Query, *, timeout_s: float | None = None) -> AnswerShape:
        """Run a query.

        After `timeout_s` the search is cancelled, and TimeoutError is raised.
        """
        return self._loop.call(self._workspace.run(query), timeout_s)

    def index(self, progress: ProgressListener | None = None, *, rebuild: bool = False) -> IndexReport:
        """Bring the index up to date with the files. `progress` is called on another thread."""
        return self._loop.call(self._workspace.index(progress, rebuild=rebuild))

    def status(self) -> StatusShape:
        """Return the current status, as `codekin status --json` prints it."""
        return self._loop.call(self._workspace.status())

    def answer(
        self, query: Query, max_tokens: int = DEFAULT_TOKENS, *, detail: Detail = "lines", offset: int = 0
    ) -> AgentAnswerShape:
        """Run a query and return an answer for a model, of at most `max_tokens`."""
        return self._loop.call(self._workspace.answer(query, max_tokens, detail=detail, offset=offset))

    def outline(self, path: str | Path) -> OutlineShape:
        """Return the nested definitions of a file of the workspace, as it is now."""
        return self._loop.call(self._workspace.outline(path))

    def duplicates(
        self,
        *,
        limit: int = 100,
        threshold: float | None = None,
        languages: Sequence[str] = (),
        paths: Sequence[str] = (),
    ) -> DuplicatesShape:
        """Return groups of similar code, as `codekin duplicates --json` prints them."""
        return self._loop.call(
            self._workspace.duplicates(limit=limit, threshold=threshold, languages=languages, paths=paths)
        )
