"""Single files and folders on disk: strangers' files are read with a bound, own ones are written whole and for the owner alone."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def read_bounded(path: Path, limit_bytes: int) -> bytes | None:
    """The content of a regular file, links followed; None where there is none, where it is something else (a folder, a
    pipe, a device), where it may not be read, or where it is larger than `limit_bytes`. Never waits.
    """
    if not stat.S_ISREG(mode_of(path)):
        return None  # a device may act on being opened
    try:
        # Without O_NONBLOCK a pipe that came between the two calls would be waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except (OSError, ValueError):
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


def make_private_folder(directory: Path) -> None:
    """Makes the folder and the missing ones above it, for the owner alone whatever the umask is. One that exists keeps its
    mode. Raises OSError.
    """
    missing = [folder for folder in (directory, *directory.parents) if not folder.exists()]
    for folder in reversed(missing):
        with suppress(FileExistsError):  # another process was quicker
            folder.mkdir(mode=0o700)
    if not directory.is_dir():
        raise NotADirectoryError(f"{directory} is not a folder")


def write_private(path: Path, data: bytes) -> None:
    """Replaces a file as a whole, readable by the owner alone. A link in its place is replaced, never followed. Raises OSError."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)  # of an earlier process with this number
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
