"""One immutable file of named arrays; `docs/reference/flat-index.md` describes every byte.

Each array has a checksum. A writer can also request checksums for blocks of rows. They are read
only when the checksum of the array does not match, so a damaged byte costs only the rows that
contain it, and an intact file opens as fast as without them.
"""

from __future__ import annotations

import math
import mmap
import os
import struct
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgpack
import numpy as np
import numpy.typing as npt

from codekin import whole_files
from codekin.errors import IndexNewerError

FORMAT_VERSION = 3
ALIGNMENT = 64
PREAMBLE = struct.Struct("<4sHHII")  # magic, version, zero, header bytes, crc32 of the header
_MAGIC = b"CKSG"
_READ_BELOW_BYTES = 262_144
"""Smaller files are read instead of mapped.

A map keeps a file descriptor open, and on Windows prevents the file from being deleted.
"""

_DERIVED = "signs"
"""Arrays whose names begin so follow from others; one that is damaged is left out."""

_CHECKED_BYTES = 32_000_000
"""Bytes that are checked at a time; then the process gives their pages back."""

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
    intact: bool = True
    """Whether no checksum differed."""
    mapped: mmap.mmap | None = field(default=None, compare=False, repr=False)

    def forget_pages(self) -> None:
        """Take the pages that were read out of the memory of this process.

        They stay in the cache of the system, from which later reads take them.
        """
        forget_pages(self.mapped)


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
    sums = {name: _running_sums(buffers[name], rows) for name, rows in checked.items() if name in buffers}
    buffers.update({sums_of(name): array for name, array in sums.items()})
    described: dict[str, Any] = {}
    offset = 0
    for name, array in buffers.items():
        # The last running sum covers the whole array.
        crc = int(sums[name][-1]) if name in sums and len(sums[name]) else zlib.crc32(bytes_of(array))
        described[name] = describe(array.dtype, array.shape, offset, crc, checked[name] if name in sums else None)
        offset = aligned(offset + array.nbytes)
    header = msgpack.packb({**fields, "arrays": described})
    start = aligned(PREAMBLE.size + len(header))

    def write(file: BinaryIO) -> None:
        file.write(preamble_of(header) + header)
        for name, array in buffers.items():
            file.seek(start + described[name]["offset"])
            file.write(bytes_of(array))
        file.truncate(start + offset)

    whole_files.write_whole(path, write, durable=durable)


def open_segment(path: Path, *, verify: bool = True) -> Segment:
    """Open a segment and verify every checksum, or only that of the header.

    Raises CorruptError, FileNotFoundError, and IndexNewerError for a newer format.
    """
    data = _read(path)
    header = _header(data, path)
    fields = msgpack.unpackb(header)
    start = aligned(PREAMBLE.size + len(header))
    entries: Mapping[str, Mapping[str, Any]] = fields.pop("arrays")
    arrays: dict[str, Array] = {}
    damaged, intact = no_rows(), True
    for name, entry in entries.items():
        array = _view(data, start, entry, path.name)
        if verify and _checksum(bytes_of(array), data) != entry["crc32"]:
            intact = False
            if name.endswith(sums_of("")) or name.startswith(_DERIVED):
                continue  # The rows may be intact; their own checksum decides.
            sums = _sums(data, start, entries.get(sums_of(name)), path.name)
            damaged = np.union1d(damaged, _damaged_rows(array, sums, entry, path.name)).astype(np.int32)
        arrays[name] = array
    if len(damaged):
        arrays["keys"] = _kept_ascending(arrays["keys"], damaged)
    known = {name: array for name, array in arrays.items() if name in entries}
    return Segment(path.name, fields, known, damaged, intact, data if isinstance(data, mmap.mmap) else None)


def describe(dtype: np.dtype[Any], shape: Sequence[int], offset: int, crc: int, sum_rows: int | None) -> dict[str, Any]:
    """Return the header's entry of an array."""
    described = {
        "dtype": dtype.newbyteorder("<").str,
        "shape": list(shape),
        "offset": offset,
        "bytes": math.prod(shape) * dtype.itemsize,
        "crc32": crc,
    }
    return described if sum_rows is None else {**described, "sum_rows": sum_rows}


def preamble_of(header: bytes) -> bytes:
    """Return the bytes before the header of a segment."""
    return PREAMBLE.pack(_MAGIC, FORMAT_VERSION, 0, len(header), zlib.crc32(header))


def forget_pages(data: bytes | mmap.mmap | None) -> None:
    """Take the pages of a map that were read out of the memory of this process."""
    if sys.platform != "win32" and isinstance(data, mmap.mmap):
        data.madvise(mmap.MADV_DONTNEED)


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


def is_readable(version: int) -> bool:
    """Return whether this version of codekin reads a format; writers use the newest."""
    return 1 <= version <= FORMAT_VERSION


def newer(place: str, version: int) -> IndexNewerError:
    """Return the error for a file in a newer format, which is left unchanged."""
    return IndexNewerError(
        f"{place} was written by a newer version of codekin (format {version}; this one reads up to format {FORMAT_VERSION}). "
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
    if magic != _MAGIC or not is_readable(version) or zlib.crc32(header) != crc:
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


def _checksum(content: memoryview, data: bytes | mmap.mmap) -> int:
    """Return the crc32 of the bytes of an array in `data`, with few of its pages in memory."""
    crc = 0
    for at in range(0, len(content), _CHECKED_BYTES):
        crc = zlib.crc32(content[at : at + _CHECKED_BYTES], crc)
        if len(content) > _CHECKED_BYTES:
            forget_pages(data)
    return crc


def _sums(data: bytes | mmap.mmap, start: int, entry: Mapping[str, Any] | None, name: str) -> npt.NDArray[np.uint32]:
    """Return the block checksums of a damaged array.

    Raises CorruptError if there are none, or they are damaged too: then the whole array is lost.
    """
    if entry is None:
        raise CorruptError(f"{name} has a corrupt array")
    sums = _view(data, start, entry, name)
    if zlib.crc32(bytes_of(sums)) != entry["crc32"]:
        raise CorruptError(f"{name} has a corrupt array")
    return sums


def _damaged_rows(array: Array, sums: npt.NDArray[np.uint32], entry: Mapping[str, Any], name: str) -> list[int]:
    rows, step = entry["sum_rows"], block_bytes(array, entry["sum_rows"])
    data = bytes_of(array)
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
    data, step = bytes_of(array), block_bytes(array, rows)
    sums = np.empty(-(-len(data) // step), "<u4")
    crc = 0
    for number, at in enumerate(range(0, len(data), step)):
        crc = zlib.crc32(data[at : at + step], crc)
        sums[number] = crc
    return sums


def block_bytes(array: Array, rows: int) -> int:
    """Return the number of bytes that share a checksum."""
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


def bytes_of(array: Array) -> memoryview:
    """Return the bytes of a contiguous array."""
    return array.data.cast("B") if array.nbytes else memoryview(b"")


def sums_of(name: str) -> str:
    """Return the name of the array of the checksums of another one."""
    return f"{name}.sums"


def aligned(offset: int) -> int:
    """Return the offset at or after this one at which an array may begin."""
    return -(-offset // ALIGNMENT) * ALIGNMENT
