"""A bound on processor time for work on texts and patterns made to take for ever."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT_S = 30
"""Far more than the work takes on any machine, far less than it takes where it is not linear."""


@contextmanager
def bounded() -> Iterator[None]:
    """Fail if the work in the context takes more than ``LIMIT_S`` of processor time."""
    began = time.process_time()
    yield
    taken = time.process_time() - began
    assert taken < LIMIT_S, f"{taken:.1f} s"
