"""The file of the metadata: opened by several processes at once, checked, and quarantined when it is damaged.

The journal is a WAL with `synchronous = NORMAL`. A transaction is there for every process when it returns, and survives
the death of any; a power cut may take the latest ones, whole and in order, and never damages the file. What it takes is
read from the files again, and their vectors, which were synced before, are found by content.
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
from codekin.storage.metadata.sqlite_copy import Stamp, copy_into, stamp_of

SCHEMA_VERSION = 3
FILE = "metadata.sqlite3"
_BUSY_TIMEOUT_S = 10.0
_RETRY_S = 0.02
_ROWS_AT_ONCE = 64
_RENEWED = "the metadata was written by an earlier version and is filled again from the files"
_RENEWAL = """
DROP TABLE IF EXISTS nodes;
DROP TABLE files;
UPDATE generation SET number = number + 1;
"""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT NOT NULL UNIQUE, language TEXT NOT NULL, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, digest BLOB NOT NULL,
    nodes BLOB NOT NULL, author TEXT NOT NULL, date INTEGER NOT NULL, extra BLOB NOT NULL, generation INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS files_generation ON files (generation);
CREATE TABLE IF NOT EXISTS forgotten (path TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS skipped (path TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS generation (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL);
INSERT OR IGNORE INTO generation VALUES (1, 0);
"""


class SqliteFile:
    """An open file, and which one it was: by its name alone, another may lie there by now."""

    def __init__(self, path: Path, connection: aiosqlite.Connection, note: str) -> None:
        self.connection = connection
        self.note = note
        self._path = path
        self._identity = _identity(path)

    @classmethod
    async def open(cls, directory: Path, *, read_only: bool) -> SqliteFile:
        """Checks every page unless read only (0.03 s for 100,000 nodes); a damaged file is set aside and a new one begun,
        which `note` says. Where nothing can be written, a reader reads without a trace. Raises IndexDamagedError (read only),
        IndexNewerError, IndexReadOnlyError (not read only), StoreRefusedError, IndexUnavailableError.
        """
        path = directory / FILE
        try:
            async with _alone(directory):
                if read_only:
                    return cls(path, (await _connect(path))[0], "")
                connection, note = await _open_sound(path)
                return cls(path, connection, note)
        except (sqlite3.Error, OSError) as error:
            why = await asyncio.to_thread(_why_not_writable, directory, error)
            if why is None:
                raise explained(error, path) from error
            if not read_only:
                raise IndexReadOnlyError(f"{directory} cannot be written: {why.strerror}.") from error
        return await _opened_without_a_trace(path, why)

    async def require_current(self) -> None:
        """Raises IndexDamagedError where the file was found damaged, or is no longer the one that lies on disk."""
        if _mark(self._path).exists():
            raise IndexDamagedError(f"{self._path} was found damaged; whoever writes it next begins it anew.")
        if _identity(self._path) != self._identity:
            raise IndexRemovedError(f"{self._path} was replaced or removed by another process.")

    def explained(self, error: Exception) -> IndexUnavailableError:
        """The error to raise for one that SQLite raised; damage is marked for the next to open."""
        result = explained(error, self._path)
        if isinstance(result, IndexDamagedError):
            version = _version_on_disk(self._path)
            if version > SCHEMA_VERSION:  # a newer process upgraded it meanwhile: nothing is damaged
                return newer(self._path, version)
            with suppress(OSError):  # no room or no right to: whoever opens it finds the damage again
                _mark(self._path).write_text(str(error), encoding="utf-8", errors="replace")
        return result


class CopiedFile(SqliteFile):
    """What lies where nothing can be written, in memory: taken anew when it changes. See `sqlite_copy`."""

    def __init__(self, path: Path, connection: aiosqlite.Connection, copy: sqlite3.Connection, stamp: Stamp) -> None:
        super().__init__(path, connection, "")
        self._copy = copy
        self._stamp = stamp

    async def require_current(self) -> None:
        """Takes up what another process committed; nothing else may use the connection meanwhile. Raises
        IndexUnavailableError.
        """
        try:
            if stamp_of(self._path) != self._stamp:
                self._stamp = await asyncio.to_thread(copy_into, self._copy, self._path)
        except (sqlite3.Error, OSError) as error:
            raise explained(error, self._path) from error

    def explained(self, error: Exception) -> IndexUnavailableError:
        """As for any file, but nothing is noted beside it."""
        return explained(error, self._path)


async def _opened_without_a_trace(path: Path, why: OSError) -> CopiedFile:
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection = aiosqlite.Connection(lambda: copy, _ROWS_AT_ONCE)
    await connection
    try:
        stamp = stamp_of(path)
        if stamp[0] is None:  # empty, until there is room or a right to write it
            await connection.executescript(_SCHEMA)
        else:
            stamp = await asyncio.to_thread(copy_into, copy, path)
            version = await _version(connection)
            if version > SCHEMA_VERSION:
                raise newer(path, version)
            if version != SCHEMA_VERSION:
                raise IndexUnavailableError(
                    f"{path} was written by an earlier version of codekin, and cannot be brought up to date: {why.strerror}."
                )
        return CopiedFile(path, connection, copy, stamp)
    except (sqlite3.Error, OSError) as error:
        await connection.close()
        raise explained(error, path) from error
    except BaseException:
        await connection.close()
        raise


