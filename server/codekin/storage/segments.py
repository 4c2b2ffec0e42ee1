"""Immutable files of named arrays, and a manifest that says which of them count. `docs/flat-index.md` gives every byte.

A commit writes new segments under temporary names, renames them, then replaces the manifest the same way: whatever moment
a process is killed at, the last manifest and all it names are whole.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import numpy.typing as npt

from codekin.errors import IndexUnavailableError

FORMAT_VERSION = 1
ALIGNMENT = 64
_SEGMENT_MAGIC = b"CKSG"
_MANIFEST_MAGIC = b"CKMF"
_PREAMBLE = struct.Struct("<4sHHII")  # magic, version, zero, header bytes, crc32 of the header
_MANIFEST = "MANIFEST"
_PARTIAL = ".partial"
_RACES = 20

Array = npt.NDArray[Any]


class CorruptError(Exception):
    """A file is not what was written; never leaves this package."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Read-only arrays, viewed in place. `fields` are the writer's own header entries."""

    name: str
    fields: Mapping[str, Any]
    arrays: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Live:
    """A segment that counts, but for its rows in `deleted` (ascending int32)."""

    segment: Segment
    deleted: npt.NDArray[np.int32]


def write_segment(path: Path, fields: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Whole or not at all: written under another name, synced, renamed."""
    described: dict[str, Any] = {}
    offset = 0
    buffers = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in buffers.items():
        described[name] = {
            "dtype": array.dtype.newbyteorder("<").str,
            "shape": list(array.shape),
            "offset": offset,
            "bytes": array.nbytes,
            "crc32": zlib.crc32(array.data.cast("B") if array.nbytes else b""),
        }
        offset = _aligned(offset + array.nbytes)
    header = msgpack.packb({**fields, "arrays": described})
    start = _aligned(_PREAMBLE.size + len(header))
    partial = path.with_name(f"{path.name}.{os.getpid()}{_PARTIAL}")
    with partial.open("wb") as file:
        file.write(_PREAMBLE.pack(_SEGMENT_MAGIC, FORMAT_VERSION, 0, len(header), zlib.crc32(header)))
        file.write(header)
        for name, array in buffers.items():
            file.seek(start + described[name]["offset"])
            if array.nbytes:
                file.write(array.data.cast("B"))
        file.truncate(start + offset)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def open_segment(path: Path) -> Segment:
    """Maps a segment and checks every checksum. Raises CorruptError, FileNotFoundError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _PREAMBLE.size:
            raise CorruptError(f"{path.name} is cut off")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, version, _, header_bytes, crc = _PREAMBLE.unpack_from(mapped)
    if magic != _SEGMENT_MAGIC or version != FORMAT_VERSION:
        raise CorruptError(f"{path.name} is no segment of version {FORMAT_VERSION}")
    raw = mapped[_PREAMBLE.size : _PREAMBLE.size + header_bytes]
    if zlib.crc32(raw) != crc:
        raise CorruptError(f"{path.name} has a damaged header")
    fields = msgpack.unpackb(raw)
    start = _aligned(_PREAMBLE.size + header_bytes)
    arrays = {name: _view(mapped, start, entry, path.name) for name, entry in fields.pop("arrays").items()}
    return Segment(path.name, fields, arrays)


def memory_segment(name: str, fields: Mapping[str, Any], arrays: Mapping[str, Array]) -> Segment:
    """The same, never written."""
    return Segment(name, dict(fields), dict(arrays))


def _view(mapped: mmap.mmap, start: int, entry: Mapping[str, Any], name: str) -> Array:
    offset, length = start + entry["offset"], entry["bytes"]
    if offset + length > len(mapped):
        raise CorruptError(f"{name} is cut off")
    array: Array = np.frombuffer(
        mapped, dtype=entry["dtype"], count=length // np.dtype(entry["dtype"]).itemsize, offset=offset
    )
    if zlib.crc32(array.data.cast("B") if length else b"") != entry["crc32"]:
        raise CorruptError(f"{name} has a damaged array")
    shaped: Array = array.reshape(entry["shape"])
    return shaped


class SegmentDirectory:
    """The live segments of one directory, oldest first. One process writes; others call `refresh`."""

    def __init__(self, directory: Path, kind: str, *, writable: bool) -> None:
        self._directory = directory
        self._kind = kind
        self._writable = writable
        self._stamp: tuple[int, int, int] | None = None
        self._opened: dict[str, Segment] = {}
        self.generation = 0
        self.live: tuple[Live, ...] = ()
        self.problems: tuple[str, ...] = ()
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise IndexUnavailableError(f"{directory} cannot be created: {error.strerror}.") from error
        self._load()
        if writable:
            self._sweep_orphans()

    def commit(
        self,
        add: Sequence[tuple[Mapping[str, Any], Mapping[str, Array]]] = (),
        drop: Sequence[str] = (),
        deleted: Mapping[str, npt.NDArray[np.int32]] | None = None,
    ) -> None:
        """Adds segments, drops segments and sets the deleted rows of others, all at once. Raises IndexUnavailableError."""
        if not self._writable:
            raise IndexUnavailableError(f"{self._directory} was opened for reading.")
        try:
            added = [self._write(number, fields, arrays) for number, (fields, arrays) in enumerate(add)]
            kept = [
                Live(item.segment, (deleted or {}).get(item.segment.name, item.deleted))
                for item in self.live
                if item.segment.name not in drop
            ]
            live = (*kept, *(Live(segment, np.empty(0, np.int32)) for segment in added))
            self._write_manifest(live)
        except OSError as error:
            raise IndexUnavailableError(f"{self._directory} cannot be written: {error.strerror}.") from error
        self.generation += 1
        self.live = live
        self._opened = {item.segment.name: item.segment for item in live}
        for name in drop:
            # Other processes may still map it: on Windows that forbids this, and the next writer sweeps.
            with suppress(OSError):
                (self._directory / name).unlink()

    def refresh(self) -> bool:
        """Takes up what another process committed; True if there was anything."""
        return self._stamp_now() != self._stamp and self._load()

    def close(self) -> None:
        """Lets go of all maps; arrays handed out stay valid."""
        self.live = ()
        self._opened = {}

    def _write(self, number: int, fields: Mapping[str, Any], arrays: Mapping[str, Array]) -> Segment:
        name = f"{self.generation + 1:010d}-{number}.segment"
        path = self._directory / name
        write_segment(path, {"kind": self._kind, "generation": self.generation + 1, **fields}, arrays)
        return open_segment(path)

    def _write_manifest(self, live: Sequence[Live]) -> None:
        payload = msgpack.packb(
            {
                "kind": self._kind,
                "generation": self.generation + 1,
                "segments": [
                    {"name": item.segment.name, "deleted": item.deleted.astype("<i4").tobytes()} for item in live
                ],
            }
        )
        partial = self._directory / f"{_MANIFEST}.{os.getpid()}{_PARTIAL}"
        with partial.open("wb") as file:
            file.write(_PREAMBLE.pack(_MANIFEST_MAGIC, FORMAT_VERSION, 0, len(payload), zlib.crc32(payload)))
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._directory / _MANIFEST)
        self._stamp = self._stamp_now()

    def _load(self) -> bool:
        for _ in range(_RACES):
            stamp = self._stamp_now()
            manifest = self._read_manifest()
            try:
                live, problems = self._open_all(manifest)
            except FileNotFoundError:
                if self._stamp_now() == stamp:
                    raise IndexUnavailableError(f"{self._directory} changes faster than it can be read.") from None
                continue  # the writer merged segments between our two looks
            changed = bool(manifest.get("generation", 0) != self.generation)
            self._stamp, self.live, self.generation = stamp, live, manifest.get("generation", 0)
            self.problems = problems
            self._opened = {item.segment.name: item.segment for item in live}
            return changed
        raise IndexUnavailableError(f"{self._directory} changes faster than it can be read.")

    def _open_all(self, manifest: Mapping[str, Any]) -> tuple[tuple[Live, ...], tuple[str, ...]]:
        live: list[Live] = []
        problems: list[str] = []
        stamp = self._stamp_now()
        for entry in manifest.get("segments", ()):
            name = entry["name"]
            try:
                segment = self._opened.get(name) or open_segment(self._directory / name)
            except FileNotFoundError:
                if self._stamp_now() != stamp:
                    raise
                problems.append(f"{self._kind}: {name} is missing; what it held is made again")
            except (CorruptError, ValueError, KeyError, TypeError, msgpack.UnpackException) as error:
                problems.append(f"{self._kind}: {error}; what it held is made again")
            else:
                live.append(Live(segment, np.frombuffer(entry["deleted"], dtype="<i4")))
        return tuple(live), tuple(problems)

    def _read_manifest(self) -> Mapping[str, Any]:
        try:
            data = (self._directory / _MANIFEST).read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise IndexUnavailableError(f"{self._directory} cannot be read: {error.strerror}.") from error
        payload = data[_PREAMBLE.size :]
        head = _PREAMBLE.unpack_from(data) if len(data) >= _PREAMBLE.size else None
        if head and head[:2] == (_MANIFEST_MAGIC, FORMAT_VERSION) and zlib.crc32(payload) == head[4]:
            manifest: Mapping[str, Any] = msgpack.unpackb(payload)
            return manifest
        return self._rebuilt_manifest()

    def _rebuilt_manifest(self) -> Mapping[str, Any]:
        """Without a readable manifest, every segment counts; rows that were deleted come back and are swept later."""
        names = sorted(path.name for path in self._directory.glob("*.segment"))
        generation = max((int(name.split("-", 1)[0]) for name in names), default=0)
        return {"generation": generation, "segments": [{"name": name, "deleted": b""} for name in names]}

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = (self._directory / _MANIFEST).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _sweep_orphans(self) -> None:
        named = {item.segment.name for item in self.live}
        for path in self._directory.iterdir():
            if path.name.endswith(_PARTIAL) or (path.suffix == ".segment" and path.name not in named):
                with suppress(OSError):
                    path.unlink()


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT
