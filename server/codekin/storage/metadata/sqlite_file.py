"""The SQLite file of the metadata: shared by processes, checked, and quarantined if it is corrupt.

The journal is a WAL with `synchronous = NORMAL`. A transaction is visible to every process when it
returns, and survives the death of any process. A power failure may lose the latest transactions,
complete and in order, and never damages the file. Lost transactions are read from the files again;
their vectors, which were synced before, are found by content.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite
from filelock import FileLock, Timeout

from codekin import whole_files
from codekin.errors import (
    IndexDamagedError,
    IndexNewerError,
    IndexReadOnlyError,
    IndexRemovedError,
    IndexUnavailableError,
    StoreRefusedError,
)
from codekin.storage.checked_files import CheckedFiles
from codekin.storage.metadata.sqlite_copy import Stamp, copy_into, stamp_of
from codekin.storage.metadata.sqlite_schema import SCHEMA, SCHEMA_VERSION, is_readable, upgrade

FILE = "metadata.sqlite3"
_BUSY_TIMEOUT_S = 10.0
_RETRY_S = 0.02
_ROWS_PER_FETCH = 64


class SqliteFile:
    """An open file and its identity: by name alone, another file may have replaced it."""

    def __init__(
        self, path: Path, connection: aiosqlite.Connection, note: str, checked: CheckedFiles | None = None
    ) -> None:
        self.connection = connection
        self._checked = checked
        self.note = note
        self._path = path
        self._identity = _identity(path)

    @classmethod
    async def open(cls, directory: Path, *, read_only: bool) -> SqliteFile:
        """Open the file and, unless read-only, check every page (0.03 s for 100,000 nodes).

        The pages of a file that only this index changed since are checked once a day.

        A corrupt file is quarantined and replaced by a new one, which `note` reports. If the
        directory is not writable, a reader works on a copy in memory. Raises IndexDamagedError
        (read-only), IndexNewerError, IndexReadOnlyError (not read-only), StoreRefusedError,
        IndexUnavailableError.
        """
        path = directory / FILE
        try:
            async with _opening_lock(directory):
                if read_only:
                    return cls(path, (await _connect(path))[0], "")
                checked = CheckedFiles(_checks_of(path))
                connection, note = await _open_intact(path, checked)
                return cls(path, connection, note, checked)
        except (sqlite3.Error, OSError) as error:
            why = await asyncio.to_thread(_why_not_writable, directory, error)
            if why is None:
                raise to_index_error(error, path) from error
            if not read_only:
                raise IndexReadOnlyError(f"Could not write to {directory}: {why.strerror}.") from error
        return await _open_copy(path, why)

    async def close(self) -> None:
        """Close the connection, and note that the file is as this process left it."""
        await self.connection.close()
        journal = self._path.with_name(f"{self._path.name}-wal")
        if self._checked and not journal.exists() and not _damage_mark(self._path).exists():
            self._checked.note_own_changes(self._path)
            await asyncio.to_thread(self._checked.record, [FILE])

    async def require_current(self) -> None:
        """Raise IndexDamagedError if the file was found corrupt or is no longer the one on disk."""
        if _damage_mark(self._path).exists():
            raise IndexDamagedError(f"{self._path} is corrupt. The next writer quarantines and rebuilds it.")
        if _identity(self._path) != self._identity:
            raise IndexRemovedError(f"{self._path} was replaced or removed by another process.")

    def to_index_error(self, error: Exception) -> IndexUnavailableError:
        """Return the error to raise for one from SQLite; corruption is marked for the next open."""
        result = to_index_error(error, self._path)
        if isinstance(result, IndexDamagedError):
            version = _version_on_disk(self._path)
            if version > SCHEMA_VERSION:  # A newer process upgraded it meanwhile; nothing is corrupt.
                return newer(self._path, version)
            with suppress(OSError):  # Without space or permission, the next open finds the damage again.
                _damage_mark(self._path).write_text(str(error), encoding="utf-8", errors="replace")
        return result


class CopiedFile(SqliteFile):
    """A copy in memory of a file whose directory is not writable, refreshed when it changes.

    See `sqlite_copy`.
    """

    def __init__(self, path: Path, connection: aiosqlite.Connection, copy: sqlite3.Connection, stamp: Stamp) -> None:
        super().__init__(path, connection, "")
        self._copy = copy
        self._stamp = stamp

    async def require_current(self) -> None:
        """Load what another process committed; nothing else may use the connection meanwhile.

        Raises IndexUnavailableError.
        """
        try:
            if stamp_of(self._path) != self._stamp:
                self._stamp = await asyncio.to_thread(copy_into, self._copy, self._path)
        except (sqlite3.Error, OSError) as error:
            raise to_index_error(error, self._path) from error

    def to_index_error(self, error: Exception) -> IndexUnavailableError:
        """Return the error to raise for one from SQLite; nothing is written beside the file."""
        return to_index_error(error, self._path)


async def _open_copy(path: Path, why: OSError) -> CopiedFile:
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection = aiosqlite.Connection(lambda: copy, _ROWS_PER_FETCH)
    await connection
    try:
        stamp = stamp_of(path)
        if stamp[0] is None:  # Empty until there is space or permission to write it.
            await connection.executescript(SCHEMA)
        else:
            stamp = await asyncio.to_thread(copy_into, copy, path)
            version = await _version(connection)
            if version > SCHEMA_VERSION:
                raise newer(path, version)
            if not is_readable(version):
                raise IndexUnavailableError(
                    f"{path} was written by an earlier version of codekin and could not be upgraded: {why.strerror}."
                )
        return CopiedFile(path, connection, copy, stamp)
    except (sqlite3.Error, OSError) as error:
        await connection.close()
        raise to_index_error(error, path) from error
    except BaseException:
        await connection.close()
        raise


def newer(path: Path, version: int) -> IndexNewerError:
    """Return the error for a file that a newer version of codekin wrote."""
    return IndexNewerError(
        f"{path} was written by a newer version of codekin (schema {version}; this one reads schema {SCHEMA_VERSION}). The file "
        "was not changed. To fix: upgrade codekin, or delete the index directory to rebuild the index."
    )


def to_index_error(error: Exception, path: Path) -> IndexUnavailableError:
    """Return the error that describes the state of the file: corrupt, refused, locked or full."""
    if _is_damage(error):
        return IndexDamagedError(f"{path} is corrupt: {error}.")
    if _is_locked(error):
        return IndexUnavailableError(
            f"{path} was locked by another process for {_BUSY_TIMEOUT_S:g} s ({error}). Try again later."
        )
    if isinstance(error, sqlite3.OperationalError) and "full" not in str(error):
        return StoreRefusedError(f"{path}: {error}")
    return IndexUnavailableError(f"Could not use the metadata in {path}: {error}.")


async def _open_intact(path: Path, checked: CheckedFiles) -> tuple[aiosqlite.Connection, str]:
    damage = _marked_damage(path)
    if not damage:
        try:
            return await _connect(path, writing=True, checked=checked)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            damage = str(error)
    try:
        _quarantine(path)
    except OSError as error:
        raise IndexUnavailableError(
            f"{path} is corrupt ({damage}) and could not be quarantined ({error.strerror}). "
            "To fix: close other programs that use the file, or delete it."
        ) from error
    note = (
        f"the index metadata was corrupt ({damage}) and has been rebuilt from the files. "
        f"The corrupt file was quarantined as {path.name}.corrupt"
    )
    return (await _connect(path, writing=True))[0], note


async def _connect(
    path: Path, *, writing: bool = False, checked: CheckedFiles | None = None
) -> tuple[aiosqlite.Connection, str]:
    """Return (connection, note on what was changed).

    The writer checks every page, unless `checked` covers the file, and empties a file of an earlier
    version.
    """
    note = ""
    journal = path.with_name(f"{path.name}-wal")
    known = checked is not None and checked.covers(path) and not journal.exists()
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
    try:
        version = await _version(connection)
        if version > SCHEMA_VERSION:
            raise newer(path, version)
        # SQLite ignores the busy timeout when it changes the journal mode.
        await _fetch_when_unlocked(connection, "PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = NORMAL")
        version = await _version(connection)  # Another process may have created it meanwhile.
        if version == 0 or (writing and version < SCHEMA_VERSION):
            statements, note = upgrade(version)
            await connection.executescript(f"BEGIN IMMEDIATE; {statements} COMMIT")
        elif not is_readable(version):
            raise sqlite3.DatabaseError(f"schema {version} is not {SCHEMA_VERSION}")
        for statement in ("PRAGMA quick_check(1)", "SELECT 'ok' FROM generation")[known or not writing :]:
            found = await _fetch_when_unlocked(connection, statement)
            if found != [("ok",)]:
                raise sqlite3.DatabaseError(" ".join(str(found[0][0]).split()) if found else "no generation")
    except BaseException:
        await connection.close()
        raise
    if checked and not known:
        checked.note(path)
    return connection, note


async def _version(connection: aiosqlite.Connection) -> int:
    return int((await _fetch_when_unlocked(connection, "PRAGMA user_version"))[0][0])


async def _fetch_when_unlocked(connection: aiosqlite.Connection, statement: str) -> list[Any]:
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            return list(await connection.execute_fetchall(statement))
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(_RETRY_S)


@asynccontextmanager
async def _opening_lock(directory: Path) -> AsyncIterator[None]:
    """Prevent other processes from opening the file meanwhile.

    While its parts are moved to quarantine, no process may create a new one.
    """
    lock = FileLock(directory / f"{FILE}.opening", thread_local=False)
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            if time.monotonic() > deadline:
                raise IndexUnavailableError(
                    f"Another process has been opening {directory / FILE} for {_BUSY_TIMEOUT_S:g} s. Try again later."
                ) from None
        await asyncio.sleep(_RETRY_S)
    try:
        yield
    finally:
        lock.release()


def _quarantine(path: Path) -> None:
    """Move the file and its journal to quarantine.

    Processes that have it open keep it. SQLite notices that it was moved, so they do not touch the
    journal of the new file.
    """
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        with suppress(FileNotFoundError):
            part.replace(path.with_name(f"{path.name}.corrupt{suffix}"))
    _damage_mark(path).unlink(missing_ok=True)


def _why_not_writable(directory: Path, error: Exception) -> OSError | None:
    """Return the error that prevents writing there, or None if the file has another problem."""
    if isinstance(error, OSError):
        return error if whole_files.is_not_writable(error) or not directory.exists() else None
    return None if _is_damage(error) else whole_files.why_not_writable(directory)


def _version_on_disk(path: Path) -> int:
    """Return the schema version, which another process may have upgraded; 0 if it is unreadable."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=0)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error:
        return 0


def _checks_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.checked")


def _damage_mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")


def _marked_damage(path: Path) -> str:
    try:
        return _damage_mark(path).read_text(encoding="utf-8", errors="replace") or "no details"
    except FileNotFoundError:
        return ""


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_damage(error: Exception) -> bool:
    """Return whether the error means corruption.

    SQLite reports a corrupt file with the base class and everything else with a subclass; a corrupt
    text may also fail to decode.
    """
    undecodable = isinstance(error, sqlite3.OperationalError) and "decode" in str(error)
    return type(error) is sqlite3.DatabaseError or undecodable


def _is_locked(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
