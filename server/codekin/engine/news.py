"""Tells whoever listens that the status changed, and not more often than anybody can read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from codekin.engine.status import Status

_INTERVAL_S = 0.2


class News:
    """Lives on one event loop. `status` is asked for when there is something to tell."""

    def __init__(self, status: Callable[[], Status]) -> None:
        self._status = status
        self._listeners: list[Callable[[Status], None]] = []
        self._told_at = 0.0
        self._telling: asyncio.TimerHandle | None = None
        self._closed = False

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Calls `listener` on the loop when the status changed, at most five times a second; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def changed(self) -> None:
        """The status may read differently."""
        if self._telling or not self._listeners or self._closed:
            return
        delay_s = max(0.0, self._told_at + _INTERVAL_S - time.monotonic())
        self._telling = asyncio.get_running_loop().call_later(delay_s, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._told_at = time.monotonic()
        status = self._status()
        for listener in tuple(self._listeners):
            listener(status)

    def close(self) -> None:
        """Tells nothing more."""
        self._closed = True
        if self._telling:
            self._telling.cancel()
