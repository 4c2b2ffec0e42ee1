"""A process that chunks beside this one: parsing holds the interpreter's lock, so a thread would gain nothing.

It is a plain child on two pipes and not one of `multiprocessing`, which imports the main module once more: a script that
uses this library need not guard its own.
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
"""On Linux: room for what is sent next while this process cannot, since its lock is held by a parse."""
_CODE = "import sys; sys.path[:] = sys.argv[1:]; from codekin.chunking.answering import main; main()"
_ENDING_S = 5.0
_READY = b""


class ChunkingProcess:
    """One thread may send while another receives; each text has an answer, in the order they were sent. Raises OSError where
    no process can be started.
    """

    def __init__(self) -> None:
        if not sys.executable or getattr(sys, "frozen", False):
            raise OSError("this Python has no program of its own")
        package = str(Path(__file__).parents[2])
        self._process = subprocess.Popen(  # noqa: S603 - this Python, and code of this package
            # The modules that this process knows, whatever folder or environment it was started in; no `site`.
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
        """Of the process, for what counts its memory."""
        return self._process.pid

    def wait_until_ready(self) -> bool:
        """Whether it has started; False where it ended first."""
        return read_frame(self._answers) is not None

    def send(self, texts: Sequence[tuple[str, str]]) -> None:
        """Asks for the chunks of (path, text) pairs; waits for room in the pipe. Raises OSError when it ended."""
        write_frame(self._requests, pack(texts))

    def receive(self) -> bytes | str | None:
        """The answer to the next text: bytes for `unpack_redacted`, or why it cannot be chunked; None when the process has ended."""
        frame = read_frame(self._answers)
        if frame == _READY:
            frame = read_frame(self._answers)
        return unpack_answer(frame) if frame else None

    def finish(self) -> None:
        """Nothing more will be sent: it ends when it has answered."""
        with suppress(OSError):  # what could not be sent any more
            self._requests.close()

    def how_it_ended(self) -> str:
        """In words, "" if as it should; waits for the end, which `receive` has told of."""
        try:
            status = self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            return "stopped answering"
        if not status:
            return ""
        names = {item.value: item.name for item in signal.Signals}
        return f"ended with {names.get(-status, f'status {status}')}"

    def end(self) -> None:
        """Has it end, whatever it is doing, without waiting for that."""
        self._process.kill()

    def kill(self) -> None:
        """Ends it, whatever it is doing; who waits for an answer is told that there is none."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Lets go of the pipes; nobody may be using them any more."""
        self.kill()
        self.finish()
        self._answers.close()
