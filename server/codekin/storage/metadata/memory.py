"""Metadata without SQLite: in memory, with a checksummed msgpack snapshot and a log of changes."""

from __future__ import annotations

import asyncio
import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgpack

from codekin import whole_files
from codekin.domain.values import Changes, FileRecord, Skipped
from codekin.errors import IndexNewerError, IndexReadOnlyError, IndexUnavailableError
from codekin.storage.metadata.packed_records import pack_record, unpack_record
from codekin.storage.tombstones import PRUNED, prune_up_to, require_known

_FORMAT = "codekin-metadata-4"
_SNAPSHOT = "metadata.msgpack"
_ENTRY = struct.Struct("<II")  # bytes, crc32
_LOG_SHARE = 1.0
_LOG_BYTES = 4_000_000
T = TypeVar("T")


@dataclass(slots=True)
class _State:
    generation: int = 0
    files: dict[str, tuple[int, FileRecord]] = field(default_factory=dict)
    forgotten: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


class MemoryMetadataStore:
    """`MetadataStore` in memory, with a log on disk.

    An operation is one checksummed entry of the log, so a killed process loses at most the entry it
    was writing. A reader applies the log as it grows.

    Each operation is one function on a thread, under one lock. It completes even if its caller is
    cancelled, and the state never differs from the log.
    """

    active = "memory"
    outdated = False

    def __init__(self, directory: Path, *, read_only: bool) -> None:
        self._directory = directory
        self._read_only = read_only
        self._lock = threading.Lock()
        self._closed = False
        self._state = _State()
        self._log_name = ""
        self._read_bytes = 0
        self._snapshot_stamp: tuple[int, int] | None = None
        self._snapshot_bytes = 0
        self.note = ""

    @classmethod
    async def open(cls, directory: Path, *, read_only: bool) -> MemoryMetadataStore:
        """Open the store with what an earlier process left. Raises IndexUnavailableError."""
        store = cls(directory, read_only=read_only)
        await store._exclusively(store._catch_up)
        if not read_only:
            await store._exclusively(store._write_snapshot)
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
        return await self._exclusively(lambda: self._commit(entry))

    async def generation(self) -> int:
        """See `MetadataStore.generation`."""
        return await self._exclusively(lambda: self._current().generation)

    async def load(self, since: int = 0) -> tuple[int, list[FileRecord], list[str]]:
        """See `MetadataStore.load`."""
        return await self._exclusively(lambda: _since(self._current(), since))

    async def skipped(self) -> list[Skipped]:
        """See `MetadataStore.skipped`."""
        pairs = await self._exclusively(lambda: sorted(self._state.skipped.items()))
        return [Skipped(path, reason) for path, reason in pairs]

    async def get_meta(self, name: str) -> str | None:
        """See `MetadataStore.get_meta`."""
        return await self._exclusively(lambda: self._state.facts.get(name))

    async def set_meta(self, name: str, value: str) -> None:
        """See `MetadataStore.set_meta`."""
        await self._exclusively(lambda: self._commit({"fact": [name, value]}))

    async def clear(self) -> None:
        """See `MetadataStore.clear`."""
        await self._exclusively(lambda: self._commit({"clear": []}))

    async def compact(self) -> None:
        """See `MetadataStore.compact`: nothing of an earlier version is read."""

    async def close(self) -> None:
        """See `MetadataStore.close`."""
        await asyncio.to_thread(self._close)

    async def _exclusively(self, work: Callable[[], T]) -> T:
        def run() -> T:
            with self._lock:
                if self._closed:
                    raise IndexUnavailableError("The metadata is closed.")
                return work()

        try:
            return await asyncio.to_thread(run)
        except OSError as error:
            kind = IndexReadOnlyError if whole_files.is_not_writable(error) else IndexUnavailableError
            raise kind(f"Could not use the metadata in {self._directory}: {error.strerror}.") from error

    def _close(self) -> None:
        with self._lock:
            self._closed = True

    def _current(self) -> _State:
        if self._read_only:
            self._catch_up()
        return self._state

    def _commit(self, entry: dict[str, Any]) -> int:
        if self._read_only:
            raise IndexUnavailableError("The metadata was opened read-only.")
        self._append(msgpack.packb(entry, unicode_errors="surrogatepass"))
        _replay(self._state, entry)
        generation = self._state.generation
        if self._read_bytes > max(_LOG_BYTES, _LOG_SHARE * self._snapshot_bytes):
            self._write_snapshot()
        return generation

    def _append(self, payload: bytes) -> None:
        with (self._directory / self._log_name).open("ab") as file:
            file.truncate(self._read_bytes)  # A killed process may have left an incomplete entry.
            file.seek(self._read_bytes)
            file.write(_ENTRY.pack(len(payload), zlib.crc32(payload)) + payload)
            file.flush()
            os.fsync(file.fileno())
        self._read_bytes += _ENTRY.size + len(payload)

    def _write_snapshot(self) -> None:
        """Write a snapshot and start a new log.

        The snapshot contains the name of its log, which is new each time, so that both change in
        one step for readers and for a killed process.
        """
        state = self._state
        files = [(written, pack_record(record)) for written, record in state.files.values()]
        log_name = f"metadata-{os.urandom(8).hex()}.log"
        payload: bytes = msgpack.packb(
            [_FORMAT, state.generation, files, state.forgotten, state.skipped, state.facts, log_name],
            unicode_errors="surrogatepass",
        )
        entry = _ENTRY.pack(len(payload), zlib.crc32(payload)) + payload
        whole_files.write_whole(self._directory / _SNAPSHOT, lambda file: file.write(entry))
        self._log_name, self._read_bytes = log_name, 0
        self._snapshot_bytes = len(payload)
        self._snapshot_stamp = self._stamp()
        for log in self._directory.glob("metadata-*.log"):
            with suppress(OSError):  # On Windows a reader may have it open; the next snapshot tries again.
                log.unlink()

    def _catch_up(self) -> None:
        """Read the snapshot if it changed, then the entries of its log that are not applied yet."""
        stamp = self._stamp()
        if stamp != self._snapshot_stamp:
            self._state, self._log_name = self._read_snapshot()
            self._snapshot_stamp, self._read_bytes = stamp, 0
        if not self._log_name:
            return
        try:
            with (self._directory / self._log_name).open("rb") as file:
                file.seek(self._read_bytes)
                data = memoryview(file.read())
        except FileNotFoundError:
            return  # Nothing has been logged since the snapshot.
        for payload in _entries(data):
            _replay(self._state, msgpack.unpackb(payload, unicode_errors="surrogatepass"))
            self._read_bytes += _ENTRY.size + len(payload)

    def _read_snapshot(self) -> tuple[_State, str]:
        """Return (state, name of its log)."""
        try:
            data = whole_files.read_whole(self._directory / _SNAPSHOT)
        except FileNotFoundError:
            return _State(), ""
        payload = data[_ENTRY.size :]
        if len(data) < _ENTRY.size or zlib.crc32(payload) != _ENTRY.unpack_from(data)[1]:
            self.note = "the index metadata was corrupt and has been rebuilt from the files"
            return _State(), ""
        name, *fields = msgpack.unpackb(payload, unicode_errors="surrogatepass")
        if name != _FORMAT:
            if _version_of(name) > _version_of(_FORMAT):
                raise IndexNewerError(
                    f"{self._directory / _SNAPSHOT} was written by a newer version of codekin (format {_version_of(name)}; this one "
                    f"reads format {_version_of(_FORMAT)}). The file was not changed. To fix: upgrade codekin, or delete the "
                    "index directory to rebuild the index."
                )
            return _State(), ""
        generation, files, forgotten, skipped, facts, log_name = fields
        records = [(written, unpack_record(packed)) for written, packed in files]
        by_path = {record.path: (written, record) for written, record in records}
        return _State(generation, by_path, forgotten, skipped, facts), log_name

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = (self._directory / _SNAPSHOT).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


