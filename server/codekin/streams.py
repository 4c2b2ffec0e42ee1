"""Standard input and output reserved for a protocol.

Output of libraries and input of child processes cannot interfere with it.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import CancelledError
from queue import SimpleQueue
from typing import BinaryIO, NamedTuple

_READ_BYTES = 1 << 16
_FLUSHING_S = 2.0
MAX_UNREAD_BYTES = 256_000_000
"""A client that has left so much unread has stopped reading."""


class Streams(NamedTuple):
    """The descriptor of the input, and the output."""

    source: int
    output: BinaryIO


def claim_streams() -> Streams:
    """Reserve standard input and output, and return them.

    From then on descriptor 0 is empty, and whatever is written to descriptor 1 goes to standard
    error. Call it before importing a library that might print.
    """
    sys.stdout.flush()
    source, output = os.dup(sys.stdin.fileno()), os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    return Streams(source, output)


class OutputThread:
    """Writes in order on a separate thread, so that a client that does not read blocks nothing.

    `write` and `close` are called from one thread. `lost` is called on the writing thread, once,
    when the other end is gone.
    """

    def __init__(self, output: BinaryIO, lost: Callable[[], None]) -> None:
        self._output = output
        self._lost = lost
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._queued_bytes = 0  # changed by those who write
        self._written_bytes = 0  # changed by the thread
        self._gone = False
        self._thread = threading.Thread(target=self._run, name="codekin-output", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Queue a message. Raises OSError when the other end is gone, or has left 256 MB unread."""
        if self._gone:
            raise BrokenPipeError(errno.EPIPE, "The other end of the output is gone")
        if self._queued_bytes - self._written_bytes > MAX_UNREAD_BYTES:
            raise OSError(errno.EAGAIN, "The client reads nothing")
        self._queued_bytes += len(data)
        self._waiting.put(data)

    def close(self) -> None:
        """Wait until everything is written, at most 2 s; nothing may be written afterwards."""
        self._waiting.put(None)
        self._thread.join(_FLUSHING_S)

    def _run(self) -> None:
        while (data := self._waiting.get()) is not None:
            try:
                self._output.write(data)
                self._output.flush()
            except (OSError, ValueError):  # closed at the other end, or here
                self._gone = True
                self._lost()
                return
            self._written_bytes += len(data)


async def chunks(source: int) -> AsyncIterator[bytes]:
    """Yield what a descriptor delivers, until its end.

    A daemon thread reads it, so that a blocked read never keeps the process from exiting.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue(1)

    def read() -> None:
        data = b"-"
        while data:
            data = _read(source)
            put = queue.put(data)
            try:
                asyncio.run_coroutine_threadsafe(put, loop).result()
            except (RuntimeError, CancelledError):  # the loop is closed or closing, so nothing reads the queue
                put.close()
                return

    threading.Thread(target=read, name="codekin-input", daemon=True).start()
    while data := await queue.get():
        yield data


def _read(source: int) -> bytes:
    try:
        return os.read(source, _READ_BYTES)
    except OSError:  # the other end closed it, which counts as the end of the input
        return b""
