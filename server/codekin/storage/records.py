"""How file records are written down: the nodes of a file as one run of bytes, read in place and decoded when looked at.

    crc32 of the rest (4), nodes n (4), bytes of names (4), zero (4)
    content keys (8 n), kinds (n), names, nodes

Numbers are little-endian. Kinds are positions in `KINDS`; names are those of all definitions, lower case, in UTF-8, each
once, a line break before each and after the last; nodes are a msgpack list with start, end, symbol, its kind and the
definitions of each.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import msgpack
import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys
from codekin.domain.values import Definition, FileRecord, Node, NodeKind

KINDS = tuple(NodeKind)
_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
_HEAD = struct.Struct("<IIII")
_CHECKED_FROM = 4


class PackedNodes(Sequence[Node]):
    """Equal to the tuple of its nodes. A hundred bytes a node; whatever walks over nodes decodes all of the file's."""

    __slots__ = ("_length", "_names", "data")

    def __init__(self, data: bytes) -> None:
        """Raises ValueError for bytes that are not what `pack_nodes` wrote."""
        if len(data) < _HEAD.size:
            raise ValueError("nodes are cut off")
        crc, length, names, _ = _HEAD.unpack_from(data)
        if zlib.crc32(memoryview(data)[_CHECKED_FROM:]) != crc:
            raise ValueError("nodes do not match their checksum")
        self._length: int = length
        self._names = _HEAD.size + 9 * length, _HEAD.size + 9 * length + names
        self.data = data

    @property
    def keys(self) -> Keys:
        """Content keys, int64 (n,)."""
        return np.frombuffer(self.data, "<i8", self._length, _HEAD.size)

    @property
    def kinds(self) -> npt.NDArray[np.uint8]:
        """Positions in `KINDS`, uint8 (n,)."""
        return np.frombuffer(self.data, np.uint8, self._length, _HEAD.size + 8 * self._length)

    @property
    def names(self) -> bytes:
        """Names of the definitions, lower case, each between line breaks; empty for none."""
        return self.data[slice(*self._names)]

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Node: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Node, ...]: ...
    def __getitem__(self, place: int | slice) -> Node | tuple[Node, ...]:
        return tuple(self)[place]

    def __iter__(self) -> Iterator[Node]:
        rows = msgpack.unpackb(memoryview(self.data)[self._names[1] :], unicode_errors="surrogatepass")
        for key, kind, (start, end, symbol, symbol_kind, defined) in zip(
            self.keys.tolist(), self.kinds.tolist(), rows, strict=True
        ):
            definitions = tuple(Definition(*item) for item in defined)
            yield Node(key, KINDS[kind], start, end, symbol, symbol_kind, definitions)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedNodes):
            return self.data == other.data
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def pack_nodes(nodes: Sequence[Node]) -> PackedNodes:
    """What is packed already is returned as it is."""
    if isinstance(nodes, PackedNodes):
        return nodes
    keys = np.array([node.key for node in nodes], dtype="<i8").tobytes()
    kinds = bytes(_NUMBER[node.kind] for node in nodes)
    names = _names(nodes)
    rows = [
        (n.start_line, n.end_line, n.symbol, n.symbol_kind, [(d.name, d.kind, d.line) for d in n.definitions])
        for n in nodes
    ]
    packed: bytes = msgpack.packb(rows, unicode_errors="surrogatepass")
    body = b"".join((struct.pack("<III", len(nodes), len(names), 0), keys, kinds, names, packed))
    return PackedNodes(struct.pack("<I", zlib.crc32(body)) + body)


def pack_record(record: FileRecord) -> list[Any]:
    """A record as a plain list, in the order of its fields."""
    nodes = pack_nodes(record.nodes).data
    return [
        record.path,
        record.language,
        record.size_bytes,
        record.mtime_ns,
        record.digest,
        nodes,
        record.author,
        record.date,
    ]


def unpack_record(packed: Iterable[Any]) -> FileRecord:
    """The inverse of `pack_record`; the nodes stay packed. Raises ValueError, TypeError."""
    path, language, size_bytes, mtime_ns, digest, nodes, author, date = packed
    return FileRecord(path, language, size_bytes, mtime_ns, digest, PackedNodes(nodes), author, date)


def _names(nodes: Iterable[Node]) -> bytes:
    names = dict.fromkeys(
        definition.name.lower().replace("\n", " ") for node in nodes for definition in node.definitions
    )
    return "\n".join(("", *names, "")).encode("utf-8", "surrogatepass") if names else b""
