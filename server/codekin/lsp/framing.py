"""Framing of messages: extract the bodies from a stream of bytes.

A wrong header loses its own message and no other. In JSON, a raw line end never occurs inside a
string, and `Content-Length: 5` never occurs outside one. So these bytes followed by a line end are
a header, even in the middle of what a wrong length declares to be a body, and reading resumes
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BODY_BYTES = 128 << 20
"""Editors send at most 50 MB of text, and JSON escapes a part of it."""
_MAX_HEADER_BYTES = 8 << 10
_TAIL_BYTES = 1024
"""Kept of an incomplete header, which the next bytes may complete."""
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
    """Why bytes were rejected."""

    reason: str


class Framer:
    """A parser that buffers the bytes of one incomplete message, and no others."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._length: int | None = None
        self._searched = 0
        self._lost = False

    def feed(self, data: bytes) -> Iterator[Body | Broken]:
        """Yield what `data` completes, in order.

        After a body that is not JSON, call `refused` before continuing.
        """
        self._bytes += data
        while True:
            found = self._header() if self._length is None else self._body()
            if found is None:
                return
            if not isinstance(found, bool):
                yield found

    def refused(self, body: Body) -> None:
        """Search the latest body for the next header, as its length may have been wrong."""
        self._bytes[:0] = body.data
        self._lost = True
        at = min(1, len(body.data))
        match = _LENGTH.search(self._bytes, at)
        self._drop(match.start() if match else max(at, len(self._bytes) - _TAIL_BYTES))

    def _header(self) -> Body | Broken | bool | None:
        """Return None if more bytes are needed, True if a body follows."""
        match = _LENGTH.search(self._bytes)
        if match is None:
            self._drop(max(0, len(self._bytes) - _TAIL_BYTES))
            return None
        if match.start() and not self._lost and not _HEADERS.match(self._bytes, 0, match.start()):
            self._drop(match.start())
            return Broken("The bytes before a header are not a message.")
        end = self._end_of_headers(match.end())
        if end is None:
            return None
        lengths = {value.strip() for value in _LENGTH.findall(self._bytes, match.start(), max(end, match.end()))}
        digits = _DIGITS.match(lengths.pop()) if len(lengths) == 1 else None
        wrong = end < 0 or digits is None or int(digits[0]) > MAX_BODY_BYTES
        self._drop(match.end() if end < 0 else end)
        self._lost = wrong
        if digits is None or wrong:
            return Broken(f"Invalid header. Content-Length must be one number, at most {MAX_BODY_BYTES}.")
        self._length, self._searched = int(digits[0]), 0
        return True

    def _end_of_headers(self, at: int) -> int | None:
        """Return the offset after the empty line.

        -1 if something other than a header precedes it, None if more bytes are needed.
        """
        start = at
        while (line := _LINE.match(self._bytes, at)) is not None:
            at = line.end()
            if not line[1]:
                return at
            if not _HEADER.match(line[1]):
                return -1
        return None if len(self._bytes) - start <= _MAX_HEADER_BYTES else -1

    def _body(self) -> Body | Broken | None:
        length = self._length or 0
        if len(self._bytes) >= length:
            body = Body(bytes(self._bytes[:length]))
            self._drop(length)
            self._length = None
            return body
        header = None
        if self._bytes.find(b"\n", self._searched) >= 0:  # compact JSON, which editors send, contains none
            header = _LENGTH.search(self._bytes, max(0, self._searched - _TAIL_BYTES))
        self._searched = len(self._bytes)
        if header is None:
            return None
        self._length, self._lost = None, True
        self._drop(header.start())
        return Broken("A message is shorter than its Content-Length.")

    def _drop(self, count: int) -> None:
        del self._bytes[:count]
