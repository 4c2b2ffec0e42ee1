"""Metadata in one SQLite file, through aiosqlite.

Imported on first use, since the binding may be missing.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiosqlite

from codekin.domain.values import Changes, FileRecord, Skipped
from codekin.errors import IndexUnavailableError
from codekin.storage.metadata.node_rows import from_row, to_row
from codekin.storage.metadata.packed_records import pack_record, unpack_record
from codekin.storage.metadata.sqlite_file import SqliteFile
from codekin.storage.metadata.sqlite_schema import PLAIN_NODES
from codekin.storage.tombstones import PRUNED, prune_up_to, require_known
from codekin.storage.uncancellable import uncancellable

_ROWS_AT_A_TIME = 2_000


class SqliteMetadataStore:
    """`MetadataStore` on SQLite in WAL mode; `note` describes what was found at open."""

    active = "sqlite"

    def __init__(self, file: SqliteFile, *, read_only: bool) -> None:
        self._file = file
        self._connection = file.connection
        self._read_only = read_only
        self._lock = asyncio.Lock()
        self._closed = False
        self.note = file.note
        self.outdated = False

    @classmethod
    async def open(cls, directory: Path, *, read_only: bool) -> SqliteMetadataStore:
        """Open the store; unless read-only, a corrupt file is quarantined and replaced.

        Raises IndexUnavailableError.
        """
        store = cls(await SqliteFile.open(directory, read_only=read_only), read_only=read_only)
        store.outdated = not read_only and await store.get_meta(PLAIN_NODES) is not None
        return store

    @uncancellable
    async def apply(self, changes: Changes) -> int:
        """See `MetadataStore.apply`."""
        async with self._transaction() as connection:
            generation = await self._next_generation()
            await self._forget(changes.forgotten, generation)
            await self._forget([item.path for item in changes.skipped], generation)
            paths = [(record.path,) for record in changes.written]
            await connection.executemany("DELETE FROM files WHERE path = ?", paths)
            await connection.executemany("DELETE FROM skipped WHERE path = ?", paths)
            await connection.executemany("DELETE FROM forgotten WHERE path = ?", paths)
            await self._write(changes.written, generation)
            rows = [(item.path, item.reason) for item in changes.skipped]
            await connection.executemany("INSERT OR REPLACE INTO skipped VALUES (?, ?)", rows)
            if pruned := prune_up_to(generation):
                await connection.execute("DELETE FROM forgotten WHERE generation <= ?", (pruned,))
                await connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (PRUNED, str(pruned)))
        return generation

    async def generation(self) -> int:
        """See `MetadataStore.generation`."""
        async with self._transaction("DEFERRED"):
            return await self._number()

    async def load(self, since: int = 0) -> tuple[int, list[FileRecord], list[str]]:
        """See `MetadataStore.load`."""
        async with self._transaction("DEFERRED"):
            generation = await self._number()
            pruned = await self._all("SELECT value FROM facts WHERE name = ?", PRUNED)
            require_known(since, int(pruned[0][0]) if pruned else 0)
            files = await self._all(
                "SELECT path, language, size_bytes, mtime_ns, digest, nodes, author, date, extra FROM files "
                "WHERE generation > ? ORDER BY path",
                since,
            )
            gone = await self._all(
                "SELECT path FROM forgotten WHERE generation > ? AND ? > 0 ORDER BY path", since, since
            )
            return generation, await asyncio.to_thread(_records, files), [path for (path,) in gone]

    async def skipped(self) -> list[Skipped]:
        """See `MetadataStore.skipped`."""
        async with self._transaction("DEFERRED"):
            rows = await self._all("SELECT path, reason FROM skipped ORDER BY path")
        return [Skipped(path, reason) for path, reason in rows]

    async def get_meta(self, name: str) -> str | None:
        """See `MetadataStore.get_meta`."""
        async with self._transaction("DEFERRED"):
            rows = await self._all("SELECT value FROM facts WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    @uncancellable
    async def set_meta(self, name: str, value: str) -> None:
        """See `MetadataStore.set_meta`."""
        async with self._transaction() as connection:
            await connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    @uncancellable
    async def clear(self) -> None:
        """See `MetadataStore.clear`."""
        async with self._transaction() as connection:
            generation = await self._next_generation()
            await connection.execute("INSERT OR REPLACE INTO forgotten SELECT path, ? FROM files", (generation,))
            for table in ("files", "skipped"):
                await connection.execute(f"DELETE FROM {table}")  # nosec B608 # noqa: S608 - a constant above
            await connection.execute("DELETE FROM facts WHERE name <> ?", (PRUNED,))

    async def compact(self) -> None:
        """See `MetadataStore.compact`. Takes 6 s of processor time for 1.6 million nodes."""
        if not self.outdated:
            return
        async with self._transaction("DEFERRED"):
            numbers = [number for (number,) in await self._all("SELECT rowid FROM files ORDER BY rowid")]
        for first in range(0, len(numbers), _ROWS_AT_A_TIME):
            chosen = numbers[first : first + _ROWS_AT_A_TIME]
            await self._compress(chosen[0], chosen[-1])
        await self._vacuum()
        self.outdated = False

    @uncancellable
    async def _compress(self, first: int, last: int) -> None:
        """Store the nodes of some rows as the current schema has them."""
        async with self._transaction() as connection:
            rows = await self._all("SELECT nodes, rowid FROM files WHERE rowid BETWEEN ? AND ?", first, last)
            await connection.executemany(
                "UPDATE files SET nodes = ? WHERE rowid = ?", await asyncio.to_thread(_renewed, rows)
            )

    @uncancellable
    async def _vacuum(self) -> None:
        """Give back the space of rows that became shorter."""
        async with self._lock:
            if self._closed:
                raise IndexUnavailableError("The metadata is closed.")
            try:
                await self._connection.execute("VACUUM")
                await self._connection.execute("DELETE FROM facts WHERE name = ?", (PLAIN_NODES,))
            except sqlite3.Error as error:
                raise self._file.to_index_error(error) from error

    @uncancellable
    async def close(self) -> None:
        """See `MetadataStore.close`."""
        async with self._lock:
            if not self._closed:
                self._closed = True
                await self._file.close()

    async def _next_generation(self) -> int:
        await self._connection.execute("UPDATE generation SET number = number + 1")
        return await self._number()

    async def _number(self) -> int:
        return int((await self._all("SELECT number FROM generation"))[0][0])

    async def _forget(self, paths: Iterable[str], generation: int) -> None:
        rows = [(path,) for path in paths]
        await self._connection.executemany("DELETE FROM skipped WHERE path = ?", rows)
        await self._connection.executemany(
            "INSERT OR REPLACE INTO forgotten SELECT path, ? FROM files WHERE path = ?",
            [(generation, path) for (path,) in rows],
        )
        await self._connection.executemany("DELETE FROM files WHERE path = ?", rows)

    async def _write(self, records: Iterable[FileRecord], generation: int) -> None:
        rows = await asyncio.to_thread(lambda: [(*pack_record(record, to_row), generation) for record in records])
        await self._connection.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    async def _all(self, statement: str, *arguments: Any) -> list[Any]:
        return list(await self._connection.execute_fetchall(statement, arguments))

    @asynccontextmanager
    async def _transaction(self, kind: str = "IMMEDIATE") -> AsyncIterator[aiosqlite.Connection]:
        """Run one transaction at a time.

        Statements run on the connection's thread in the order of the calls, so a rollback runs
        before anything that follows, even if its own caller is cancelled.
        """
        async with self._lock:
            if self._closed:
                raise IndexUnavailableError("The metadata is closed.")
            await self._file.require_current()
            try:
                await self._connection.execute(f"BEGIN {kind}")
                yield self._connection
                await self._connection.commit()
            except BaseException as error:
                with suppress(sqlite3.Error):  # The first error is the one to report.
                    await self._connection.rollback()
                if isinstance(error, sqlite3.Error | OSError | UnicodeEncodeError):
                    raise self._file.to_index_error(error) from error
                raise


def _renewed(rows: list[Any]) -> list[tuple[bytes, int]]:
    """Return nodes, which any version stored, as they are stored now, with the numbers of the rows.

    Raises sqlite3.DatabaseError.
    """
    try:
        return [(to_row(from_row(nodes)), number) for nodes, number in rows]
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError(f"a row is not readable ({error})") from error


def _records(files: list[Any]) -> list[FileRecord]:
    """Return the records sorted by path.

    Raises sqlite3.DatabaseError for a row that is not a record: a damaged page can still look like
    a valid page to SQLite.
    """
    try:
        return sorted((unpack_record(row, from_row) for row in files), key=lambda record: record.path)
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError(f"a row is not readable ({error})") from error
