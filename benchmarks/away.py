"""When a virtual machine was not run by its host: a process that does nothing but sleep and look at the clock tells."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

_LATE_S = 0.02
"""Ten times as late as it asked to be woken: one of several processors was free, or taken by work of a lower priority."""
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
    """Use as a context manager. `away` holds intervals of `time.monotonic` once the block has ended."""

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
        """Seconds of an interval in which the machine was away."""
        return sum(max(0.0, min(end, last) - max(begin, first)) for first, last in self.away)
