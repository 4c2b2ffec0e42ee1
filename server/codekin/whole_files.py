"""Atomic writing of files on every operating system.

A file is written under a temporary name, synced, and renamed to its target. The directory is synced
as well, because a power cut may undo the rename otherwise. `docs/stores/vector-stores.md` says what
is guaranteed on drives where `fsync` does not reach the medium.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

PARTIAL = ".partial"
_RETRY_FOR_S = 2.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.005, 0.2
_SETTLES_IN_S = 2.0
_LEFT_BY_OTHERS_S = 3_600
"""Age at which a temporary file of another machine counts as abandoned.

The processes of another machine cannot be checked.
"""
_CLOCK_SLACK_S = 5.0
_PROBE_BYTES = 65_536
_OWNED = re.compile(r"\.(?:(?P<host>[0-9a-f]{8})-)?(?P<pid>[0-9]{1,10})(?:-[0-9]+)?\.partial\Z")
_NOT_WRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EINVAL})
_SHARING_VIOLATIONS = frozenset({5, 32, 33})
"""Windows errors that mean that another process has the file open.

ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION.
"""
_numbers = itertools.count()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class System:
    """The functions that differ between operating systems; tests substitute their own.

    `is_busy` recognises an error that passes when another process closes a file. `started` returns
    the start time (seconds since the epoch) of a process of this machine, or None if no process has
    this number.
    """

    replace: Callable[[Path, Path], None]
    link: Callable[[Path, Path], None]
    sync_directory: Callable[[Path], None]
    is_busy: Callable[[OSError], bool]
    started: Callable[[int], float | None]
    host: str
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


def write_whole(
    target: Path, write: Callable[[BinaryIO], object], *, durable: bool = True, system: System | None = None
) -> None:
    """Replace `target` atomically by what `write` writes.

    Readers and killed processes find the old file or the new one. With `durable`, the new one also
    survives a power cut; without it, the caller syncs the directory or does not need to. Raises
    OSError, and whatever `write` raises.
    """
    system = system or SYSTEM
    partial = partial_of(target, system)
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        patiently(lambda: system.replace(partial, target), system)
    except BaseException:
        with suppress(OSError):  # `sweep_partials` removes it once this process has ended
            partial.unlink()
        raise
    if durable:
        system.sync_directory(target.parent)


def create_once(target: Path, data: bytes, *, system: System | None = None) -> bytes:
    """Create `target` unless it exists, and return its content, whichever process wrote it.

    Raises OSError.
    """
    system = system or SYSTEM
    partial = partial_of(target, system)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        system.link(partial, target)  # atomic, and fails if another process created it first
    except FileExistsError:
        return _settled(target, system)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _created(target, data, system)
    finally:
        partial.unlink(missing_ok=True)
    system.sync_directory(target.parent)
    return data


def read_whole(path: Path, *, system: System | None = None) -> bytes:
    """Return the content of a file that other processes may be replacing.

    Raises OSError.
    """
    return patiently(path.read_bytes, system or SYSTEM)


def patiently(work: Callable[[], T], system: System | None = None) -> T:
    """Run `work`, and retry for up to 2 s while another process has a file open that it needs.

    Raises OSError.
    """
    system = system or SYSTEM
    deadline, pause_s = system.clock() + _RETRY_FOR_S, _FIRST_PAUSE_S
    while True:
        try:
            return work()
        except OSError as error:
            if not system.is_busy(error) or system.clock() > deadline:
                raise
        system.pause(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def partial_of(target: Path, system: System | None = None) -> Path:
    """Return a unique temporary name beside `target`, which identifies its process and thread."""
    host = (system or SYSTEM).host
    return target.with_name(f"{target.name}.{host}-{os.getpid()}-{next(_numbers)}{PARTIAL}")


def sweep_partials(directory: Path, *, system: System | None = None) -> None:
    """Remove temporary files of processes that were killed; those of running processes stay.

    The system reuses process numbers, so a process that began after the file was last written does
    not own it.
    """
    system = system or SYSTEM
    try:
        found = [path for path in directory.iterdir() if path.name.endswith(PARTIAL)]
    except OSError:
        return  # the caller reports a directory that it cannot use
    for path in found:
        with suppress(OSError):  # already removed, or no permission; nothing depends on it
            if _is_abandoned(path, system):
                path.unlink()


def why_not_writable(directory: Path) -> OSError | None:
    """Return the error that keeps files from being written into a directory, or None.

    Reasons are missing permission, a full disk and a read-only file system.
    """
    probe = partial_of(directory / "probe")
    try:
        with probe.open("wb") as file:
            file.write(bytes(_PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error if is_not_writable(error) else None
    finally:
        with suppress(OSError):  # missing if it could not be created
            probe.unlink()
    return None


def is_not_writable(error: OSError) -> bool:
    """Return whether an error means a full disk, a read-only disk or missing permission."""
    return error.errno in _NOT_WRITABLE


def _created(target: Path, data: bytes, system: System) -> bytes:
    """Create the file without hard links, for file systems that do not support them."""
    try:
        with target.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return _settled(target, system)
    system.sync_directory(target.parent)
    return data


def _settled(target: Path, system: System) -> bytes:
    """Return the content of a file that another process creates, which may still be empty."""
    deadline = system.clock() + _SETTLES_IN_S
    while not (data := read_whole(target, system=system)) and system.clock() < deadline:
        system.pause(_LONGEST_PAUSE_S)
    return data


def _is_abandoned(path: Path, system: System) -> bool:
    owned = _OWNED.search(path.name)
    written = path.stat().st_mtime
    if owned is None or (owned["host"] or system.host) != system.host:
        return time.time() - written > _LEFT_BY_OTHERS_S
    pid = int(owned["pid"])
    if pid == os.getpid():
        return False
    started = system.started(pid)
    return started is None or started > written + _CLOCK_SLACK_S


def _host() -> str:
    name = platform.node()
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _started(pid: int) -> float | None:
    import psutil  # noqa: PLC0415 - takes 20 ms, and is needed only if temporary files were left behind

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return 0.0  # it exists but cannot be queried, so it counts as having always run


def _sync_directory(directory: Path) -> None:
    """Sync a directory, except on Windows, which journals directories and cannot open them."""
    if sys.platform != "win32":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # the file system does not support it
                raise
        finally:
            os.close(descriptor)


def _is_busy(error: OSError) -> bool:
    return getattr(error, "winerror", None) in _SHARING_VIOLATIONS


def _link(partial: Path, target: Path) -> None:
    """Give `partial` the name `target` as well, or rename it.

    Raises FileExistsError if `target` exists.
    """
    if sys.platform == "win32":
        partial.rename(target)  # on Windows it never replaces a file, and does not need hard links
    else:
        os.link(partial, target)


SYSTEM = System(os.replace, _link, _sync_directory, _is_busy, _started, _host())
