"""Closing in reverse order of opening, each step for itself and all within a bound."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

LIMIT_S = 5.0
"""After this long, what has not ended is left to the end of the process."""
_log = logging.getLogger(__name__)

Step = tuple[str, Callable[[], Awaitable[None]]]
"""What is closed, for the log, and how."""


async def close_all(steps: Sequence[Step], limit_s: float = LIMIT_S) -> bool:
    """Run every step in the given order, whatever the others do; return whether all ended well within the bound.

    A step that fails is logged. Once the time is used up, each further step is given a moment to begin and is not waited
    for: it runs on by itself.
    """
    ends = time.monotonic() + limit_s
    complete = True
    for what, step in steps:
        task = asyncio.ensure_future(step())
        done, _ = await asyncio.wait({task}, timeout=max(0.05, ends - time.monotonic()))
        if not done:
            _log.error("%s did not close within %.0f s", what, limit_s)
            task.add_done_callback(_seen)
            complete = False
        elif not task.cancelled() and (error := task.exception()):
            _log.error("%s could not be closed", what, exc_info=error)
            complete = False
    return complete


def _seen(task: asyncio.Future[None]) -> None:
    """Log what a step came to that nobody waited for."""
    if not task.cancelled() and (error := task.exception()):
        _log.error("A part could not be closed", exc_info=error)
