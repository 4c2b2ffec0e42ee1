"""Publication of the status to its listeners, at a limited rate."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from codekin.engine.status.status import Status

_INTERVAL_S = 0.2
_log = logging.getLogger(__name__)


class StatusPublisher:
    """The publisher, on one event loop. `status` is called when there is something to publish."""

    def __init__(self, status: Callable[[], Status]) -> None:
        self._status = status
        self._listeners: list[Callable[[Status], None]] = []
        self._published_at = 0.0
        self._due: asyncio.TimerHandle | None = None
        self._closed = False

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Call `listener` on the loop when the status changed, at most five times a second.

        Returns a function that ends the subscription.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def changed(self) -> None:
        """Record that the status may have changed."""
        if self._due or not self._listeners or self._closed:
            return
        delay_s = max(0.0, self._published_at + _INTERVAL_S - time.monotonic())
        self._due = asyncio.get_running_loop().call_later(delay_s, self._publish)

    def close(self) -> None:
        """Stop publishing."""
        self._closed = True
        if self._due:
            self._due.cancel()

    def _publish(self) -> None:
        self._due = None
        self._published_at = time.monotonic()
        status = self._status()
        for listener in tuple(self._listeners):
            try:
                listener(status)
            except Exception:  # noqa: BLE001 - one listener must not affect the others
                _log.exception("A listener of the status failed")
