"""Work that a cancelled caller must not cut in two."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
# The event loop itself holds tasks weakly.
_RUNNING: set[asyncio.Task[Any]] = set()


def uncancellable(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A coroutine function whose work runs to its end even if the caller is cancelled; the caller is told at once. What
    must not run beside it has to wait for a lock that the work holds.
    """

    @wraps(work)
    async def run(*arguments: P.args, **named: P.kwargs) -> T:
        task = asyncio.create_task(work(*arguments, **named))
        _RUNNING.add(task)
        task.add_done_callback(_end)
        return await asyncio.shield(task)

    return run


def _end(task: asyncio.Task[Any]) -> None:
    _RUNNING.discard(task)
    if not task.cancelled():
        task.exception()  # marks it as seen: nobody may be left to see it
