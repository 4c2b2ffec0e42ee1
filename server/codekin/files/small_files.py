"""Bounded reading of ignore files and git's own files.

A file of unknown origin may be a pipe, a device or endless.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass

_NO_BLOCKING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_ABSENT = frozenset((errno.ENOENT, errno.ENOTDIR))


@dataclass(frozen=True, slots=True)
class SmallFile:
    """The first bytes of a file; `is_cut` says that the file is longer than the limit."""

    data: bytes
    is_cut: bool


def read_small(path: str | os.PathLike[str], limit_bytes: int, *, follow: bool = True) -> SmallFile:
    """Read at most `limit_bytes` of a regular file, without blocking.

    Raises OSError, also for an invalid path and for anything but a regular file. With
    `follow=False` a symbolic link is refused as well, as git refuses one in place of a .gitignore.
    """
    try:
        if not follow and os.path.islink(path):
            raise OSError(errno.ELOOP, "is a symbolic link")
        flags = os.O_RDONLY | _NO_BLOCKING | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    except ValueError as error:  # a NUL or half of a surrogate pair
        raise OSError(errno.EINVAL, "its name is not valid") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is not a regular file")
        blocks: list[bytes] = []
        remaining = limit_bytes + 1
        while remaining and (block := os.read(descriptor, min(remaining, 1 << 20))):
            blocks.append(block)
            remaining -= len(block)
    finally:
        os.close(descriptor)
    data = b"".join(blocks)
    return SmallFile(data[:limit_bytes], len(data) > limit_bytes)


def is_absent(error: OSError) -> bool:
    """Return whether the error says that the file does not exist."""
    return error.errno in _ABSENT
