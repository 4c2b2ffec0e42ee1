"""Message bodies out of a stream of bytes, whatever its headers say: a wrong one costs its own message and no other.

In JSON, a raw line end is never inside a string, and `Content-Length: 5` is nothing outside one. So
where those bytes are followed by a line end they are a header, also in the middle of what a wrong
length calls a body: reading goes on there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BODY_BYTES = 128 << 20
"""Editors send at most 50 MB of text, and JSON escapes a part of it."""
_MOST_HEADER_BYTES = 8 << 10
_TAIL_BYTES = 1024
"""Kept of what is no header yet: the next bytes may complete one, and others may stand before it."""
_LENGTH = re.compile(rb"content-length[ \t]*:([^\r\n]{0,64})\r?\n", re.IGNORECASE)
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*[ \t]*:[^\r\n]*\Z")
_HEADERS = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*[ \t]*:[^\r\n]*\r?\n|\r?\n)*\Z")
_LINE = re.compile(rb"([^\n]*?)\r?\n")
_DIGITS = re.compile(rb"[0-9]{1,15}\Z")


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of one message."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes that are no message, and the reason."""

    reason: str


class Framer:
    """Holds what has come of a message that is not complete. Nothing else is kept, whatever is fed."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._length: int | None = None
        self._searched = 0
        self._lost = False

    def feed(self, data: bytes) -> Iterator[Body | Broken]:
        """What `data` completes, in order. After a body that is no JSON, call `refused` before going on."""
        self._bytes += data
        while True:
            found = self._header() if self._length is None else self._body()
            if found is None:
                return
            if not isinstance(found, bool):
                yield found

    def refused(self, body: Body) -> None:
        """The latest body cannot be read, so its length may have been wrong: the next header is looked for in it too."""
        self._bytes[:0] = body.data
        self._lost = True
        at = min(1, len(body.data))
        match = _LENGTH.search(self._bytes, at)
        self._drop(match.start() if match else max(at, len(self._bytes) - _TAIL_BYTES))

    def _header(self) -> Body | Broken | bool | None:
        """None: more bytes are needed; True: a body follows."""
        match = _LENGTH.search(self._bytes)
        if match is None:
            self._drop(max(0, len(self._bytes) - _TAIL_BYTES))
            return None
        if match.start() and not self._lost and not _HEADERS.match(self._bytes, 0, match.start()):
            self._drop(match.start())
            return Broken("The input before a header is not a message.")
        end = self._end_of_headers(match.end())
        if end is None:
            return None
        lengths = {value.strip() for value in _LENGTH.findall(self._bytes, match.start(), max(end, match.end()))}
        digits = _DIGITS.match(lengths.pop()) if len(lengths) == 1 else None
        wrong = end < 0 or digits is None or int(digits[0]) > MOST_BODY_BYTES
        self._drop(match.end() if end < 0 else end)
        self._lost = wrong
        if digits is None or wrong:
            return Broken(f"A header is wrong: Content-Length must be one number, at most {MOST_BODY_BYTES}.")
        self._length, self._searched = int(digits[0]), 0
        return True

    def _end_of_headers(self, at: int) -> int | None:
        """Behind the empty line; -1 where something else comes first, None where more bytes are needed."""
        start = at
        while (line := _LINE.match(self._bytes, at)) is not None:
            at = line.end()
            if not line[1]:
                return at
            if not _HEADER.match(line[1]):
                return -1
        return None if len(self._bytes) - start <= _MOST_HEADER_BYTES else -1

    def _body(self) -> Body | Broken | None:
        length = self._length or 0
        if len(self._bytes) >= length:
            body = Body(bytes(self._bytes[:length]))
            self._drop(length)
            self._length = None
            return body
        header = None
        if self._bytes.find(b"\n", self._searched) >= 0:  # compact JSON, which editors send, holds none
            header = _LENGTH.search(self._bytes, max(0, self._searched - _TAIL_BYTES))
        self._searched = len(self._bytes)
        if header is None:
            return None
        self._length, self._lost = None, True
        self._drop(header.start())
        return Broken("A message is shorter than its Content-Length.")

    def _drop(self, count: int) -> None:
        del self._bytes[:count]
