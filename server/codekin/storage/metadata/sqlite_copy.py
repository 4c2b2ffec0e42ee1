"""A SQLite file read without writing: for a full or read-only disk, or another user's file.

SQLite's normal modes create files beside the database, which is not possible there. The whole file
is therefore read into memory in one of three ways, and read again when it changes:

- While a writer has it open (or after a writer was killed), the journal and its shared-memory index
  exist. SQLite reads all three files with its locks and creates nothing.
- Without a journal no process has it open. It is read as immutable. A writer that starts meanwhile
  creates a journal, so the stamp of the file differs afterwards and it is read again.
- A journal without its index (one of them was copied or removed) is copied with the file to the
  directory for temporary files.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from codekin.errors import IndexUnavailableError

_TRIES = 20
_PAUSE_S = 0.05
_TICK_NS = 50_000_000
"""Two changes within one tick of the file system's clock have the same stamp."""
_SUFFIXES = ("", "-wal")
Stamp = tuple[tuple[int, int, int] | None, ...]


def stamp_of(path: Path) -> Stamp:
    """Return a value that changes whenever a commit changes the file or its journal.

    Raises OSError other than FileNotFoundError.
    """
    return tuple(_stamp(path.with_name(path.name + suffix)) for suffix in _SUFFIXES)


def copy_into(target: sqlite3.Connection, path: Path) -> Stamp:
    """Replace the content of `target` with the file; return the stamp of the file.

    Blocking. Raises sqlite3.Error, OSError, and IndexUnavailableError if the file keeps changing.
    """
    for _ in range(_TRIES):
        before = stamp_of(path)
        with _opened(path) as (source, is_guarded):
            source.backup(target)
        if is_guarded or (stamp_of(path) == before and not _is_fresh(before)):
            return before
        time.sleep(_PAUSE_S)
    raise IndexUnavailableError(f"Could not read {path}: another process changed it during every attempt. Try again.")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[sqlite3.Connection, bool]]:
    """Yield (connection, whether locks keep what it reads consistent)."""
    journal, shared = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if not journal.exists() or not journal.stat().st_size:
        with closing(_connect(path, "mode=ro&immutable=1")) as source:
            yield source, False
        return
    if shared.exists():
        with closing(_connect(path, "mode=ro")) as source:
            try:
                source.execute("SELECT 1 FROM sqlite_master").fetchone()
            except sqlite3.OperationalError:
                pass  # The index of the journal is not usable without writing to it.
            else:
                yield source, True
                return
    with tempfile.TemporaryDirectory(prefix="codekin-") as folder:
        copy = Path(folder) / path.name
        for suffix in _SUFFIXES:
            shutil.copyfile(path.with_name(path.name + suffix), copy.with_name(copy.name + suffix))
        with closing(sqlite3.connect(copy)) as source:
            yield source, False


def _connect(path: Path, parameters: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?{parameters}", uri=True, isolation_level=None)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _is_fresh(stamp: Stamp) -> bool:
    """Return whether another change could still get the same stamp.

    A clock that was set back must not keep the answer true forever.
    """
    now = time.time_ns()
    return any(part is not None and 0 <= now - part[0] < _TICK_NS for part in stamp)
