"""Detection of a late event loop and its cause.

A late loop delays every request. A heartbeat on the loop measures its own delay. While it is
overdue, a thread records the stacks of all threads, because a thread with the interpreter's lock
delays the loop as much as code that runs on it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass
from types import FrameType

BEAT_S = 0.05
LATE_MS = 50.0
"""Minimum delay that is recorded."""
_IDLE_BEAT_S = 1.0
_ACTIVE_S = 2.0
"""Time after the latest activity during which the heartbeat is fast; an idle server sleeps."""
_KEPT = 20
_FRAMES = 12
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LateLoop:
    """One delay; `stack` contains functions and lines of this program, never content."""

    late_ms: float
    stack: str


class LoopWatch:
    """Watches one event loop, with one daemon thread. `touch` reports activity."""

    def __init__(self) -> None:
        self.late = 0
        """Number of delays of more than LATE_MS since the start."""
        self.longest_ms = 0.0
        self.recent: deque[LateLoop] = deque(maxlen=_KEPT)
        self._loop_thread = threading.get_ident()
        self._active_until = 0.0
        self._due_at = 0.0
        self._stack = ""
        self._beating = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._record_late, name="codekin-loop-watch", daemon=True)

    def touch(self) -> None:
        """Beat fast for a while, because a request or an indexing step has begun."""
        self._active_until = time.monotonic() + _ACTIVE_S

    async def run(self) -> None:
        """Beat until cancelled."""
        self._thread.start()
        try:
            while True:
                active = time.monotonic() < self._active_until
                await self._beat(BEAT_S if active else _IDLE_BEAT_S)
        finally:
            self._ended = True
            self._beating.set()

    async def _beat(self, pause_s: float) -> None:
        self._stack, self._due_at = "", time.monotonic() + pause_s
        self._beating.set()
        await asyncio.sleep(pause_s)
        late_ms = (time.monotonic() - self._due_at) * 1000
        self._beating.clear()
        if late_ms > LATE_MS:
            self.late += 1
            self.longest_ms = max(self.longest_ms, late_ms)
            self.recent.append(LateLoop(late_ms, self._stack))
            _log.warning("The event loop was late by %.0f ms:\n%s", late_ms, self._stack or "no stack was recorded")

    def _record_late(self) -> None:
        """Sleep until shortly after the next beat is due, and record the stacks if it is late."""
        while not self._ended:
            self._beating.wait()
            due_at = self._due_at
            time.sleep(max(0.0, due_at + LATE_MS / 1000 - time.monotonic()))
            if due_at == self._due_at and self._beating.is_set() and not self._stack:
                self._stack = self._stacks()

    def _stacks(self) -> str:
        """Return the stacks of the loop's thread and of other codekin threads.

        The latter may have the interpreter's lock.
        """
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        parts: list[str] = []
        for number, frame in sys._current_frames().items():  # noqa: SLF001 - documented in spite of its name
            name = names.get(number, "")
            if number == self._loop_thread:
                parts.insert(0, _shown("event loop", frame))
            elif name.startswith("codekin-") and number != threading.get_ident():
                parts.append(_shown(name, frame))
        return "\n".join(parts)


def _shown(name: str, frame: FrameType) -> str:
    lines = [
        f"  {summary.name} ({summary.filename.rpartition('/')[2]}:{summary.lineno})"
        for summary in traceback.extract_stack(frame, limit=_FRAMES)
    ]
    return f"{name}:\n" + "\n".join(lines)
