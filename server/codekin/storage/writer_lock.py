"""One writer for each index. The operating system frees the lock when the process ends, however it ends."""

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

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0


class WriterLock:
    """Held once or not at all, whoever asks and however often; any thread may call.

    Where nothing can be written (a full or read-only disk, an index of another user), nobody can be the writer: `reason`
    then says why, and the index is for reading only.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "writer.lock"
        self._owner = directory / "writer.txt"
        self._lock = FileLock(self._path, thread_local=False)
        self._alone = threading.Lock()
        self._identity: tuple[int, int] | None = None
        self._reason = ""
        self._next_try_s = 0.0
        self._wait_s = _FIRST_WAIT_S

    @property
    def reason(self) -> str:
        """Why this process cannot write, in words; "" where it can, or where another process does."""
        return self._reason

    def try_acquire(self) -> bool:
        """True if this process is the writer now, also where it was before. After a refusal it is not tried again at once,
        but ever less often. A lock whose file was removed protects nothing any more and is taken anew. Raises
        IndexUnavailableError where locks do not work.
        """
        with self._alone:
            if self._lock.is_locked and self._identity == _identity(self._path):
                return True
            self._let_go()
            if time.monotonic() < self._next_try_s:
                return False
            return self._take()

    def refuse(self, reason: str) -> None:
        """Lets go of the lock, because nothing can be written, for `reason`."""
        with self._alone:
            self._let_go()
            self._refused(reason)

    def release(self) -> None:
        """Lets go of the lock. Idempotent."""
        with self._alone:
            self._let_go()

    def owner(self) -> str:
        """Who took the lock last, in words; "" if nobody did."""
        with suppress(OSError):
            return self._owner.read_text(encoding="utf-8")
        return ""

    def _take(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self._reason = ""
            return False
        except OSError as error:
            if whole_files.is_not_writable(error) or not self._path.parent.exists():
                self._refused(f"{self._path.parent} cannot be written: {error.strerror}.")
                return False
            raise IndexUnavailableError(
                f"The index cannot be locked: {error.strerror} ({self._path.parent})."
            ) from error
        self._identity = _identity(self._path)
        self._reason, self._wait_s = "", _FIRST_WAIT_S
        with suppress(OSError):  # only for messages to others
            self._owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        return True

    def _let_go(self) -> None:
        self._lock.release(force=True)
        self._identity = None

    def _refused(self, reason: str) -> None:
        self._reason = reason
        self._next_try_s = time.monotonic() + self._wait_s
        self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
