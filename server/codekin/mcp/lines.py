"""MCP's messages on standard input and output, a line each: every request that is read is answered, whatever it holds.

The SDK takes what is a message of the protocol. A line that is none would be dropped there without a
word; here it gets the error that JSON-RPC has for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, BinaryIO

from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError

from codekin.jsonrpc import VERSION, UnreadableError, is_id, read_message
from codekin.streams import chunks

MOST_LINE_BYTES = 4 << 20
_PARSE_ERROR, _INVALID_REQUEST, _INVALID_PARAMS = -32700, -32600, -32602


class Output:
    """What the SDK takes for a text file. Lines are whole, whoever writes them."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._lock = asyncio.Lock()
        self.lost = asyncio.Event()
        """Set when the client does not take any more."""

    async def write(self, text: str) -> None:
        """A thread waits for the client to read, so that others are served meanwhile."""
        async with self._lock:
            try:
                await asyncio.to_thread(self._write, text.encode("utf-8", "backslashreplace"))
            except (OSError, ValueError):  # closed at the other end, or here
                self.lost.set()

    async def flush(self) -> None:
        """Every line is written through."""

    def _write(self, data: bytes) -> None:
        self._output.write(data)
        self._output.flush()


class Input:
    """What the SDK takes for a text file: iterating gives the lines that are messages of the protocol."""

    def __init__(self, source: int, output: Output) -> None:
        self._source = source
        self._output = output

    async def __aiter__(self) -> AsyncIterator[str]:
        async for line in _lines(self._source):
            if line is None:
                await self._refuse(None, _INVALID_REQUEST, f"The message is longer than {MOST_LINE_BYTES:,} bytes.")
            elif line.strip():
                text = await self._checked(line)
                if text is not None:
                    yield text

    async def _checked(self, line: bytes) -> str | None:
        """The message as a line; None for what has been refused."""
        try:
            message = read_message(line)
        except UnreadableError as error:
            await self._refuse(None, _PARSE_ERROR, str(error))
            return None
        value = message.value
        number = value.get("id") if isinstance(value, dict) else None
        named = not isinstance(value, dict) or "method" not in value or "id" not in value or is_id(number)
        if not named:
            await self._refuse(None, _INVALID_REQUEST, "The id of a request must be a string or an integer.")
            return None
        if isinstance(value, dict) and not message.unusable:
            text = json.dumps(value)
            try:
                jsonrpc_message_adapter.validate_json(text, by_name=False)
            except ValidationError:
                is_request = isinstance(value.get("method"), str) and value.get("jsonrpc") == VERSION
                code = _INVALID_PARAMS if is_request and is_id(number) else _INVALID_REQUEST
                if "method" not in value or "id" in value:  # a notification is never answered
                    await self._refuse(_sendable(number), code, "The message is not one of JSON-RPC 2.0.")
                return None
            return text
        await self._refuse(_sendable(number), _INVALID_REQUEST, message.unusable or "A message must be an object.")
        return None

    async def _refuse(self, number: Any, code: int, text: str) -> None:
        answer = {"jsonrpc": VERSION, "id": number, "error": {"code": code, "message": text}}
        await self._output.write(json.dumps(answer) + "\n")


def _sendable(number: Any) -> Any:
    return number if is_id(number) else None


async def _lines(source: int) -> AsyncIterator[bytes | None]:
    """Lines without their ends; None for one that is too long, of which nothing is kept."""
    parts: list[bytes] = []
    size = 0
    async for data in chunks(source):
        *ended, rest = data.split(b"\n")
        for part in ended:
            too_long = size + len(part) > MOST_LINE_BYTES
            yield None if too_long else b"".join([*parts, part])
            parts, size = [], 0
        size += len(rest)
        parts = [*parts, rest] if size <= MOST_LINE_BYTES else []
