"""Standard input and output reserved for a protocol.

Output of libraries and input of child processes cannot interfere with it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from typing import BinaryIO, NamedTuple

_READ_BYTES = 1 << 16


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