def newer(path: Path, version: int) -> IndexNewerError:
    """The error for a file that a later version of codekin wrote."""
    return IndexNewerError(
        f"{path} was written by a newer version of codekin (schema {version}; this one reads schema {SCHEMA_VERSION}). It is left "
        "as it is. To fix: upgrade codekin, or delete the index directory to build it again."
    )


def explained(error: Exception, path: Path) -> IndexUnavailableError:
    """What an error says of the file: damaged, refused by the file system, locked, full."""
    if _is_damage(error):
        return IndexDamagedError(f"{path} is damaged: {error}.")
    if _is_locked(error):
        return IndexUnavailableError(
            f"{path} was locked by another process for {_BUSY_TIMEOUT_S:g} s ({error}). Try again when that one is done."
        )
    if isinstance(error, sqlite3.OperationalError) and "full" not in str(error):
        return StoreRefusedError(f"{path}: {error}")
    return IndexUnavailableError(f"The metadata cannot be used: {error} ({path}).")


async def _open_sound(path: Path) -> tuple[aiosqlite.Connection, str]:
    damage = _marked(path)
    if not damage:
        try:
            return await _connect(path, writing=True)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            damage = str(error)
    try:
        _quarantined(path)
    except OSError as error:
        raise IndexUnavailableError(
            f"{path} is damaged ({damage}) and cannot be set aside ({error.strerror}). End what else uses it, or delete it."
        ) from error
    note = (
        f"the metadata was damaged ({damage}), was set aside as {path.name}.corrupt and is filled again from the files"
    )
    return (await _connect(path, writing=True))[0], note


async def _connect(path: Path, *, writing: bool = False) -> tuple[aiosqlite.Connection, str]:
    """(connection, what was done to it): the writer checks every page, and empties what an earlier version wrote."""
    note = ""
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
    try:
        version = await _version(connection)
        if version > SCHEMA_VERSION:
            raise newer(path, version)
        # SQLite does not wait for others when it changes the journal's mode, whatever the timeout.
        await _patiently(connection, "PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = NORMAL")
        version = await _version(connection)  # another process may have made it meanwhile
        if version == 0:
            await connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT")
        elif version < SCHEMA_VERSION and writing:
            await connection.executescript(
                f"BEGIN IMMEDIATE; {_RENEWAL} {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT"
            )
            note = _RENEWED
        elif version != SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"schema {version} is not {SCHEMA_VERSION}")
        for statement in ("PRAGMA quick_check(1)", "SELECT 'ok' FROM generation")[not writing :]:
            found = await _patiently(connection, statement)
            if found != [("ok",)]:
                raise sqlite3.DatabaseError(" ".join(str(found[0][0]).split()) if found else "no generation")
    except BaseException:
        await connection.close()
        raise
    return connection, note


async def _version(connection: aiosqlite.Connection) -> int:
    return int((await _patiently(connection, "PRAGMA user_version"))[0][0])


async def _patiently(connection: aiosqlite.Connection, statement: str) -> list[Any]:
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            return list(await connection.execute_fetchall(statement))
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(_RETRY_S)


@asynccontextmanager
async def _alone(directory: Path) -> AsyncIterator[None]:
    """No other process opens the file meanwhile: while its parts are set aside, it must not be begun anew."""
    lock = FileLock(directory / f"{FILE}.opening", thread_local=False)
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            if time.monotonic() > deadline:
                raise IndexUnavailableError(
                    f"Another process has been opening {directory / FILE} for {_BUSY_TIMEOUT_S:g} s."
                ) from None
        await asyncio.sleep(_RETRY_S)
    try:
        yield
    finally:
        lock.release()


def _quarantined(path: Path) -> None:
    """Processes that have it open keep it; SQLite sees that it was moved, and they leave the new one's journal alone."""
    for ending in ("-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        with suppress(FileNotFoundError):
            part.replace(path.with_name(f"{path.name}.corrupt{ending}"))
    _mark(path).unlink(missing_ok=True)


def _why_not_writable(directory: Path, error: Exception) -> OSError | None:
    """The error that keeps anybody from writing there; None where something else is wrong with the file."""
    if isinstance(error, OSError):
        return error if whole_files.is_not_writable(error) or not directory.exists() else None
    return None if _is_damage(error) else whole_files.why_not_writable(directory)


def _version_on_disk(path: Path) -> int:
    """The schema as another process may have upgraded it, 0 where nobody can tell."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=0)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error:
        return 0


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")


def _marked(path: Path) -> str:
    try:
        return _mark(path).read_text(encoding="utf-8", errors="replace") or "no details"
    except FileNotFoundError:
        return ""


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_damage(error: Exception) -> bool:
    """What SQLite says of a damaged file has the class itself, all else a subclass; a text may be no text any more."""
    undecodable = isinstance(error, sqlite3.OperationalError) and "decode" in str(error)
    return type(error) is sqlite3.DatabaseError or undecodable


def _is_locked(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
