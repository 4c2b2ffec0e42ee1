"""The end of a process that works with an index: bounded, whatever its threads still do.

Python waits for every thread before a process ends, and asyncio for those of the default executor.
A call that never returns, for example on a file system that no longer answers, would keep the
process running.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

_Result = TypeVar("_Result")


def run_async(main: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine like `asyncio.run`, but do not wait for threads that are still at work."""

    async def with_executor() -> _Result:
        asyncio.get_running_loop().set_default_executor(_UnjoinedExecutor(thread_name_prefix="codekin"))
        return await main

    return asyncio.run(with_executor())


def end_process(status: int) -> NoReturn:
    """End the process at once. Indexes are closed by then, so nothing is lost."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the writer has already reported what could not be written
            stream.flush()
    logging.shutdown()
    os._exit(status)


class _UnjoinedExecutor(ThreadPoolExecutor):
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - as in the base class
        super().shutdown(wait=False, cancel_futures=cancel_futures)
