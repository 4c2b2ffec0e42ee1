"""Debouncing: bursts of changes become batches with one event for each path, the latest one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from codekin.domain.values import FileChange, FileEvent

_MAX_DELAYS = 10
"""Maximum delay of a batch in debounce intervals, so that constant changes are delivered too."""


class Debounce:
    """Collects changes from any thread.

    Only the delivering thread calls `due_in_s` and `take`. The clock is in monotonic seconds.
    """

    def __init__(self, debounce_ms: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet_s = debounce_ms / 1000
        self._clock = clock
        self._lock = threading.Lock()
        self._pending: dict[str, FileChange] = {}
        self._first = self._last = 0.0

    def add(self, path: str, change: FileChange) -> None:
        """Record a change, which replaces an earlier one of the same path."""
        with self._lock:
            self._last = self._clock()
            if not self._pending:
                self._first = self._last
            self._pending.pop(path, None)
            self._pending[path] = change

    def due_in_s(self) -> float | None:
        """Return the seconds until a batch is due: 0 if it is, None if there is none."""
        with self._lock:
            if not self._pending:
                return None
            due = min(self._last + self._quiet_s, self._first + _MAX_DELAYS * self._quiet_s)
            return max(0.0, due - self._clock())

    def take(self) -> Sequence[FileEvent]:
        """Return and remove all pending changes, in the order of their latest change."""
        with self._lock:
            batch = [FileEvent(path, change) for path, change in self._pending.items()]
            self._pending = {}
        return batch
