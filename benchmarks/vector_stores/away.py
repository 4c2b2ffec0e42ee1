"""Detect when the host did not run a virtual machine: a process only sleeps and reads the clock."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

_LATE_S = 0.02
"""Ten times the requested sleep.

One of several processors was free or busy with work of lower priority, so only the host can be the
cause.
"""
_CODE = f"""
import time
before = time.monotonic()
while True:
    time.sleep({_LATE_S / 10})
    now = time.monotonic()
    if now - before > {_LATE_S}:
        print(before, now, flush=True)
    before = now
"""


class Witness:
    """A context manager that records when the machine was away.

    After the block `away` contains intervals of `time.monotonic`.
    """

    def __init__(self) -> None:
        self.away: list[tuple[float, float]] = []
        self._process = subprocess.Popen([sys.executable, "-S", "-c", _CODE], stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        said, _ = self._process.communicate()
        for line in said.splitlines():
            begin, end = map(float, line.split())
            self.away.append((begin, end))

    def within(self, begin: float, end: float) -> float:
        """Return the seconds of an interval in which the machine was away."""
        return sum(max(0.0, min(end, last) - max(begin, first)) for first, last in self.away)
