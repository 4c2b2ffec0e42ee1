"""A SQLite file read without a trace: where the disk is full or read-only, or belongs to somebody else.

SQLite's own ways need files beside the database that cannot be made there. So the whole file is read into memory at once,
in one of three ways, and read again when it changes:

- While a writer has it open (or was killed), its journal and the index of that lie beside it: SQLite reads all three, with
  its locks, and makes nothing.
- Without a journal nobody has it open: it is read as immutable. A writer that begins meanwhile makes a journal, so that the
  file's stamp differs afterwards, and it is read again.
- A journal without its index (one of them was copied or removed) is copied, with the file, to where temporary files may be
  written.
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
"""Two changes within a tick of the file system's clock have one stamp."""
_ENDINGS = ("", "-wal")
Stamp = tuple[tuple[int, int, int] | None, ...]


def stamp_of(path: Path) -> Stamp:
    """Changes whenever a commit changes the file or its journal. Raises OSError other than FileNotFoundError."""
    return tuple(_stamp(path.with_name(path.name + ending)) for ending in _ENDINGS)


def copy_into(target: sqlite3.Connection, path: Path) -> Stamp:
    """Replaces what `target` holds by the file; returns its stamp. Blocking. Raises sqlite3.Error, OSError,
    IndexUnavailableError where it changes all the time.
    """
    for _ in range(_TRIES):
        before = stamp_of(path)
        with _opened(path) as (source, is_guarded):
            source.backup(target)
        if is_guarded or (stamp_of(path) == before and not _is_fresh(before)):
            return before
        time.sleep(_PAUSE_S)
    raise IndexUnavailableError(f"{path} changes faster than it can be read.")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[sqlite3.Connection, bool]]:
    """(connection, whether locks keep what it reads consistent)."""
    journal, shared = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    if not journal.exists() or not journal.stat().st_size:
        with closing(_connect(path, "mode=ro&immutable=1")) as source:
            yield source, False
        return
    if shared.exists():
        with closing(_connect(path, "mode=ro")) as source:
            try:
                source.execute("SELECT 1 FROM sqlite_master").fetchone()
            except sqlite3.OperationalError:
                pass  # the index of the journal cannot be used without writing to it
            else:
                yield source, True
                return
    with tempfile.TemporaryDirectory(prefix="codekin-") as folder:
        copy = Path(folder) / path.name
        for ending in _ENDINGS:
            shutil.copyfile(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
        with closing(sqlite3.connect(copy)) as source:
            yield source, False


def _connect(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, isolation_level=None)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _is_fresh(stamp: Stamp) -> bool:
    """Whether another change could still have the same stamp; a clock that was set back must not make it look so for ever."""
    now = time.time_ns()
    return any(part is not None and 0 <= now - part[0] < _TICK_NS for part in stamp)
