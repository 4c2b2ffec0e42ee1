"""Monitoring of one engine: it times searches and notices when a limit is crossed."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from codekin.config import Config
from codekin.engine.status.alerts import Alert, alerts
from codekin.engine.status.measures import Measures, Recorder, Waiting
from codekin.engine.work.loop_watch import LoopWatch
from codekin.errors import CancelledError, SettingsError

INTERVAL_S = 5.0
"""Interval between checks of the limits, in seconds."""
_STATM = Path("/proc/self/statm")
T = TypeVar("T")


class Monitor:
    """The monitor, on the engine's loop.

    `changed` is called when the active alerts change.
    """

    def __init__(self, config: Config, threads: int, changed: Callable[[], None]) -> None:
        self.recorder = Recorder()
        self.loop_watch = LoopWatch()
        self._config = config
        self._threads = threads
        self._changed = changed
        self._running = {False: 0, True: 0}
        self._known: tuple[str, ...] = ()

    async def timed(self, work: Awaitable[T], *, slow: bool = False) -> tuple[T, float]:
        """Return (result, milliseconds), and count how it ends; `slow` names its lane."""
        started = time.perf_counter()
        self._running[slow] += 1
        try:
            result = await work
        except (asyncio.CancelledError, CancelledError):
            self.recorder.record("cancelled", _since(started))
            raise
        except SettingsError:
            self.recorder.record("refused", _since(started))
            raise
        except Exception as error:
            self.recorder.record("failed", _since(started), f"{error or type(error).__name__}")
            raise
        finally:
            self._running[slow] -= 1
        took_ms = _since(started)
        self.recorder.record("answered", took_ms)
        return result, took_ms

    def measures(self, files: int, changes: int) -> Measures:
        """Return the current measures; `files` and `changes` are pending."""
        waiting = Waiting(files, changes, sum(max(0, count - self._threads) for count in self._running.values()))
        watch = self.loop_watch
        counted = self.recorder.measures(resident_bytes(), waiting)
        return replace(counted, late_loops=watch.late, longest_late_ms=watch.longest_ms)

    def alerts(self, measures: Measures) -> tuple[Alert, ...]:
        """Return the active alerts."""
        return alerts(measures, self._config)

    def check(self, measures: Measures) -> None:
        """Report changed alerts; they may end by time alone, and memory may grow at any time."""
        names = tuple(alert.name for alert in self.alerts(measures))
        if names != self._known:
            self._known = names
            self._changed()


def resident_bytes() -> int:
    """Return the resident memory of this process, mapped files included."""
    if (
        sys.platform != "win32" and _STATM.exists()
    ):  # on Linux, read a file of 30 bytes instead of importing psutil in 20 ms
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return int(_process().memory_info().rss)


@lru_cache(maxsize=1)
def _process() -> Any:
    import psutil  # noqa: PLC0415 - imported only on systems that need it

    return psutil.Process()


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
