"""One immutable file of named arrays; `docs/reference/flat-index.md` describes every byte.

Each array has a checksum. A writer can also request checksums for blocks of rows. They are read
only when the checksum of the array does not match, so a damaged byte costs only the rows that
contain it, and an intact file opens as fast as without them.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgpack
import numpy as np
import numpy.typing as npt

from codekin import whole_files
from codekin.errors import IndexNewerError

FORMAT_VERSION = 1
ALIGNMENT = 64
PREAMBLE = struct.Struct("<4sHHII")  # magic, version, zero, header bytes, crc32 of the header
_MAGIC = b"CKSG"
_READ_BELOW_BYTES = 262_144
"""Smaller files are read instead of mapped.

A map keeps a file descriptor open, and on Windows prevents the file from being deleted.
"""

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int32]


class CorruptError(Exception):
    """The content of a file does not match its checksums; never leaves this package."""


def no_rows() -> Rows:
    """Return an empty array of row numbers."""
    return np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class Segment:
    """Read-only arrays, viewed in place.

    `fields` are the writer's own header entries. `damaged` are the rows, ascending, whose bytes do
    not match their checksum. The key of a damaged row repeats the key before it, so that keys stay
    ascending.
    """

    name: str
    fields: Mapping[str, Any]
    arrays: Mapping[str, Array]
    damaged: Rows = field(default_factory=no_rows)


def write_segment(
    path: Path,
    fields: Mapping[str, Any],
    arrays: Mapping[str, Array],
    *,
    checked_rows: Mapping[str, int] | None = None,
    durable: bool = True,
) -> None:
    """Write the arrays atomically: either the whole file exists or none of it.

    `checked_rows` gives, by array, how many rows share a checksum. Raises OSError.
    """
    checked = checked_rows or {}
    buffers = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    sums = {name: _running_sums(buffers[name], rows) for name, rows in checked.items()}
    buffers.update({_sums_of(name): array for name, array in sums.items()})
    described: dict[str, Any] = {}
    offset = 0
    for name, array in buffers.items():
        # The last running sum covers the whole array.
        crc = int(sums[name][-1]) if name in sums and len(sums[name]) else zlib.crc32(_bytes_of(array))
        described[name] = {
            "dtype": array.dtype.newbyteorder("<").str,
            "shape": list(array.shape),
            "offset": offset,
            "bytes": array.nbytes,
            "crc32": crc,
        }
        if name in sums:
            described[name]["sum_rows"] = checked[name]
        offset = _aligned(offset + array.nbytes)
    header = msgpack.packb({**fields, "arrays": described})
    preamble = PREAMBLE.pack(_MAGIC, FORMAT_VERSION, 0, len(header), zlib.crc32(header))
    start = _aligned(PREAMBLE.size + len(header))

    def write(file: BinaryIO) -> None:
        file.write(preamble + header)
        for name, array in buffers.items():
            file.seek(start + described[name]["offset"])
            file.write(_bytes_of(array))
        file.truncate(start + offset)

    whole_files.write_whole(path, write, durable=durable)


def open_segment(path: Path) -> Segment:
    """Open a segment and verify every checksum.

    Raises CorruptError, FileNotFoundError, and IndexNewerError for a newer format.
    """
    data = _read(path)
    header = _header(data, path)
    fields = msgpack.unpackb(header)
    start = _aligned(PREAMBLE.size + len(header))
    entries: Mapping[str, Mapping[str, Any]] = fields.pop("arrays")
    arrays: dict[str, Array] = {}
    damaged = no_rows()
    for name, entry in entries.items():
        array = _view(data, start, entry, path.name)
        if zlib.crc32(_bytes_of(array)) != entry["crc32"]:
            if name.endswith(_sums_of("")):
                continue  # The rows may be intact; their own checksum decides.
            sums = _sums(data, start, entries.get(_sums_of(name)), path.name)
            damaged = np.union1d(damaged, _damaged_rows(array, sums, entry, path.name)).astype(np.int32)
        arrays[name] = array
    if len(damaged):
        arrays["keys"] = _kept_ascending(arrays["keys"], damaged)
    return Segment(path.name, fields, {name: array for name, array in arrays.items() if name in entries}, damaged)


def memory_segment(name: str, fields: Mapping[str, Any], arrays: Mapping[str, Array]) -> Segment:
    """Return a segment that exists in memory only."""
    return Segment(name, dict(fields), dict(arrays))


def format_of(path: Path) -> int:
    """Return the format version in the file's header, or 0 if it is not a segment or a manifest.

    Raises OSError.
    """
    with path.open("rb") as file:
        head = file.read(PREAMBLE.size)
    return int(PREAMBLE.unpack(head)[1]) if len(head) == PREAMBLE.size and head[:4] == _MAGIC else 0


def newer(place: str, version: int) -> IndexNewerError:
    """Return the error for a file in a newer format, which is left unchanged."""
    return IndexNewerError(
        f"{place} was written by a newer version of codekin (format {version}; this one reads format {FORMAT_VERSION}). "
        "The file was not changed. To fix: upgrade codekin, or delete the index directory to rebuild the index."
    )


def _read(path: Path) -> bytes | mmap.mmap:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < PREAMBLE.size:
            raise CorruptError(f"{path.name} is truncated")
        return file.read() if size < _READ_BELOW_BYTES else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _header(data: bytes | mmap.mmap, path: Path) -> bytes:
    magic, version, _, length, crc = PREAMBLE.unpack_from(data)
    if magic == _MAGIC and version > FORMAT_VERSION:
        raise newer(str(path), version)
    header = data[PREAMBLE.size : PREAMBLE.size + length]
    if magic != _MAGIC or version != FORMAT_VERSION or zlib.crc32(header) != crc:
        raise CorruptError(f"{path.name} has a corrupt header")
    return header


def _view(data: bytes | mmap.mmap, start: int, entry: Mapping[str, Any], name: str) -> Array:
    offset, length = start + entry["offset"], entry["bytes"]
    if offset + length > len(data):
        raise CorruptError(f"{name} is truncated")
    dtype = np.dtype(entry["dtype"])
    array: Array = np.frombuffer(data, dtype=dtype, count=length // dtype.itemsize, offset=offset)
    shaped: Array = array.reshape(entry["shape"])
    return shaped


def _sums(data: bytes | mmap.mmap, start: int, entry: Mapping[str, Any] | None, name: str) -> npt.NDArray[np.uint32]:
    """Return the block checksums of a damaged array.

    Raises CorruptError if there are none, or they are damaged too: then the whole array is lost.
    """
    if entry is None:
        raise CorruptError(f"{name} has a corrupt array")
    sums = _view(data, start, entry, name)
    if zlib.crc32(_bytes_of(sums)) != entry["crc32"]:
        raise CorruptError(f"{name} has a corrupt array")
    return sums


def _damaged_rows(array: Array, sums: npt.NDArray[np.uint32], entry: Mapping[str, Any], name: str) -> list[int]:
    rows, step = entry["sum_rows"], _block_bytes(array, entry["sum_rows"])
    data = _bytes_of(array)
    before = [0, *sums.tolist()]
    if len(sums) != -(-len(data) // step):
        raise CorruptError(f"{name} has a corrupt array")
    blocks = [
        number
        for number in range(len(sums))
        if zlib.crc32(data[number * step : (number + 1) * step], before[number]) != before[number + 1]
    ]
    return [row for block in blocks for row in range(block * rows, min((block + 1) * rows, len(array)))]


def _running_sums(array: Array, rows: int) -> npt.NDArray[np.uint32]:
    """Return the crc32 of the array up to the end of each block.

    Any block can be checked with the sum before it.
    """
    data, step = _bytes_of(array), _block_bytes(array, rows)
    sums = np.empty(-(-len(data) // step), "<u4")
    crc = 0
    for number, at in enumerate(range(0, len(data), step)):
        crc = zlib.crc32(data[at : at + step], crc)
        sums[number] = crc
    return sums


def _block_bytes(array: Array, rows: int) -> int:
    return max(1, rows * (array.nbytes // max(1, len(array))))


def _kept_ascending(keys: Array, damaged: Rows) -> Array:
    """Return the keys with those of damaged rows replaced by the last intact key before them.

    Before the first intact key the replacement is -1, which is no valid key.
    """
    good = np.ones(len(keys), np.bool_)
    good[damaged] = False
    latest = np.maximum.accumulate(np.where(good, np.arange(len(keys)), -1))
    repaired: Array = np.where(latest >= 0, keys[np.maximum(latest, 0)], -1)
    return repaired


def _bytes_of(array: Array) -> memoryview:
    return array.data.cast("B") if array.nbytes else memoryview(b"")


def _sums_of(name: str) -> str:
    return f"{name}.sums"


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT
