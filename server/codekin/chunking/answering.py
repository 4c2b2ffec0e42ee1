"""What the chunking process runs. Its start is waited for, so it imports little: no subprocess, no paths, no numpy."""

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
"""A megabyte of nested brackets takes up to 90 MB; only what is used takes memory."""
_MEMORY_BYTES = 3 << 30
"""Trees of a megabyte of ordinary code take 50 MB. A text that needs more than this ends this process and no other."""


def main() -> None:
    """Answers until there is no more to read, which is also what the end of its parent looks like."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in a terminal reaches both, and the parent ends this one
    gc.disable()  # nothing here refers to itself, and looking for what does takes a tenth of the time
    _bound_memory()
    threading.stack_size(_STACK_BYTES)
    thread = threading.Thread(target=_answer)
    try:
        thread.start()
    except RuntimeError:  # no room for so large a stack
        _answer()
    else:
        thread.join()


def _answer() -> None:
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library might print is no answer
    try:
        write_frame(answers, b"")
        while (frame := read_frame(requests)) is not None:
            for path, text in unpack(frame):
                write_frame(answers, _answered(path, text))
    except OSError:
        return  # the parent is gone


def _answered(path: str, text: str) -> bytes:
    try:
        return pack_answer(pack_redacted(redacted_chunks(path, text)), "")
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this text alone, and the parent says so
        return pack_answer(b"", f"{type(error).__name__}: {error}")


def _bound_memory() -> None:
    if sys.platform == "win32":
        return  # nothing there bounds memory
    import resource  # noqa: PLC0415 - only where there is one

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    bound = _MEMORY_BYTES if most == resource.RLIM_INFINITY else min(most, _MEMORY_BYTES)
    with suppress(OSError, ValueError):  # a system that lets nobody bound it
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))
