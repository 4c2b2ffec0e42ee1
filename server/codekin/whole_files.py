"""Writes files whole or not at all, on every operating system: the one place that knows how each of them replaces a file.

A file is written under a temporary name, synced, and renamed over its target; the directory is synced as well, without
which a power cut may undo the rename. Where that is not enough to promise (no `fsync` reaches the platters of some drives),
`docs/stores/vector-stores.md` says what is promised.
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
"""A temporary file of another machine, whose processes cannot be looked up, was left behind after so long."""
_CLOCK_SLACK_S = 5.0
_PROBE_BYTES = 65_536
_OWNED = re.compile(r"\.(?:(?P<host>[0-9a-f]{8})-)?(?P<pid>[0-9]{1,10})(?:-[0-9]+)?\.partial\Z")
_NOT_WRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EINVAL})
_SHARING_VIOLATIONS = frozenset({5, 32, 33})
"""ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: somebody has the file open at this moment."""
_numbers = itertools.count()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class System:
    """What differs between operating systems; a test puts in its own.

    `is_busy` tells an error that passes once another process lets go of a file; `started` gives the time (seconds since the
    epoch) at which a process of this machine began, None where there is none of that number.
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
    """Replaces `target` by what `write` writes, whole or not at all. Raises OSError, and whatever `write` raises.

    Readers and killed processes find the old file or the new one. With `durable`, the new one is there after a power cut
    too; without, a caller syncs the directory itself, or does not need it.
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
        with suppress(OSError):  # it is swept once this process has ended
            partial.unlink()
        raise
    if durable:
        system.sync_directory(target.parent)


def create_once(target: Path, data: bytes, *, system: System | None = None) -> bytes:
    """Creates `target`, unless it is there already; returns what it holds then, whoever wrote it. Raises OSError."""
    system = system or SYSTEM
    partial = partial_of(target, system)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        system.link(partial, target)  # whole, and only if no other process was quicker
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
    """The bytes of a file that others may be replacing. Raises OSError."""
    return patiently(path.read_bytes, system or SYSTEM)


def patiently(work: Callable[[], T], system: System | None = None) -> T:
    """Tries again, for some seconds, while another process holds a file that the work needs. Raises OSError."""
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
    """A name beside `target` that no other process or thread uses, and that tells whose it is."""
    host = (system or SYSTEM).host
    return target.with_name(f"{target.name}.{host}-{os.getpid()}-{next(_numbers)}{PARTIAL}")


def sweep_partials(directory: Path, *, system: System | None = None) -> None:
    """Removes temporary files that a process left behind when it was killed; those of living processes stay.

    A number may have been given to another process since: one that began after the file was last written is not its owner.
    """
    system = system or SYSTEM
    try:
        found = [path for path in directory.iterdir() if path.name.endswith(PARTIAL)]
    except OSError:
        return  # whoever needs the directory says what is wrong with it
    for path in found:
        with suppress(OSError):  # gone already, or not ours to remove: nothing depends on it
            if _is_abandoned(path, system):
                path.unlink()


def why_not_writable(directory: Path) -> OSError | None:
    """The error that keeps files from being written into a directory: no right to, no room, read-only; None if it can be."""
    probe = partial_of(directory / "probe")
    try:
        with probe.open("wb") as file:
            file.write(bytes(_PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error if is_not_writable(error) else None
    finally:
        with suppress(OSError):  # there is none where it could not be made
            probe.unlink()
    return None


def is_not_writable(error: OSError) -> bool:
    """Whether an error means that the disk is full or read-only, or that this user may not write."""
    return error.errno in _NOT_WRITABLE


def _created(target: Path, data: bytes, system: System) -> bytes:
    """Where the file system has no hard links: whoever creates the file writes it."""
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
    """What another process creates; it may have got no further than the name."""
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
    import psutil  # noqa: PLC0415 - takes 20 ms, and is needed only where something was left behind

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return 0.0  # it is there, and not ours to ask: as if it had always been


def _sync_directory(directory: Path) -> None:
    """Windows keeps its directories by a journal of its own, and opens none for syncing."""
    if sys.platform != "win32":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system without that notion
                raise
        finally:
            os.close(descriptor)


def _is_busy(error: OSError) -> bool:
    return getattr(error, "winerror", None) in _SHARING_VIOLATIONS


def _link(partial: Path, target: Path) -> None:
    """Gives `partial` the name `target` as well, or instead; raises FileExistsError where that is taken."""
    if sys.platform == "win32":
        partial.rename(target)  # never replaces there, and needs no file system with links
    else:
        os.link(partial, target)


SYSTEM = System(os.replace, _link, _sync_directory, _is_busy, _started, _host())
