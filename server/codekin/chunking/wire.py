"""The format of texts and chunks between two processes of one version: length-prefixed msgpack."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, Any

import msgpack

from codekin.chunking.redacted import Redacted
from codekin.domain.values import Chunk, Definition, NodeKind

_LENGTH = struct.Struct("<I")
_KINDS = tuple(NodeKind)
_NUMBER = {kind: number for number, kind in enumerate(_KINDS)}


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """Write one frame. Raises OSError if the other process has ended."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """Return the next frame, or None at the end of the stream, even within a frame."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def pack(value: Any) -> bytes:
    """Encode any value; texts may contain unpaired surrogates."""
    packed: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    return packed


def unpack(data: bytes) -> Any:
    """Decode the result of `pack`."""
    return msgpack.unpackb(data, unicode_errors="surrogatepass", use_list=False)


def pack_redacted(redacted: Redacted) -> bytes:
    """Encode everything in the chunks, and their keys."""
    return pack((redacted.secrets, redacted.trouble, redacted.keys, list(map(_row, redacted.chunks))))


def unpack_redacted(data: bytes) -> Redacted:
    """Decode the result of `pack_redacted`."""
    secrets, trouble, keys, rows = unpack(data)
    return Redacted(list(map(_chunk, rows)), list(keys), secrets, trouble)


def pack_answer(redacted: bytes, failure: str) -> bytes:
    """Encode one text's answer: its packed chunks, or why there are none."""
    return pack((redacted, failure))


def unpack_answer(data: bytes) -> bytes | str:
    """Decode the result of `pack_answer`: packed chunks, or the reason why there are none."""
    redacted, failure = unpack(data)
    chunks: bytes | str = failure or redacted
    return chunks


def _row(chunk: Chunk) -> Sequence[Any]:
    return (
        _NUMBER[chunk.kind],
        chunk.language,
        chunk.start_line,
        chunk.end_line,
        chunk.text,
        chunk.symbol,
        chunk.symbol_kind,
        chunk.scope,
        chunk.doc,
        [(item.name, item.kind, item.line) for item in chunk.definitions],
    )


def _chunk(row: Sequence[Any]) -> Chunk:
    kind, language, start, end, text, symbol, symbol_kind, scope, doc, definitions = row
    defined = tuple(Definition(*item) for item in definitions)
    return Chunk(_KINDS[kind], language, start, end, text, symbol, symbol_kind, scope, doc, defined)
