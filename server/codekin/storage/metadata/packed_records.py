"""The binary form of file records: the nodes of a file as one byte string, decoded on access.

    crc32 of the rest (4), nodes n (4), bytes of names (4), zero (4)
    content keys (8 n), ends (4 n), kinds (n), names, nodes

Numbers are little-endian. Kinds are positions in `KINDS`. Names are those of all definitions, lower
case, in UTF-8, without duplicates, with a line break before each and after the last. For a
qualified name, its last part is listed too. A node is a msgpack list of start, end, symbol, symbol
kind and definitions. Its end offset counts from the start of the first node.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, overload

import msgpack
import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys
from codekin.domain.values import Chunk, Definition, FileRecord, Node, NodeKind
from codekin.domain.words import bare_name

KINDS = tuple(NodeKind)
_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
_HEAD = struct.Struct("<IIII")
_NUMBER_4, _NUMBER_8 = struct.Struct("<I"), struct.Struct("<q")
_CHECKED_FROM = 4
_RAW = -zlib.MAX_WBITS
_FASTEST = 1
"""Level 6 makes nodes 7% smaller, and takes half as long again."""
_KELVIN = "\N{KELVIN SIGN}".encode()
"""The only character outside ASCII whose lower case is in ASCII."""


class PackedNodes(Sequence[Node]):
    """A sequence equal to the tuple of its nodes, which are decoded on access.

    A node takes about a hundred bytes.
    """

    __slots__ = ("_deflated", "_length", "_names", "data")

    def __init__(self, data: bytes) -> None:
        """Raise ValueError for bytes that `pack_nodes` did not write."""
        if len(data) < _HEAD.size:
            raise ValueError("nodes are truncated")
        crc, length, names, _ = _HEAD.unpack_from(data)
        if zlib.crc32(memoryview(data)[_CHECKED_FROM:]) != crc:
            raise ValueError("nodes do not match their checksum")
        self._length: int = length
        self._names = _HEAD.size + 13 * length, _HEAD.size + 13 * length + names
        self._deflated = b""
        self.data = data

    @property
    def keys(self) -> Keys:
        """Content keys, int64 (n,)."""
        return np.frombuffer(self.data, "<i8", self._length, _HEAD.size)

    @property
    def key_bytes(self) -> bytes:
        """The keys as bytes: those of many files are joined faster than arrays."""
        return self.data[_HEAD.size : _HEAD.size + 8 * self._length]

    @property
    def kinds(self) -> npt.NDArray[np.uint8]:
        """Positions in `KINDS`, uint8 (n,)."""
        return np.frombuffer(self.data, np.uint8, self._length, _HEAD.size + 12 * self._length)

    @property
    def kind_bytes(self) -> bytes:
        """The kinds as bytes."""
        return self.data[_HEAD.size + 12 * self._length : _HEAD.size + 13 * self._length]

    @property
    def names(self) -> bytes:
        """Names of the definitions, lower case, each between line breaks; empty for none."""
        return self.data[slice(*self._names)]

    @property
    def parts(self) -> NodeParts:
        """The parts that are stored; the compressed one is kept, because several files have it."""
        if not self._deflated:
            ends, kinds = _HEAD.size + 8 * self._length, _HEAD.size + 12 * self._length
            rest = self.data[:_CHECKED_FROM] + self.data[ends:kinds] + self.data[self._names[1] :]
            self._deflated = deflated(rest)
        return NodeParts(self.key_bytes, self.kind_bytes, self.names, self._deflated)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Node: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Node, ...]: ...
    def __getitem__(self, place: int | slice) -> Node | tuple[Node, ...]:
        if isinstance(place, slice):
            return tuple(self)[place]
        at, data, first = range(self._length)[place], self.data, self._names[1]
        ends, kinds = _HEAD.size + 8 * self._length, _HEAD.size + 12 * self._length
        # Numbers are read one by one because creating an array costs more than decoding a node.
        start = _NUMBER_4.unpack_from(data, ends + 4 * at - 4)[0] if at else 0
        row = data[first + start : first + _NUMBER_4.unpack_from(data, ends + 4 * at)[0]]
        key = _NUMBER_8.unpack_from(data, _HEAD.size + 8 * at)[0]
        return _node(key, data[kinds + at], msgpack.unpackb(row, unicode_errors="surrogatepass"))

    def __iter__(self) -> Iterator[Node]:
        rows = msgpack.Unpacker(unicode_errors="surrogatepass")
        rows.feed(memoryview(self.data)[self._names[1] :])
        return map(_node, self.keys.tolist(), self.kinds.tolist(), rows)

    def naming(self, name: str) -> Iterator[tuple[int, Node]]:
        """Yield (place, node) for the nodes that may define a name, in any letter case.

        Most other nodes are not decoded.
        """
        folded, data, first = name.lower().encode("utf-8", "surrogatepass"), self.data, self._names[1]
        # `bytes.lower` only handles ASCII.
        is_ascii = folded.isascii()
        start = 0
        for at in range(self._length):
            end = _NUMBER_4.unpack_from(data, _HEAD.size + 8 * self._length + 4 * at)[0]
            row = data[first + start : first + end]
            if not is_ascii or folded in row.lower() or _KELVIN in row:
                yield at, self[at]
            start = end

    def defined(self) -> set[str]:
        """Return the names of the definitions as they are written."""
        rows = msgpack.Unpacker(unicode_errors="surrogatepass")
        rows.feed(memoryview(self.data)[self._names[1] :])
        return {definition[0] for row in rows for definition in row[4]}

    def symbol_kinds(self) -> list[str]:
        """Return the kind of the symbol of each node, such as "function"; "" for none."""
        rows = msgpack.Unpacker(unicode_errors="surrogatepass")
        rows.feed(memoryview(self.data)[self._names[1] :])
        return [row[3] for row in rows]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedNodes):
            return self.data == other.data
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, slots=True)
class NodeParts:
    """The parts of packed nodes that are stored.

    `rest` is the checksum of the data, the ends and the nodes, as a raw DEFLATE stream.
    """

    keys: bytes
    kinds: bytes
    names: bytes
    rest: bytes

    def data(self) -> bytes:
        """Return the data of the packed nodes. Raises ValueError if the rest is damaged."""
        rest, ends = inflated(self.rest), _CHECKED_FROM + 4 * len(self.kinds)
        head = struct.pack("<III", len(self.kinds), len(self.names), 0)
        return b"".join(
            (rest[:_CHECKED_FROM], head, self.keys, rest[_CHECKED_FROM:ends], self.kinds, self.names, rest[ends:])
        )


def deflated(data: bytes) -> bytes:
    """Return data as a raw DEFLATE stream; about a third of its size for nodes and names."""
    stream = zlib.compressobj(_FASTEST, zlib.DEFLATED, _RAW)
    return stream.compress(data) + stream.flush()


def inflated(data: bytes) -> bytes:
    """Return the inverse of `deflated`. Raises ValueError for other bytes."""
    try:
        return zlib.decompress(data, _RAW)
    except zlib.error as error:
        raise ValueError(f"nodes are not readable ({error})") from error


class StoredNodes(Sequence[Node]):
    """A sequence of nodes that is read when it is used; only its length is known before."""

    __slots__ = ("_length", "_load")

    def __init__(self, length: int, load: Callable[[], NodeParts]) -> None:
        self._length = length
        self._load = load

    @property
    def parts(self) -> NodeParts:
        """The parts that are stored, read now."""
        return self._load()

    @property
    def packed(self) -> PackedNodes:
        """The nodes, read now."""
        return PackedNodes(self.parts.data())

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Node: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Node, ...]: ...
    def __getitem__(self, place: int | slice) -> Node | tuple[Node, ...]:
        return self.packed[place]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.packed)

    def __eq__(self, other: object) -> bool:
        return self.packed == (other.packed if isinstance(other, StoredNodes) else other)

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return repr(self.packed)


def pack_nodes(nodes: Sequence[Node]) -> PackedNodes:
    """Return the nodes in packed form; packed nodes are returned unchanged."""
    if isinstance(nodes, PackedNodes):
        return nodes
    if isinstance(nodes, StoredNodes):
        return nodes.packed
    return pack_chunks([node.key for node in nodes], nodes)


def parts_of(nodes: Sequence[Node]) -> NodeParts:
    """Return the parts of nodes that are stored; those of stored nodes are returned as they are."""
    return nodes.parts if isinstance(nodes, StoredNodes) else pack_nodes(nodes).parts


def pack_chunks(keys: Sequence[int], chunks: Sequence[Chunk | Node]) -> PackedNodes:
    """Return the nodes of chunks with these content keys."""
    kinds = bytes([_NUMBER[chunk.kind] for chunk in chunks])
    names = _names(chunks)
    packer = msgpack.Packer(unicode_errors="surrogatepass")
    rows = [_row(chunk, packer) for chunk in chunks]
    numbers = struct.pack(f"<{len(keys)}q{len(rows)}I", *keys, *accumulate(map(len, rows)))
    body = b"".join((struct.pack("<III", len(chunks), len(names), 0), numbers, kinds, names, *rows))
    return PackedNodes(struct.pack("<I", zlib.crc32(body)) + body)


def node_data(nodes: Sequence[Node]) -> bytes:
    """Return the data of the nodes in packed form."""
    return pack_nodes(nodes).data


def pack_record(record: FileRecord, pack: Callable[[Sequence[Node]], bytes] = node_data) -> list[Any]:
    """Return a record as a list, in the order of its fields; `pack` makes bytes of its nodes."""
    return [
        record.path,
        record.language,
        record.size_bytes,
        record.mtime_ns,
        record.digest,
        pack(record.nodes),
        record.author,
        record.date,
        pack_extra(record),
    ]


def unpack_record(packed: Iterable[Any], unpack: Callable[[bytes], PackedNodes] = PackedNodes) -> FileRecord:
    """Return the record that `pack_record` packed; `unpack` is the inverse of its `pack`.

    Raises ValueError, TypeError.
    """
    path, language, size_bytes, mtime_ns, digest, nodes, author, date, extra = packed
    return FileRecord(path, language, size_bytes, mtime_ns, digest, unpack(nodes), author, date, *unpack_extra(extra))


def pack_extra(record: FileRecord) -> bytes:
    """Return the fields that only commits and folders have; empty for a file."""
    if not record.text and not record.touched:
        return b""
    packed: bytes = msgpack.packb((record.text, record.touched), unicode_errors="surrogatepass")
    return packed


def unpack_extra(packed: bytes) -> tuple[str, tuple[str, ...]]:
    """Return (text, touched), the inverse of `pack_extra`."""
    if not packed:
        return "", ()
    text, touched = msgpack.unpackb(packed, unicode_errors="surrogatepass")
    return text, tuple(touched)


def _row(n: Chunk | Node, packer: msgpack.Packer) -> bytes:
    definitions = [(item.name, item.kind, item.line) for item in n.definitions]
    row: bytes = packer.pack((n.start_line, n.end_line, n.symbol, n.symbol_kind, definitions))
    return row


def _node(key: int, kind: int, row: list[Any]) -> Node:
    start, end, symbol, symbol_kind, definitions = row
    return Node(key, KINDS[kind], start, end, symbol, symbol_kind, tuple(Definition(*item) for item in definitions))


def _names(nodes: Iterable[Chunk | Node]) -> bytes:
    full_names = dict.fromkeys(
        definition.name.lower().replace("\n", " ") for node in nodes for definition in node.definitions
    )
    names = full_names | dict.fromkeys(map(bare_name, full_names))
    return "\n".join(("", *names, "")).encode("utf-8", "surrogatepass") if names else b""
