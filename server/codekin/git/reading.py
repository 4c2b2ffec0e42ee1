"""Reads small files of strangers: a pipe, a device or a huge file in their place does no harm."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_bounded(path: Path, limit_bytes: int) -> bytes | None:
    """The content of a regular file, links followed; None where there is none, where it is something else (a folder, a
    pipe, a device), where it may not be read, or where it is larger than `limit_bytes`. Never waits.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None  # a device may act on being opened
        # Without O_NONBLOCK a pipe that came between the two calls would be waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None
    with os.fdopen(descriptor, "rb") as file:
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > limit_bytes:
                return None
            data = file.read(limit_bytes + 1)
        except OSError:
            return None
    return data if len(data) <= limit_bytes else None


def mode_of(path: str | Path) -> int:
    """`st_mode` of what is there, links followed; 0 where nothing is or it may not be looked at."""
    try:
        return Path(path).stat().st_mode
    except (OSError, ValueError):  # a loop of links, a name that is too long, a NUL
        return 0
