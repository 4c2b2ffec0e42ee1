"""Work that is done again and again beside everything else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from codekin.errors import CodekinError

_LOOK_S = 5.0
"""Between two rounds that went well."""
_FIRST_RETRY_S, _LAST_RETRY_S = 0.5, 15.0
_END_S = 2.0
_log = logging.getLogger(__name__)


class RetryLoop:
    """A thread that calls `work` every five seconds and when it is woken; ever less often while that fails, which `failed` is told."""

    def __init__(self, name: str, work: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        self._work, self._failed = work, failed
        self._wake, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Called once, when everything is there that `work` needs."""
        self._thread.start()

    @property
    def ending(self) -> bool:
        """Whether long work is to come to an end."""
        return self._ending.is_set()

    def wake(self) -> None:
        """Has the next round begin at once."""
        self._wake.set()

    def end(self) -> None:
        """Returns when the last round is over, or takes more than two seconds."""
        self._ending.set()
        self._wake.set()
        self._thread.join(_END_S)

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self.ending:
            try:
                self._work()
                retry_s, pause_s = _FIRST_RETRY_S, _LOOK_S
            except Exception as error:  # noqa: BLE001 - told, and tried again; a thread that ended would leave the rest undone
                if not isinstance(error, CodekinError | OSError):
                    _log.exception("%s failed", self._thread.name)
                self._failed(error)
                retry_s, pause_s = min(2 * retry_s, _LAST_RETRY_S), retry_s
            self._wake.wait(pause_s)
            self._wake.clear()
