"""One writer for each index. The operating system frees the lock when the process ends, however it ends."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from codekin.errors import IndexUnavailableError


class WriterLock:
    """Not reentrant; call from one thread at a time."""

    def __init__(self, directory: Path) -> None:
        self._lock = FileLock(directory / "writer.lock", thread_local=False)
        self._owner = directory / "writer.txt"

    def try_acquire(self) -> bool:
        """True if this process is the writer from now on. Raises IndexUnavailableError where locks do not work."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise IndexUnavailableError(
                f"The index cannot be locked: {error.strerror} ({self._owner.parent})."
            ) from error
        with suppress(OSError):
            self._owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        return True

    def release(self) -> None:
        """Idempotent."""
        self._lock.release()

    def owner(self) -> str:
        """Who took the lock last, in words; "" if nobody did."""
        with suppress(OSError):
            return self._owner.read_text(encoding="utf-8")
        return ""
