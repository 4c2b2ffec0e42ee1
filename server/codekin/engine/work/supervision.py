"""Supervision of background work: every failure is logged, counted, shown and retried."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from codekin.errors import CodekinError, IndexClosedError

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """The latest failure of one piece of work, and the number of consecutive failures."""

    what: str
    cause: str
    attempts: int

    @property
    def reason(self) -> str:
        """A sentence for the status: what failed, why, and what happens next."""
        return f"{self.what} failed: {self.cause} codekin retries automatically."


class Supervision:
    """The background work of one owner, on one event loop.

    `changed` is called when the failures change, `failed` with every failure. A failure stays until
    the same source succeeds; other work does not clear it.
    """

    def __init__(self, changed: Callable[[], None], failed: Callable[[], None]) -> None:
        self._changed = changed
        self._failed = failed
        self._failures: dict[str, Failure] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, source: str, work: Callable[[], Awaitable[None]], *, what: str) -> None:
        """Run `work` until it returns.

        After an exception, it is logged, shown, and retried after a growing pause.
        """
        self._begin(self._retry(source, work, what), source)

    def repeat(
        self, source: str, work: Callable[[], Awaitable[None]], *, what: str, interval_s: float, first_s: float = 0.0
    ) -> None:
        """Run `work` repeatedly, `interval_s` after it returned, and later after an exception."""
        self._begin(self._repeat(source, work, what, interval_s, first_s), source)

    def failed(self, source: str, error: Exception, *, what: str) -> float:
        """Record a failure and return the pause before the next attempt, in seconds."""
        if isinstance(error, IndexClosedError):
            return _LONGEST_PAUSE_S
        known = self._failures.get(source)
        failure = Failure(what, cause_of(error), known.attempts + 1 if known else 1)
        self._failures[source] = failure
        self._failed()
        if known is None or known.cause != failure.cause:
            _log.error("%s failed", what, exc_info=error)
            self._changed()
        return float(min(_FIRST_PAUSE_S * 2 ** min(failure.attempts - 1, 10), _LONGEST_PAUSE_S))

    def succeeded(self, source: str) -> None:
        """Clear the failure of this source, if there is one."""
        if self._failures.pop(source, None):
            self._changed()

    def reasons(self) -> list[str]:
        """Return the current failures, in sentences for the status."""
        return [failure.reason for failure in self._failures.values()]

    def has_failed(self, source: str) -> bool:
        """Return whether the latest attempt of this source failed."""
        return source in self._failures

    def later(self, pause_s: float, action: Callable[[], object]) -> None:
        """Call `action` after a pause, unless closed by then."""

        async def wait() -> None:
            await asyncio.sleep(pause_s)
            action()

        self._begin(wait(), "a later attempt")

    async def close(self) -> None:
        """Cancel all of the work and wait until it has ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self, work: Coroutine[None, None, None], source: str) -> None:
        task = asyncio.create_task(work, name=f"supervised: {source}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _retry(self, source: str, work: Callable[[], Awaitable[None]], what: str) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - logged, counted and shown
                await asyncio.sleep(self.failed(source, error, what=what))
            else:
                self.succeeded(source)
                return

    async def _repeat(
        self, source: str, work: Callable[[], Awaitable[None]], what: str, interval_s: float, first_s: float
    ) -> None:
        await asyncio.sleep(first_s)
        while True:
            pause_s = interval_s
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - logged, counted and shown
                pause_s = max(interval_s, self.failed(source, error, what=what))
            else:
                self.succeeded(source)
            await asyncio.sleep(pause_s)


def cause_of(error: Exception) -> str:
    """Return a sentence that names the cause.

    For an unexpected exception, it names the type and refers to the log.
    """
    if isinstance(error, OSError):
        path = f" ({error.filename})" if error.filename else ""
        next_step = " Free some disk space." if error.errno == errno.ENOSPC else ""
        return f"{error.strerror or error}{path}.{next_step}"
    text = str(error).strip()
    if isinstance(error, CodekinError):
        return text if text.endswith((".", "!", "?")) else f"{text}."
    return f"{type(error).__name__}. See the log for the stack trace."
