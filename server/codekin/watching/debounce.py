"""Bursts of changes become batches: one event a path, the latest wins, and a stream that never rests still gets through."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from codekin.domain.values import FileChange, FileEvent

_MOST_DELAYS = 10
"""A batch waits at most this many debounce intervals."""


class Debounce:
    """Collects from any thread. `due_in_s` and `take` are for the thread that delivers; the clock is monotonic seconds."""

    def __init__(self, debounce_ms: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet_s = debounce_ms / 1000
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[str, FileChange] = {}
        self._first = self._last = 0.0

    def add(self, path: str, change: FileChange) -> None:
        """Notes a change; it takes the place of an earlier one of the same path."""
        with self._lock:
            self._last = self._clock()
            if not self._waiting:
                self._first = self._last
            self._waiting.pop(path, None)
            self._waiting[path] = change

    def due_in_s(self) -> float | None:
        """Seconds until a batch is due, 0 when it is, None when nothing waits."""
        with self._lock:
            if not self._waiting:
                return None
            due = min(self._last + self._quiet_s, self._first + _MOST_DELAYS * self._quiet_s)
            return max(0.0, due - self._clock())

    def take(self) -> Sequence[FileEvent]:
        """What waits, in the order of the latest changes; nothing waits afterwards."""
        with self._lock:
            batch = [FileEvent(path, change) for path, change in self._waiting.items()]
            self._waiting = {}
        return batch
