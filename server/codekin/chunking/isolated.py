"""Chunk texts that may be dangerous, one at a time, in a process that can be killed.

The process is started when it is needed and ends when it has been idle for a while, because it
takes about 65 MB.
"""

from __future__ import annotations

import threading

from codekin.chunking.helper import ChunkingProcess
from codekin.chunking.redacted import Redacted
from codekin.chunking.wire import unpack_redacted

LONGEST_S = 10.0
"""Maximum time to chunk a text.

It includes parsing, which ends after 2 s unless something is wrong with the parser.
"""
_IDLE_S = 10.0


class Isolated:
    """The owner of the process. Any thread may call; one text is chunked at a time.

    There is no process before the first call, nor after `close`, which may be called more than
    once.
    """

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._process: ChunkingProcess | None = None
        self._idle: threading.Timer | None = None
        self._how_it_ended = ""

    def chunks(self, path: str, text: str) -> Redacted | str:
        """Return the chunks of a text, or the reason why there are none.

        A text that ends the process is tried once more, because the system also ends processes.
        Raises OSError if no process can be started.
        """
        with self._lock:
            self._cancel_idle_timer()
            answer = self._ask(path, text) or self._ask(path, text) or self._how_it_ended
            if self._process:
                self._start_idle_timer()
        return answer if isinstance(answer, str) else unpack_redacted(answer)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._cancel_idle_timer()
            self._discard()

    def _ask(self, path: str, text: str) -> bytes | str | None:
        """Return the answer to a text, or None if the process ended first."""
        late = threading.Event()
        process = self._process = self._process or ChunkingProcess()
        watchdog = threading.Timer(self._longest_s, _end, (process, late))
        watchdog.daemon = True
        watchdog.start()
        try:
            answer = _answer(process, path, text)
        finally:
            watchdog.cancel()
        if answer is None:
            self._how_it_ended = f"the parser crashed its process ({process.how_it_ended() or 'without a reason'})"
            self._discard()
        return f"chunking took more than {self._longest_s:g} s" if late.is_set() else answer

    def _discard(self) -> None:
        if self._process:
            self._process.close()
            self._process = None

    def _cancel_idle_timer(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None

    def _start_idle_timer(self) -> None:
        self._idle = threading.Timer(_IDLE_S, self.close)
        self._idle.daemon = True
        self._idle.start()


def _answer(process: ChunkingProcess, path: str, text: str) -> bytes | str | None:
    try:
        process.send([(path, text)])
    except OSError:
        return None  # the process has ended
    return process.receive()


def _end(process: ChunkingProcess, late: threading.Event) -> None:
    late.set()
    process.kill()
