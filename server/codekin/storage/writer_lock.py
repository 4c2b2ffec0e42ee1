"""The lock that allows one writer per index; the operating system frees it when a process ends."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from codekin import whole_files
from codekin.errors import IndexUnavailableError

_MIN_WAIT_S, _MAX_WAIT_S = 1.0, 30.0


class WriterLock:
    """A lock that a process acquires at most once, however many callers ask; any thread may call.

    If nothing can be written (a full or read-only disk, an index of another user), no process can
    be the writer. `reason` then says why, and the index is read-only.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "writer.lock"
        self._owner = directory / "writer.txt"
        self._lock = FileLock(self._path, thread_local=False)
        self._state_lock = threading.Lock()
        self._identity: tuple[int, int] | None = None
        self._reason = ""
        self._next_try_s = 0.0
        self._wait_s = _MIN_WAIT_S

    @property
    def reason(self) -> str:
        """Why this process cannot write; "" if it can, or if another process is the writer."""
        return self._reason

    def try_acquire(self) -> bool:
        """Acquire the lock if possible; return whether this process is the writer now.

        After a refusal the next attempts are delayed, by up to 30 s. A lock whose file was removed
        protects nothing and is acquired again. Raises IndexUnavailableError if locks do not work
        here.
        """
        with self._state_lock:
            if self._lock.is_locked and self._identity == _identity(self._path):
                return True
            self._release()
            if time.monotonic() < self._next_try_s:
                return False
            return self._acquire()

    def refuse(self, reason: str) -> None:
        """Release the lock because nothing can be written, for `reason`."""
        with self._state_lock:
            self._release()
            self._set_refused(reason)

    def release(self) -> None:
        """Release the lock. Idempotent."""
        with self._state_lock:
            self._release()

    def owner(self) -> str:
        """Return a description of the process that acquired the lock last, or ""."""
        with suppress(OSError):
            return self._owner.read_text(encoding="utf-8")
        return ""

    def _acquire(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self._reason = ""
            return False
        except OSError as error:
            if whole_files.is_not_writable(error) or not self._path.parent.exists():
                self._set_refused(f"Could not write to {self._path.parent}: {error.strerror}.")
                return False
            raise IndexUnavailableError(
                f"Could not lock the index in {self._path.parent}: {error.strerror}."
            ) from error
        self._identity = _identity(self._path)
        self._reason, self._wait_s = "", _MIN_WAIT_S
        with suppress(OSError):  # The file only serves messages of other processes.
            self._owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        return True

    def _release(self) -> None:
        self._lock.release(force=True)
        self._identity = None

    def _set_refused(self, reason: str) -> None:
        self._reason = reason
        self._next_try_s = time.monotonic() + self._wait_s
        self._wait_s = min(2 * self._wait_s, _MAX_WAIT_S)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
