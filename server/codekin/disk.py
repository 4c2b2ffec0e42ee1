"""Single files and folders on disk.

Files of unknown origin are read up to a size limit. Files of codekin are replaced atomically and
are readable by their owner only.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def read_bounded(path: Path, limit_bytes: int) -> bytes | None:
    """Return the content of a regular file, or None.

    Links are followed. None means that the file is missing, unreadable, larger than `limit_bytes`,
    or not a regular file (a folder, a pipe, a device). Never blocks on a pipe.
    """
    if not stat.S_ISREG(mode_of(path)):
        return None  # opening a device may have side effects
    try:
        # Without O_NONBLOCK, `open` blocks if a pipe replaced the file after the check above.
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
    """Return `st_mode` of a path, links followed, or 0 if it is missing or inaccessible."""
    try:
        return Path(path).stat().st_mode
    except (OSError, ValueError):  # a loop of links, a name that is too long, a NUL
        return 0


def make_private_folder(directory: Path) -> None:
    """Create a folder and its missing parents, accessible by the owner only, whatever the umask is.

    An existing folder keeps its mode. Raises OSError.
    """
    missing = [folder for folder in (directory, *directory.parents) if not folder.exists()]
    for folder in reversed(missing):
        with suppress(FileExistsError):  # another process created it first
            folder.mkdir(mode=0o700)
    if not directory.is_dir():
        raise NotADirectoryError(f"{directory} is not a folder.")


def write_private(path: Path, data: bytes) -> None:
    """Replace a file atomically, readable by its owner only.

    A link at this path is replaced, not followed. Raises OSError.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)  # left by an earlier process with the same number
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
