"""Which records may define a name, by the checksum of the name: a lookup reads no other names."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_PER_BUCKET = 4
"""Records in a bucket, on average; each is looked at when a name is looked up."""
_LEAST_BITS = 8
_SHIFT = np.uint64(32)
_RECORD = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class NameTable:
    """The records of bucket i, ascending, are `records[first[i]:first[i + 1]]`.

    The number of buckets is a power of two. A name is in the bucket that the lowest bits of its
    crc32 number.
    """

    first: npt.NDArray[np.uint32]
    records: npt.NDArray[np.int32]

    def candidates(self, name: bytes) -> list[int]:
        """Return the records that may define a name, ascending; all that do are among them."""
        bucket = zlib.crc32(name) & (len(self.first) - 2)
        found: list[int] = self.records[int(self.first[bucket]) : int(self.first[bucket + 1])].tolist()
        return found


def name_table(names: Iterable[bytes]) -> NameTable:
    """Return the table of the names of records, each in the form of `PackedNodes.names`."""
    sums: list[npt.NDArray[np.uint32]] = [np.empty(0, np.uint32)]
    counts: list[int] = []
    for of_record in names:
        own = list(map(zlib.crc32, of_record.split(b"\n")[1:-1]))
        sums.append(np.array(own, np.uint32))
        counts.append(len(own))
    checksums = np.concatenate(sums)
    bits = max(_LEAST_BITS, (len(checksums) // _PER_BUCKET).bit_length())
    # Bucket and record are sorted as one number.
    pairs = (checksums & np.uint32((1 << bits) - 1)).astype(np.uint64) << _SHIFT
    pairs |= np.repeat(np.arange(len(counts), dtype=np.uint64), counts)
    pairs = np.unique(pairs)
    first = np.searchsorted(pairs, np.arange((1 << bits) + 1, dtype=np.uint64) << _SHIFT)
    return NameTable(first.astype(np.uint32), (pairs & _RECORD).astype(np.int32))
