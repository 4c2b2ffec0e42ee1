"""Closing in reverse order of opening, with independent steps and a time limit."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

LIMIT_S = 5.0
"""Time limit, after which unfinished steps are left to the end of the process."""
_log = logging.getLogger(__name__)

Step = tuple[str, Callable[[], Awaitable[None]]]
"""The name of what is closed, for the log, and a function that closes it."""


async def close_all(steps: Sequence[Step], limit_s: float = LIMIT_S) -> bool:
    """Run every step in the given order, whatever the others do.

    Returns whether all succeeded within the limit. A failed step is logged. After the limit, each
    further step is started and runs on in the background.
    """
    ends = time.monotonic() + limit_s
    complete = True
    for what, step in steps:
        task = asyncio.ensure_future(step())
        done, _ = await asyncio.wait({task}, timeout=max(0.05, ends - time.monotonic()))
        if not done:
            _log.error("%s did not close within %.0f s", what, limit_s)
            task.add_done_callback(_log_failure)
            complete = False
        elif not task.cancelled() and (error := task.exception()):
            _log.error("Could not close: %s", what, exc_info=error)
            complete = False
    return complete


def _log_failure(task: asyncio.Future[None]) -> None:
    """Log the failure of a step that was not waited for."""
    if not task.cancelled() and (error := task.exception()):
        _log.error("Could not close a part", exc_info=error)
