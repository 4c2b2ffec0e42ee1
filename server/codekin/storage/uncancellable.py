"""Work that must complete even if its caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
# The event loop keeps only weak references to tasks.
_RUNNING: set[asyncio.Task[Any]] = set()


def uncancellable(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return a coroutine function whose work completes even if the caller is cancelled.

    The caller is cancelled at once. Work that must not run at the same time has to wait for a lock
    that this work holds.
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
        task.exception()  # Retrieved, or asyncio would log it when no caller is left.
