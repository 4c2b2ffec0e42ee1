"""The main program of the chunking process.

Its parent waits for its start, so it imports little: no subprocess, no pathlib, no numpy.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from contextlib import suppress

from codekin.chunking.redacted import redacted_chunks
from codekin.chunking.wire import pack_answer, pack_redacted, read_frame, unpack, write_frame

_STACK_BYTES = 256 << 20
"""Stack size. A megabyte of nested brackets takes up to 90 MB; only used pages take memory."""
_MEMORY_BYTES = 3 << 30
"""Limit of the address space. Trees of a megabyte of ordinary code take 50 MB.

A text that needs more ends this process and no other.
"""


def main() -> None:
    """Answer requests until the input ends, which is also how the end of the parent appears."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both processes, and the parent ends this one
    gc.disable()  # there are no reference cycles here, and looking for them takes a tenth of the time
    _bound_memory()
    threading.stack_size(_STACK_BYTES)
    thread = threading.Thread(target=_answer)
    try:
        thread.start()
    except RuntimeError:  # there is no memory for such a large stack
        _answer()
    else:
        thread.join()


def _answer() -> None:
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # output of a library must not mix with the answers
    try:
        write_frame(answers, b"")
        while (frame := read_frame(requests)) is not None:
            for path, text in unpack(frame):
                write_frame(answers, _answered(path, text))
    except OSError:
        return  # the parent has ended


def _answered(path: str, text: str) -> bytes:
    try:
        return pack_answer(pack_redacted(redacted_chunks(path, text)), "")
    except Exception as error:  # noqa: BLE001 - any error concerns this text only, and the parent reports it
        return pack_answer(b"", f"{type(error).__name__}: {error}")


def _bound_memory() -> None:
    if sys.platform == "win32":
        return  # Windows has no such limit
    import resource  # noqa: PLC0415 - it does not exist on Windows

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    bound = _MEMORY_BYTES if most == resource.RLIM_INFINITY else min(most, _MEMORY_BYTES)
    with suppress(OSError, ValueError):  # some systems do not allow a limit
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))
