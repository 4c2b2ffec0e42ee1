"""Waiting for the effect of another task, thread or process, up to a deadline."""

from __future__ import annotations

import asyncio
import inspect
import time

DEADLINE_S = 60
_LOOK_S = 0.02


async def until(condition, tells=lambda: "the deadline passed"):
    """Wait until `condition` is true; it may be a coroutine function.

    `tells` explains a failure.
    """
    ends = time.monotonic() + DEADLINE_S
    while True:
        met = condition()
        if await met if inspect.isawaitable(met) else met:
            return
        assert time.monotonic() < ends, tells()
        await asyncio.sleep(_LOOK_S)


def wait_until(condition, tells=lambda: "the deadline passed"):
    """The same where no event loop runs."""
    ends = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < ends, tells()
        time.sleep(_LOOK_S)
