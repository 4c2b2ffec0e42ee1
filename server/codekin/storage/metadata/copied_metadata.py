"""The metadata of one index as the beginning of another.

Imported on first use, since the binding may be missing.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from pathlib import Path

from filelock import FileLock, Timeout

from codekin.errors import IndexUnavailableError
from codekin.storage.metadata.sqlite_copy import copy_into
from codekin.storage.metadata.sqlite_file import FILE, to_index_error
from codekin.storage.metadata.sqlite_schema import PLAIN_NODES, SCHEMA_VERSION
from codekin.storage.tombstones import PRUNED

_OPENING_S = 10.0


def has_metadata(directory: Path) -> bool:
    """Return whether the folder of an index has metadata."""
    return (directory / FILE).is_file()


def metadata_bytes(directory: Path) -> int:
    """Return the size of the metadata in the folder of an index, 0 if there is none."""
    try:
        return (directory / FILE).stat().st_size
    except OSError:
        return 0


def copy_metadata(source: Path, target: Path, *, required: Mapping[str, str], kept: Collection[str]) -> bool:
    """Copy the metadata in the folder `source` to the file `target`, which is synced.

    Returns False, and leaves a file without use, if the source has another schema or other facts
    than the `required` ones. Only these and the `kept` facts are copied. Raises OSError,
    IndexUnavailableError.
    """
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy_into(copy, source / FILE)
            if not _without_other_facts(copy, required, kept):
                return False
    except sqlite3.Error as error:
        raise to_index_error(error, source / FILE) from error
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    return True


def install_metadata(copy: Path, directory: Path, before: Callable[[], None]) -> bool:
    """Move a copy into the folder of an index that has no metadata, after a call of `before`.

    Returns False, without the call, if another process created metadata meanwhile. No process opens
    it while it is moved. Raises OSError, IndexUnavailableError, and what `before` raises.
    """
    path = directory / FILE
    try:
        with FileLock(directory / f"{FILE}.opening", timeout=_OPENING_S, thread_local=False):
            if path.exists():
                return False
            before()
            for suffix in ("-wal", "-shm"):  # SQLite would apply the journal of another file.
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            copy.replace(path)
            return True
    except Timeout:
        raise IndexUnavailableError(
            f"Another process has been opening {path} for {_OPENING_S:g} s. Try again later."
        ) from None


def _without_other_facts(copy: sqlite3.Connection, required: Mapping[str, str], kept: Collection[str]) -> bool:
    """Delete the facts that are not copied; return False if the required ones differ."""
    if copy.execute("PRAGMA user_version").fetchone() != (SCHEMA_VERSION,):
        return False
    facts = dict(copy.execute("SELECT name, value FROM facts"))
    if any(facts.get(name) != value for name, value in required.items()):
        return False
    dropped = facts.keys() - required.keys() - set(kept) - {PRUNED, PLAIN_NODES}
    copy.executemany("DELETE FROM facts WHERE name = ?", [(name,) for name in dropped])
    return True
