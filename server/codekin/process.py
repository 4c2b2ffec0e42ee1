"""The end of a process that works with an index: bounded, whatever its threads still do.

Python waits for every thread before a process ends. A call that never returns, for example on a
file system that no longer answers, would keep the process running.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn


def end_process(status: int) -> NoReturn:
    """End the process at once. Indexes are closed by then, so nothing is lost."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the writer has already reported what could not be written
            stream.flush()
    logging = sys.modules.get("logging")  # a command that another process answers does not import it
    if logging is not None:
        logging.shutdown()
    os._exit(status)