def _version_of(name: object) -> int:
    """Return the number at the end of a format name, or 0 if there is none."""
    number = str(name).rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _entries(data: memoryview) -> Iterator[memoryview]:
    """Yield the complete entries.

    An incomplete entry at the end is still being written, or its writer was killed.
    """
    while len(data) >= _ENTRY.size:
        length, crc = _ENTRY.unpack_from(data)
        payload = data[_ENTRY.size : _ENTRY.size + length]
        if len(payload) < length or zlib.crc32(payload) != crc:
            return
        yield payload
        data = data[_ENTRY.size + length :]


def _since(state: _State, since: int) -> tuple[int, list[FileRecord], list[str]]:
    require_known(since, int(state.facts.get(PRUNED, 0)))
    records = [record for _, (written, record) in sorted(state.files.items()) if written > since]
    gone = sorted(path for path, at in state.forgotten.items() if at > since) if since else []
    return state.generation, records, gone


def _replay(state: _State, entry: dict[str, Any]) -> None:
    if "fact" in entry:
        name, value = entry["fact"]
        state.facts[name] = value
        return
    state.generation += 1
    if "clear" in entry:
        state.forgotten.update(dict.fromkeys(state.files, state.generation))
        kept = {name: value for name, value in state.facts.items() if name == PRUNED}
        state.files, state.skipped, state.facts = {}, {}, kept
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
    if pruned := prune_up_to(state.generation):
        state.forgotten = {path: at for path, at in state.forgotten.items() if at > pruned}
        state.facts[PRUNED] = str(pruned)
