"""How long the vector stores take, told to whoever counts it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Observer = Callable[[float], None]
"""Called on the searching thread with the milliseconds of one search of one vector store."""


def unobserved(_ms: float) -> None:
    """For those who do not count."""


@contextmanager
def timed(observe: Observer) -> Iterator[None]:
    """Tells how long its body took, unless that failed."""
    started = time.perf_counter()
    yield
    observe((time.perf_counter() - started) * 1000)
