"""Report how long the vector stores take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Observer = Callable[[float], None]
"""Called on the searching thread with the milliseconds of one search of one vector store."""


def unobserved(_ms: float) -> None:
    """Ignore the duration."""


@contextmanager
def timed(observe: Observer) -> Iterator[None]:
    """Report how long the body took, unless it raised."""
    started = time.perf_counter()
    yield
    observe((time.perf_counter() - started) * 1000)
