"""What the chunking process runs. Its start is waited for, so it imports little: no subprocess, no paths, no numpy."""

from __future__ import annotations

import gc
import os
import signal
import sys

from codekin.chunking.redacted import redacted_chunks
from codekin.chunking.wire import pack, pack_redacted, read_frame, unpack, write_frame


def main() -> None:
    """Answers until there is no more to read, which is also what the end of its parent looks like."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in a terminal reaches both, and the parent ends this one
    gc.disable()  # nothing here refers to itself, and looking for what does takes a tenth of the time
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library might print is no answer
    try:
        write_frame(answers, b"")
        while (frame := read_frame(requests)) is not None:
            write_frame(answers, pack([pack_redacted(redacted_chunks(path, text)) for path, text in unpack(frame)]))
    except OSError:
        return  # the parent is gone
