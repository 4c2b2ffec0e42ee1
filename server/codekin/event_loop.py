"""The event loop of a process that works with an index.

asyncio waits for the threads of its default executor before it ends. A call that never returns, for
example on a file system that no longer answers, would keep the process running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_Result = TypeVar("_Result")


def run_async(main: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine like `asyncio.run`, but do not wait for threads that are still at work."""

    async def with_executor() -> _Result:
        asyncio.get_running_loop().set_default_executor(_UnjoinedExecutor(thread_name_prefix="codekin"))
        return await main

    return asyncio.run(with_executor())


class _UnjoinedExecutor(ThreadPoolExecutor):
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - as in the base class
        super().shutdown(wait=False, cancel_futures=cancel_futures)
