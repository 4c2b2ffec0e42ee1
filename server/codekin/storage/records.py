"""How file records are written down: one compact msgpack value for the definitions of a node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgpack

from codekin.domain.values import Definition, FileRecord, Node, NodeKind


def pack_definitions(definitions: Iterable[Definition]) -> bytes:
    """Empty for none."""
    listed = [(item.name, item.kind, item.line) for item in definitions]
    packed: bytes = msgpack.packb(listed, unicode_errors="surrogatepass") if listed else b""
    return packed


def unpack_definitions(packed: bytes) -> tuple[Definition, ...]:
    """The inverse of `pack_definitions`."""
    if not packed:
        return ()
    return tuple(Definition(*item) for item in msgpack.unpackb(packed, unicode_errors="surrogatepass"))


def pack_record(record: FileRecord) -> list[Any]:
    """A record as plain lists, for a snapshot."""
    nodes = [
        (n.key, n.kind.value, n.start_line, n.end_line, n.symbol, n.symbol_kind, pack_definitions(n.definitions))
        for n in record.nodes
    ]
    return [
        record.path,
        record.language,
        record.size_bytes,
        record.mtime_ns,
        record.digest,
        record.author,
        record.date,
        nodes,
        pack_extra(record),
    ]


def unpack_record(packed: list[Any]) -> FileRecord:
    """The inverse of `pack_record`."""
    path, language, size_bytes, mtime_ns, digest, author, date, packed_nodes, *extra = packed
    nodes = tuple(unpack_node(node) for node in packed_nodes)
    text, touched = unpack_extra(extra[0]) if extra else ("", ())  # written before there was any
    return FileRecord(path, language, size_bytes, mtime_ns, digest, nodes, author, date, text, touched)


def pack_extra(record: FileRecord) -> bytes:
    """What only records that are of no file have; empty for a file's."""
    if not record.text and not record.touched:
        return b""
    packed: bytes = msgpack.packb((record.text, record.touched), unicode_errors="surrogatepass")
    return packed


def unpack_extra(packed: bytes) -> tuple[str, tuple[str, ...]]:
    """(text, touched): the inverse of `pack_extra`."""
    if not packed:
        return "", ()
    text, touched = msgpack.unpackb(packed, unicode_errors="surrogatepass")
    return text, tuple(touched)


def unpack_node(packed: tuple[Any, ...]) -> Node:
    """A node from its key, kind, lines, symbol, kind of symbol and packed definitions."""
    key, kind, start_line, end_line, symbol, symbol_kind, definitions = packed
    return Node(key, _KINDS[kind], start_line, end_line, symbol, symbol_kind, unpack_definitions(definitions))


_KINDS = {kind.value: kind for kind in NodeKind}
