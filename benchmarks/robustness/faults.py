"""Run codekin with injected failures.

    python -m benchmarks.robustness.faults SEED RATE UNTIL ARGUMENT ...

Calls of the stores, of git and of worker threads raise at random moments drawn from the seed, until
the Unix time UNTIL. The product has no hook for this: its classes are wrapped here before it
starts.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import random
import sys
import time
from collections.abc import Callable
from typing import Any

_STORE_METHODS = ("add", "get", "contains", "keys", "delete", "compact", "search", "refresh", "commit")
_METADATA_METHODS = ("apply", "load", "generation", "get_meta", "set_meta", "skipped")


class FaultPlan:
    """Draws whether a call fails, and how.

    `rate` is the share of calls, `until` the Unix time of the last failure.
    """

    def __init__(self, seed: int, rate: float, until: float) -> None:
        self._random = random.Random(seed)
        self._rate = rate
        self._until = until
        self.raised = 0

    def strike(self) -> None:
        """Raise, or do nothing."""
        from codekin.errors import IndexDamagedError, IndexUnavailableError  # noqa: PLC0415 - after the wrapping

        if time.time() >= self._until or self._random.random() >= self._rate:
            return
        self.raised += 1
        raise self._random.choice(
            (
                OSError(errno.ENOSPC, "No space left on device"),
                OSError(errno.EIO, "Input/output error"),
                IndexUnavailableError("A fault of the plan."),
                IndexDamagedError("A fault of the plan."),
                ValueError("a fault of the plan"),
                MemoryError("a fault of the plan"),
            )
        )


def install(plan: FaultPlan) -> None:
    """Wrap the stores, and the calls from the event loop to a thread."""
    from codekin.storage.lexical.index import LexicalIndex  # noqa: PLC0415
    from codekin.storage.metadata.sqlite import SqliteMetadataStore  # noqa: PLC0415
    from codekin.storage.vectors.flat import FlatIndex  # noqa: PLC0415 - see above

    for kind in (FlatIndex, LexicalIndex):
        for name in _STORE_METHODS:
            if name in vars(kind):
                setattr(kind, name, _striking(plan, vars(kind)[name]))
    for name in _METADATA_METHODS:
        if name in vars(SqliteMetadataStore):
            setattr(SqliteMetadataStore, name, _striking_later(plan, vars(SqliteMetadataStore)[name]))
    asyncio.to_thread = _striking_later(plan, asyncio.to_thread)


def _striking(plan: FaultPlan, real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def call(*arguments: Any, **named: Any) -> Any:
        plan.strike()
        return real(*arguments, **named)

    return call


def _striking_later(plan: FaultPlan, real: Callable[..., Any]) -> Any:
    @functools.wraps(real)
    async def call(*arguments: Any, **named: Any) -> Any:
        plan.strike()
        result = await real(*arguments, **named)
        plan.strike()
        return result

    return call


def main() -> None:
    """Run codekin with the remaining arguments under the plan."""
    seed, rate, until = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    install(FaultPlan(seed, rate, until))
    sys.argv = ["codekin", *sys.argv[4:]]
    from codekin.__main__ import main as codekin  # noqa: PLC0415

    codekin()


if __name__ == "__main__":
    main()
