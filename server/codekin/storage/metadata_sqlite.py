"""Metadata in one SQLite file, through aiosqlite. Imported only when it is opened: the binding may be missing."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import aiosqlite

from codekin.domain.values import Changes, FileRecord, Skipped
from codekin.errors import IndexUnavailableError
from codekin.storage.records import pack_definitions, unpack_node

SCHEMA_VERSION = 1
_FILE = "metadata.sqlite3"
_BUSY_TIMEOUT_MS = 10_000
_SCHEMA = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, language TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, digest BLOB NOT NULL, author TEXT NOT NULL, date INTEGER NOT NULL, generation INTEGER NOT NULL);
CREATE INDEX files_generation ON files (generation);
CREATE TABLE nodes (
    file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE, place INTEGER NOT NULL, kind TEXT NOT NULL,
    symbol TEXT NOT NULL, symbol_kind TEXT NOT NULL, start_line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    content_key INTEGER NOT NULL, definitions BLOB NOT NULL, PRIMARY KEY (file, place)) WITHOUT ROWID;
CREATE TABLE forgotten (path TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE skipped (path TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE generation (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL);
INSERT INTO generation VALUES (1, 0);
"""


class SqliteMetadataStore:
    """`MetadataStore` on SQLite in WAL mode. `note` says what was found at open that the user should know."""

    active = "sqlite"

    def __init__(self, connection: aiosqlite.Connection, note: str) -> None:
        self._connection = connection
        self.note = note
        self._closed = False

    @classmethod
    async def open(cls, directory: Path, *, read_only: bool) -> SqliteMetadataStore:
        """A damaged file is set aside and a new one begun, unless read only. Raises IndexUnavailableError."""
        path = directory / _FILE
        try:
            return cls(await _connect(path), "")
        except sqlite3.DatabaseError as error:
            if read_only or isinstance(error, sqlite3.OperationalError):
                raise IndexUnavailableError(f"{path}: {error}") from error
        for ending in ("", "-wal", "-shm"):
            part = path.with_name(path.name + ending)
            if part.exists():
                part.replace(path.with_name(f"{path.name}.corrupt{ending}"))
        try:
            return cls(
                await _connect(path), f"the file was damaged, was set aside as {path.name}.corrupt and is filled again"
            )
        except sqlite3.Error as error:
            raise IndexUnavailableError(f"{path}: {error}") from error

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
        return generation

    async def generation(self) -> int:
        """See `MetadataStore.generation`."""
        return int((await self._all("SELECT number FROM generation"))[0][0])

    async def load(self, since: int = 0) -> tuple[int, list[FileRecord], list[str]]:
        """See `MetadataStore.load`."""
        async with self._transaction("DEFERRED"):
            generation = await self.generation()
            files = await self._all(
                "SELECT id, path, language, size_bytes, mtime_ns, digest, author, date FROM files WHERE generation > ? ORDER BY id",
                since,
            )
            nodes = await self._all(
                "SELECT file, content_key, kind, start_line, end_line, symbol, symbol_kind, definitions FROM nodes "
                "WHERE file IN (SELECT id FROM files WHERE generation > ?) ORDER BY file, place"
                if since
                else "SELECT file, content_key, kind, start_line, end_line, symbol, symbol_kind, definitions FROM nodes "
                "WHERE ? = 0 ORDER BY file, place",
                since,
            )
            gone = await self._all(
                "SELECT path FROM forgotten WHERE generation > ? AND ? > 0 ORDER BY path", since, since
            )
        return generation, _records(files, nodes), [path for (path,) in gone]

    async def skipped(self) -> list[Skipped]:
        """See `MetadataStore.skipped`."""
        return [
            Skipped(path, reason) for path, reason in await self._all("SELECT path, reason FROM skipped ORDER BY path")
        ]

    async def get_meta(self, name: str) -> str | None:
        """See `MetadataStore.get_meta`."""
        rows = await self._all("SELECT value FROM facts WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    async def set_meta(self, name: str, value: str) -> None:
        """See `MetadataStore.set_meta`."""
        async with self._transaction() as connection:
            await connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    async def clear(self) -> None:
        """See `MetadataStore.clear`."""
        async with self._transaction() as connection:
            generation = await self._next_generation()
            await connection.execute("INSERT OR REPLACE INTO forgotten SELECT path, ? FROM files", (generation,))
            for table in ("files", "skipped", "facts"):
                await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant above

    async def close(self) -> None:
        """See `MetadataStore.close`."""
        if not self._closed:
            self._closed = True
            await self._connection.close()

    async def _next_generation(self) -> int:
        await self._connection.execute("UPDATE generation SET number = number + 1")
        return await self.generation()

    async def _forget(self, paths: Iterable[str], generation: int) -> None:
        rows = [(path,) for path in paths]
        await self._connection.executemany("DELETE FROM skipped WHERE path = ?", rows)
        await self._connection.executemany(
            "INSERT OR REPLACE INTO forgotten SELECT path, ? FROM files WHERE path = ?",
            [(generation, path) for (path,) in rows],
        )
        await self._connection.executemany("DELETE FROM files WHERE path = ?", rows)

    async def _write(self, records: Iterable[FileRecord], generation: int) -> None:
        listed = list(records)
        if not listed:
            return
        ((first,),) = await self._all("SELECT coalesce(max(id), 0) + 1 FROM files")
        await self._connection.executemany(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (first + at, r.path, r.language, r.size_bytes, r.mtime_ns, r.digest, r.author, r.date, generation)
                for at, r in enumerate(listed)
            ],
        )
        await self._connection.executemany(
            "INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    first + at,
                    place,
                    n.kind.value,
                    n.symbol,
                    n.symbol_kind,
                    n.start_line,
                    n.end_line,
                    n.key,
                    pack_definitions(n.definitions),
                )
                for at, record in enumerate(listed)
                for place, n in enumerate(record.nodes)
            ],
        )

    async def _all(self, statement: str, *arguments: Any) -> list[Any]:
        return list(await self._connection.execute_fetchall(statement, arguments))

    @asynccontextmanager
    async def _transaction(self, kind: str = "IMMEDIATE") -> AsyncIterator[aiosqlite.Connection]:
        try:
            await self._connection.execute(f"BEGIN {kind}")
            try:
                yield self._connection
            except BaseException:
                await self._connection.rollback()
                raise
            await self._connection.commit()
        except (sqlite3.Error, OSError) as error:
            raise IndexUnavailableError(f"The metadata cannot be used: {error}") from error


async def _connect(path: Path) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None)
    try:
        await connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = NORMAL")
        await connection.execute("PRAGMA foreign_keys = ON")
        ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
        if version == 0:
            await connection.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT")
        elif version != SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"schema {version} is not {SCHEMA_VERSION}")
        await connection.execute_fetchall("SELECT count(*) FROM generation")
    except BaseException:
        await connection.close()
        raise
    return connection


def _records(files: list[Any], nodes: list[Any]) -> list[FileRecord]:
    of_file = {file: tuple(unpack_node(row[1:]) for row in rows) for file, rows in groupby(nodes, key=itemgetter(0))}
    records = [
        FileRecord(path, language, size, mtime_ns, digest, of_file.get(number, ()), author, date)
        for number, path, language, size, mtime_ns, digest, author, date in files
    ]
    return sorted(records, key=lambda record: record.path)
