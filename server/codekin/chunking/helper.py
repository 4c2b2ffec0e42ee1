"""A second process that chunks: parsing holds the interpreter's lock, so a thread gains nothing.

It is a plain child on two pipes instead of a `multiprocessing` process, which would import the main
module again: scripts that use this library need no guard for theirs.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from codekin.chunking.wire import pack, read_frame, unpack_answer, write_frame

_PIPE_BYTES = 1 << 18
"""Pipe size on Linux: room for the next texts while a parse holds this process's lock."""
_CODE = "import sys; sys.path[:] = sys.argv[1:]; from codekin.chunking.answering import main; main()"
_ENDING_S = 5.0
_READY = b""


class ChunkingProcess:
    """The child process. Each text has an answer, in the order in which the texts were sent.

    One thread may send while another receives. Raises OSError if no process can be started.
    """

    def __init__(self) -> None:
        if not sys.executable or getattr(sys, "frozen", False):
            raise OSError("this Python has no executable that can be started")
        package = str(Path(__file__).parents[2])
        self._process = subprocess.Popen(  # noqa: S603 - this Python, and code of this package
            # The module path of this process, whatever its folder and environment, without `site`.
            [sys.executable, "-S", "-c", _CODE, package, *filter(None, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=_PIPE_BYTES,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout

    @property
    def pid(self) -> int:
        """The process id, for counting its memory."""
        return self._process.pid

    def wait_until_ready(self) -> bool:
        """Wait for the start and return True, or False if the process ended first."""
        return read_frame(self._answers) is not None

    def send(self, texts: Sequence[tuple[str, str]]) -> None:
        """Request the chunks of (path, text) pairs, waiting for room in the pipe.

        Raises OSError if the process has ended.
        """
        write_frame(self._requests, pack(texts))

    def receive(self) -> bytes | str | None:
        """Return the answer to the next text, or None if the process has ended.

        The answer is bytes for `unpack_redacted`, or the reason why the text cannot be chunked.
        """
        frame = read_frame(self._answers)
        if frame == _READY:
            frame = read_frame(self._answers)
        return unpack_answer(frame) if frame else None

    def finish(self) -> None:
        """Announce that no more texts follow; the process ends after its last answer."""
        with suppress(OSError):  # the process may have ended with requests unsent
            self._requests.close()

    def how_it_ended(self) -> str:
        """Return how the process ended, "" for a normal end.

        Waits for the end, which `receive` has reported.
        """
        try:
            status = self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            return "stopped answering"
        if not status:
            return ""
        names = {item.value: item.name for item in signal.Signals}
        return f"ended with {names.get(-status, f'status {status}')}"

    def end(self) -> None:
        """Kill the process, whatever it is doing, without waiting for its end."""
        self._process.kill()

    def kill(self) -> None:
        """Kill the process and wait for its end. A pending `receive` returns None."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Kill the process and close the pipes; no thread may be using them."""
        self.kill()
        self.finish()
        self._answers.close()
