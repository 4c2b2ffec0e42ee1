"""Chunking texts that may be dangerous, one at a time, in a process that can be killed.

It is started when it is needed and ends when nothing came for a while: it takes some 65 MB.
"""

from __future__ import annotations

import threading

from codekin.chunking.helper import ChunkingProcess
from codekin.chunking.redacted import Redacted
from codekin.chunking.wire import unpack_redacted

LONGEST_S = 10.0
"""A text may take so long to be chunked, parsing included, which ends after 2 s unless something is wrong with the parser."""
_IDLE_S = 10.0


class Isolated:
    """Any thread may call; one text at a time. Nothing is running before the first call, nor after `close`, which may be called
    more than once.
    """

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._process: ChunkingProcess | None = None
        self._idle: threading.Timer | None = None
        self._how_it_ended = ""

    def chunks(self, path: str, text: str) -> Redacted | str:
        """What is taken of a text, or in words why there is nothing. A text that ends the process is tried once more, since the
        system ends processes too. Raises OSError where no process can be started.
        """
        with self._lock:
            self._rest()
            answer = self._ask(path, text) or self._ask(path, text) or self._how_it_ended
            if self._process:
                self._wait_for_more()
        return answer if isinstance(answer, str) else unpack_redacted(answer)

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._rest()
            self._forget()

    def _ask(self, path: str, text: str) -> bytes | str | None:
        """The answer to a text; None where the process ended first."""
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
            self._how_it_ended = f"parsing ended the process ({process.how_it_ended() or 'without a reason'})"
            self._forget()
        return f"chunking takes more than {self._longest_s:g} s" if late.is_set() else answer

    def _forget(self) -> None:
        if self._process:
            self._process.close()
            self._process = None

    def _rest(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None

    def _wait_for_more(self) -> None:
        self._idle = threading.Timer(_IDLE_S, self.close)
        self._idle.daemon = True
        self._idle.start()


def _answer(process: ChunkingProcess, path: str, text: str) -> bytes | str | None:
    try:
        process.send([(path, text)])
    except OSError:
        return None  # it has ended
    return process.receive()


def _end(process: ChunkingProcess, late: threading.Event) -> None:
    late.set()
    process.kill()
