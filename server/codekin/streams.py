"""Standard input and output as a protocol alone has them: nothing that prints, and no child that reads, gets in between."""

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
    """From now on descriptor 0 is empty, and what is written to 1 goes to standard error. To be called before a library is
    imported that might print.
    """
    sys.stdout.flush()
    source, output = os.dup(sys.stdin.fileno()), os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    return Streams(source, output)


async def chunks(source: int) -> AsyncIterator[bytes]:
    """What comes from a descriptor, until its end. A thread waits for it, which never keeps the process from ending."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue(1)

    def read() -> None:
        data = b"-"
        while data:
            data = _read(source)
            put = queue.put(data)
            try:
                asyncio.run_coroutine_threadsafe(put, loop).result()
            except (RuntimeError, CancelledError):  # the loop is closed, or closing: nobody asks any more
                put.close()
                return

    threading.Thread(target=read, name="codekin-input", daemon=True).start()
    while data := await queue.get():
        yield data


def _read(source: int) -> bytes:
    try:
        return os.read(source, _READ_BYTES)
    except OSError:  # the other end is gone: the same as the end of the input
        return b""
