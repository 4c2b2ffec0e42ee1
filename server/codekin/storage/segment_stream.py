"""Writing a segment whose arrays never are in memory as a whole.

Merged segments may be larger than the memory of the machine. Their long arrays arrive as blocks of
rows, several arrays at a time; short ones are known when all blocks have been written.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgpack
import numpy as np
import numpy.typing as npt

from codekin import whole_files
from codekin.storage.segment_file import (
    ALIGNMENT,
    PREAMBLE,
    Array,
    aligned,
    block_bytes,
    bytes_of,
    describe,
    preamble_of,
    sums_of,
)

_LARGEST = 2**32 - 1
_SPARE_BYTES = 4_096
"""Space for the entries of the short arrays in the header, whose number and size are not known."""


@dataclass(frozen=True, slots=True)
class Column:
    """Type and shape of an array that arrives as blocks of rows.

    Only the last one of a segment may have another number of rows than its shape says.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Streamed:
    """The arrays of a segment as they are computed.

    Each of `blocks` has the next rows of all `columns`. `rest` returns the other arrays after the
    last block.
    """

    columns: Mapping[str, Column]
    blocks: Iterator[Mapping[str, Array]]
    rest: Callable[[], Mapping[str, Array]]


def write_streamed(
    path: Path,
    fields: Mapping[str, Any],
    streamed: Streamed,
    *,
    checked_rows: Mapping[str, int] | None = None,
    durable: bool = True,
) -> None:
    """Write a segment atomically, as `write_segment` does. Raises OSError."""
    writer = _Writer(fields, streamed, checked_rows or {})
    whole_files.write_whole(path, writer.write, durable=durable)


class _Writer:
    """Writes blocks at the places of their arrays, and the header when all sums are known."""

    def __init__(self, fields: Mapping[str, Any], streamed: Streamed, checked: Mapping[str, int]) -> None:
        self._fields = fields
        self._streamed = streamed
        self._checked = checked
        self._offset = 0
        self._described: dict[str, Any] = {}
        self._sums: dict[str, _RunningSum] = {}
        for name, column in streamed.columns.items():
            self._describe(name, column.dtype, column.shape, _LARGEST)
            step = _step(column, checked[name]) if name in checked else None
            self._sums[name] = _RunningSum(step)
        self._start = aligned(PREAMBLE.size + len(self._header()) + _SPARE_BYTES)

    def write(self, file: BinaryIO) -> None:
        places = {name: self._start + item["offset"] for name, item in self._described.items()}
        for block in self._streamed.blocks:
            for name, rows in block.items():
                data = bytes_of(np.ascontiguousarray(rows))
                file.seek(places[name])
                file.write(data)
                places[name] += len(data)
                self._sums[name].add(data)
        for name, item in self._sums.items():
            self._describe_written(name, places[name], item.crc)
            self._offset = aligned(places[name] - self._start)
        for name, other in self._others().items():
            contiguous = np.ascontiguousarray(other)
            file.seek(self._start + self._offset)
            file.write(bytes_of(contiguous))
            self._describe(name, other.dtype, other.shape, zlib.crc32(bytes_of(contiguous)))
        file.truncate(self._start + self._offset)
        header = padded_header(self._header(), self._start)
        file.seek(0)
        file.write(preamble_of(header) + header)

    def _describe_written(self, name: str, end: int, crc: int) -> None:
        entry, column = self._described[name], self._streamed.columns[name]
        written = end - self._start - entry["offset"]
        row_bytes = _step(column, 1)
        shape = (written // row_bytes, *column.shape[1:])
        entry.update(describe(column.dtype, shape, entry["offset"], crc, self._checked.get(name)))

    def _others(self) -> dict[str, Array]:
        """Return the short arrays, and the checksums of the blocks of all that are checked."""
        rest = dict(self._streamed.rest())
        sums = {sums_of(name): item.sums for name, item in self._sums.items() if name in self._checked}
        for name in self._checked.keys() & rest.keys():
            other = np.ascontiguousarray(rest[name])
            running = _RunningSum(block_bytes(other, self._checked[name]))
            running.add(bytes_of(other))
            sums[sums_of(name)] = running.sums
        return {**rest, **sums}

    def _describe(self, name: str, dtype: np.dtype[Any], shape: tuple[int, ...], crc: int) -> None:
        entry = describe(dtype, shape, self._offset, crc, self._checked.get(name))
        self._described[name] = entry
        self._offset = aligned(self._offset + entry["bytes"])

    def _header(self) -> bytes:
        header: bytes = msgpack.packb({**self._fields, "arrays": self._described})
        return header


def padded_header(header: bytes, start: int) -> bytes:
    """Return the header of a file whose arrays begin at `start`, made longer if it is too short."""
    fields = msgpack.unpackb(header)
    missing = start - PREAMBLE.size - len(header)
    if missing < 0:
        raise ValueError("the header of the segment is longer than the space for it")
    if missing < ALIGNMENT:
        return header
    # The entry itself takes 11 bytes: its name, and the kind and length of its value.
    padded: bytes = msgpack.packb({"padding": bytes(missing - ALIGNMENT // 2), **fields})
    return padded


class _RunningSum:
    """The crc32 of an array so far, and what it was at the end of each block of `step` bytes."""

    def __init__(self, step: int | None) -> None:
        self.crc = 0
        self._step = step
        self._sums = array("I")

    def add(self, data: memoryview) -> None:
        """Add the next bytes; their number is a multiple of the step, except at the end."""
        if self._step is None:
            self.crc = zlib.crc32(data, self.crc)
            return
        for at in range(0, len(data), self._step):
            self.crc = zlib.crc32(data[at : at + self._step], self.crc)
            self._sums.append(self.crc)

    @property
    def sums(self) -> npt.NDArray[np.uint32]:
        """The sums, one for each block."""
        return np.frombuffer(self._sums, np.uint32).astype("<u4")


def _step(column: Column, rows: int) -> int:
    row_bytes = int(np.prod(column.shape[1:], dtype=np.int64)) * column.dtype.itemsize
    return max(1, rows * row_bytes)
