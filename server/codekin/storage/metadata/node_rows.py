"""The nodes of a file as SQLite has them: one value, most of which is compressed if it is long.

    crc32 of the rest, from 1 (4), nodes n (4), bytes of names (4), bytes of compressed names (4)
    content keys (8 n), kinds (n), names as a raw DEFLATE stream, `NodeParts.rest`

A short value is `PackedNodes.data`, in which the fourth number is zero. Schema 3 had no others. It
takes no compressed value for one of its own, because the checksum begins from another number.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from codekin.domain.values import Node
from codekin.storage.metadata.packed_records import NodeParts, PackedNodes, deflated, inflated, pack_nodes

_HEAD = struct.Struct("<IIII")
_CHECKED_FROM = 4
_FIRST_SUM = 1
_SHORT_BYTES = 512
"""The nodes of half of the files are shorter, and take 3% of the bytes of all."""


def to_row(nodes: Sequence[Node]) -> bytes:
    """Return nodes as they are stored."""
    packed = pack_nodes(nodes)
    if len(packed.data) < _SHORT_BYTES:
        return packed.data
    parts = packed.parts
    names = deflated(parts.names)
    numbers = struct.pack("<III", len(parts.kinds), len(parts.names), len(names))
    body = b"".join((numbers, parts.keys, parts.kinds, names, parts.rest))
    return struct.pack("<I", zlib.crc32(body, _FIRST_SUM)) + body


def from_row(data: bytes) -> PackedNodes:
    """Return stored nodes. Raises ValueError for bytes that `to_row` did not write."""
    if len(data) < _HEAD.size:
        raise ValueError("nodes are truncated")
    crc, length, names_bytes, deflated_bytes = _HEAD.unpack_from(data)
    if not deflated_bytes:
        return PackedNodes(data)
    if zlib.crc32(memoryview(data)[_CHECKED_FROM:], _FIRST_SUM) != crc:
        raise ValueError("nodes do not match their checksum")
    kinds = _HEAD.size + 8 * length
    names = kinds + length
    rest = names + deflated_bytes
    parts = NodeParts(data[_HEAD.size : kinds], data[kinds:names], inflated(data[names:rest]), data[rest:])
    if len(parts.names) != names_bytes:
        raise ValueError("names of nodes are truncated")
    return PackedNodes(parts.data())
