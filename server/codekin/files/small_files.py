"""Reads ignore files and git's own files, which a stranger may have replaced by a pipe, a device or something endless."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass

_NEVER_WAITS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_ABSENT = frozenset((errno.ENOENT, errno.ENOTDIR))


@dataclass(frozen=True, slots=True)
class SmallFile:
    """The first bytes of a file. `is_cut` says that the file is longer than what was asked for."""

    data: bytes
    is_cut: bool


def read_small(path: str | os.PathLike[str], limit_bytes: int, *, follow: bool = True) -> SmallFile:
    """Read at most `limit_bytes` of a regular file, without ever waiting.

    Raises OSError, also for a path that no system call takes and for anything but a regular file. With `follow=False` a
    symbolic link is refused as well, as git refuses one in place of a .gitignore.
    """
    try:
        if not follow and os.path.islink(path):
            raise OSError(errno.ELOOP, "is a symbolic link")
        flags = os.O_RDONLY | _NEVER_WAITS | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    except ValueError as error:  # a NUL or half of a surrogate pair
        raise OSError(errno.EINVAL, "its name is not valid") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is not a regular file")
        blocks: list[bytes] = []
        wanted = limit_bytes + 1
        while wanted and (block := os.read(descriptor, min(wanted, 1 << 20))):
            blocks.append(block)
            wanted -= len(block)
    finally:
        os.close(descriptor)
    data = b"".join(blocks)
    return SmallFile(data[:limit_bytes], len(data) > limit_bytes)


def is_absent(error: OSError) -> bool:
    """Whether the error says that there is no such file, which needs no mention."""
    return error.errno in _ABSENT
