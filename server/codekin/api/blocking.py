"""The same for programs without an event loop: a loop on a thread of its own, and calls that wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Protocol, TypeVar

from codekin.api.query import Query
from codekin.engine import IndexReport, ProgressListener
from codekin.errors import IndexUnavailableError
from codekin.shapes import AnswerShape, StatusShape

T = TypeVar("T")


class AsyncWorkspace(Protocol):
    """What a workspace can be asked, on its event loop; see `codekin.api.Workspace`."""

    async def run(self, query: Query) -> AnswerShape:
        """Search."""
        ...

    async def index(self, progress: ProgressListener | None = None, *, rebuild: bool = False) -> IndexReport:
        """Bring the index up to date."""
        ...

    async def status(self) -> StatusShape:
        """Return the status."""
        ...

    async def close(self) -> None:
        """End all work."""
        ...


class LoopThread:
    """An event loop on a thread. `call` may be used from any thread but that one."""

    def __init__(self) -> None:
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="codekin-api", daemon=True)
        self._thread.start()
        self._loop = self._started.result()

    def call(self, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """The coroutine's result. When the wait ends early, by time or by an interrupt, the coroutine is cancelled. Raises
        TimeoutError, IndexUnavailableError after `close`.
        """
        if not self._thread.is_alive():
            work.close()
            raise IndexUnavailableError("The workspace is closed.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except FutureTimeoutError as error:
            if future.done():
                raise  # the coroutine's own
            future.cancel()
            raise TimeoutError(f"No answer within {timeout_s} s.") from error
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancels what still runs and ends the thread. Idempotent."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join()

    async def _live(self) -> None:
        self._ended = asyncio.Event()
        self._started.set_result(asyncio.get_running_loop())
        await self._ended.wait()


class BlockingWorkspace:
    """Any thread may call; see `Workspace` for what the methods give and raise."""

    def __init__(self, workspace: AsyncWorkspace, loop: LoopThread) -> None:
        self._workspace = workspace
        self._loop = loop

    def run(self, query: Query, *, timeout_s: float | None = None) -> AnswerShape:
        """Raises TimeoutError once `timeout_s` have passed; the search is cancelled then."""
        return self._loop.call(self._workspace.run(query), timeout_s)

    def index(self, progress: ProgressListener | None = None, *, rebuild: bool = False) -> IndexReport:
        """`progress` is called on another thread."""
        return self._loop.call(self._workspace.index(progress, rebuild=rebuild))

    def status(self) -> StatusShape:
        """As it is now."""
        return self._loop.call(self._workspace.status())
