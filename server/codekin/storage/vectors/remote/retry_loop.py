"""A background thread that repeats work, with growing pauses while it fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from codekin.errors import CodekinError

_INTERVAL_S = 5.0
"""Pause between two successful rounds."""
_MIN_RETRY_S, _MAX_RETRY_S = 0.5, 15.0
_JOIN_TIMEOUT_S = 2.0
_log = logging.getLogger(__name__)


class RetryLoop:
    """A thread that calls `work` every five seconds and when woken.

    After a failure it calls `failed` with the error, and waits longer each time, up to 15 s.
    """

    def __init__(self, name: str, work: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        self._work, self._failed = work, failed
        self._wake, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread, once everything that `work` needs exists."""
        self._thread.start()

    @property
    def ending(self) -> bool:
        """Whether long work should stop."""
        return self._ending.is_set()

    def wake(self) -> None:
        """Start the next round at once."""
        self._wake.set()

    def end(self) -> None:
        """Stop the thread; return when the last round is over, after two seconds at most."""
        self._ending.set()
        self._wake.set()
        self._thread.join(_JOIN_TIMEOUT_S)

    def _run(self) -> None:
        retry_s = _MIN_RETRY_S
        while not self.ending:
            try:
                self._work()
                retry_s, pause_s = _MIN_RETRY_S, _INTERVAL_S
            except Exception as error:  # noqa: BLE001 - reported and retried; the thread must not end
                if not isinstance(error, CodekinError | OSError):
                    _log.exception("Unexpected error in %s; it is retried", self._thread.name)
                self._failed(error)
                retry_s, pause_s = min(2 * retry_s, _MAX_RETRY_S), retry_s
            self._wake.wait(pause_s)
            self._wake.clear()
