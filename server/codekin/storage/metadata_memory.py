"""Metadata without SQLite: in memory, with a checksummed msgpack snapshot and a log of what came after it."""

from __future__ import annotations

import asyncio
import os
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack

from codekin.domain.values import Changes, FileRecord, Skipped
from codekin.errors import IndexUnavailableError
from codekin.storage.records import pack_record, unpack_record

_FORMAT = "codekin-metadata-1"
_SNAPSHOT, _LOG = "metadata.msgpack", "metadata.log"
_ENTRY = struct.Struct("<II")  # bytes, crc32
_LOG_SHARE = 1.0
_LOG_BYTES = 4_000_000


@dataclass(slots=True)
class _State:
    generation: int = 0
    files: dict[str, tuple[int, FileRecord]] = field(default_factory=dict)
    forgotten: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


class MemoryMetadataStore:
    """`MetadataStore` in memory. An operation is one checksummed entry of the log, so a killed process loses at most the
    entry it was writing; a reader takes up the log as it grows.
    """

    active = "memory"
    note = ""

    def __init__(self, directory: Path, *, read_only: bool) -> None:
        self._directory = directory
        self._read_only = read_only
        self._state = _State()
        self._read_bytes = 0
        self._snapshot_stamp: tuple[int, int] | None = None
        self._snapshot_bytes = 0

    @classmethod
    async def open(cls, directory: Path, *, read_only: bool) -> MemoryMetadataStore:
        """Begins with what a former process left. Raises IndexUnavailableError."""
        store = cls(directory, read_only=read_only)
        await asyncio.to_thread(store._catch_up)
        if not read_only:
            await asyncio.to_thread(store._write_snapshot)
        return store

    async def apply(self, changes: Changes) -> int:
        """See `MetadataStore.apply`."""
        entry = {
            "apply": [
                [pack_record(record) for record in changes.written],
                list(changes.forgotten),
                [(item.path, item.reason) for item in changes.skipped],
            ]
        }
        await self._log(entry)
        return self._state.generation

    async def generation(self) -> int:
        """See `MetadataStore.generation`."""
        if self._read_only:
            await asyncio.to_thread(self._catch_up)
        return self._state.generation

    async def load(self, since: int = 0) -> tuple[int, list[FileRecord], list[str]]:
        """See `MetadataStore.load`."""
        generation = await self.generation()
        state = self._state
        records = [record for _, (written, record) in sorted(state.files.items()) if written > since]
        gone = sorted(path for path, at in state.forgotten.items() if at > since) if since else []
        return generation, records, gone

    async def skipped(self) -> list[Skipped]:
        """See `MetadataStore.skipped`."""
        return [Skipped(path, reason) for path, reason in sorted(self._state.skipped.items())]

    async def get_meta(self, name: str) -> str | None:
        """See `MetadataStore.get_meta`."""
        return self._state.facts.get(name)

    async def set_meta(self, name: str, value: str) -> None:
        """See `MetadataStore.set_meta`."""
        await self._log({"fact": [name, value]})

    async def clear(self) -> None:
        """See `MetadataStore.clear`."""
        await self._log({"clear": []})

    async def close(self) -> None:
        """See `MetadataStore.close`."""

    async def _log(self, entry: dict[str, Any]) -> None:
        if self._read_only:
            raise IndexUnavailableError("The metadata was opened for reading.")
        payload: bytes = msgpack.packb(entry, unicode_errors="surrogatepass")
        try:
            await asyncio.to_thread(self._append, payload)
        except OSError as error:
            raise IndexUnavailableError(f"The metadata cannot be written: {error.strerror}.") from error
        _replay(self._state, entry)
        if self._read_bytes > max(_LOG_BYTES, _LOG_SHARE * self._snapshot_bytes):
            await asyncio.to_thread(self._write_snapshot)

    def _append(self, payload: bytes) -> None:
        with (self._directory / _LOG).open("ab") as file:
            file.truncate(self._read_bytes)  # what a killed process left half written
            file.seek(self._read_bytes)
            file.write(_ENTRY.pack(len(payload), zlib.crc32(payload)) + payload)
            file.flush()
            os.fsync(file.fileno())
        self._read_bytes += _ENTRY.size + len(payload)

    def _write_snapshot(self) -> None:
        """The new log is named in the snapshot by its generation: an old log beside a new snapshot is ignored."""
        state = self._state
        files = [(written, pack_record(record)) for written, record in state.files.values()]
        payload: bytes = msgpack.packb(
            [_FORMAT, state.generation, files, state.forgotten, state.skipped, state.facts],
            unicode_errors="surrogatepass",
        )
        partial = self._directory / f"{_SNAPSHOT}.{os.getpid()}.partial"
        try:
            with partial.open("wb") as file:
                file.write(_ENTRY.pack(len(payload), zlib.crc32(payload)) + payload)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._directory / _SNAPSHOT)
            (self._directory / _LOG).write_bytes(b"")
        except OSError as error:
            raise IndexUnavailableError(f"The metadata cannot be written: {error.strerror}.") from error
        self._read_bytes = 0
        self._snapshot_bytes = len(payload)
        self._snapshot_stamp = self._stamp()

    def _catch_up(self) -> None:
        """Reads the snapshot if it is another one, then what the log holds beyond what is known."""
        stamp = self._stamp()
        if stamp != self._snapshot_stamp:
            self._snapshot_stamp, self._read_bytes = stamp, 0
            self._state = self._read_snapshot()
        try:
            data = (self._directory / _LOG).read_bytes()[self._read_bytes :]
        except FileNotFoundError:
            return
        while len(data) >= _ENTRY.size:
            length, crc = _ENTRY.unpack_from(data)
            payload = data[_ENTRY.size : _ENTRY.size + length]
            if len(payload) < length or zlib.crc32(payload) != crc:
                return
            entry = msgpack.unpackb(payload, unicode_errors="surrogatepass")
            # Entries older than the snapshot are in it already: a process died between its two files.
            if entry.get("generation", self._state.generation) >= self._state.generation:
                _replay(self._state, entry)
            self._read_bytes += _ENTRY.size + length
            data = data[_ENTRY.size + length :]

    def _read_snapshot(self) -> _State:
        try:
            data = (self._directory / _SNAPSHOT).read_bytes()
        except FileNotFoundError:
            return _State()
        payload = data[_ENTRY.size :]
        if len(data) < _ENTRY.size or zlib.crc32(payload) != _ENTRY.unpack_from(data)[1]:
            self.note = "the snapshot was damaged and is made again"
            return _State()
        name, generation, files, forgotten, skipped, facts = msgpack.unpackb(payload, unicode_errors="surrogatepass")
        if name != _FORMAT:
            return _State()
        records = [(written, unpack_record(packed)) for written, packed in files]
        return _State(
            generation, {record.path: (written, record) for written, record in records}, forgotten, skipped, facts
        )

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = (self._directory / _SNAPSHOT).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


def _replay(state: _State, entry: dict[str, Any]) -> None:
    if "fact" in entry:
        name, value = entry["fact"]
        state.facts[name] = value
        return
    state.generation += 1
    if "clear" in entry:
        state.forgotten.update(dict.fromkeys(state.files, state.generation))
        state.files, state.skipped, state.facts = {}, {}, {}
        return
    written, forgotten, skipped = entry["apply"]
    for path in (*forgotten, *(path for path, _ in skipped)):
        state.skipped.pop(path, None)
        if state.files.pop(path, None):
            state.forgotten[path] = state.generation
    for packed in written:
        record = unpack_record(packed)
        state.files[record.path] = (state.generation, record)
        state.skipped.pop(record.path, None)
        state.forgotten.pop(record.path, None)
    state.skipped.update(dict(skipped))
