"""MCP messages on standard input and output, one per line: every request gets an answer.

The SDK silently drops a line that is not a message of the protocol. Here such a line is answered
with the error that JSON-RPC defines for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, BinaryIO

from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError

from codekin.jsonrpc import VERSION, UnreadableError, is_id, read_message
from codekin.streams import OutputThread, chunks

MAX_LINE_BYTES = 4 << 20
_PARSE_ERROR, _INVALID_REQUEST, _INVALID_PARAMS = -32700, -32600, -32602


class Output:
    """A text file for the SDK, written in order by a thread."""

    def __init__(self, output: BinaryIO) -> None:
        loop = asyncio.get_running_loop()
        self.lost = asyncio.Event()
        """Set once writing to the client is no longer possible."""

        def lost() -> None:
            with suppress(RuntimeError):  # the loop is closed, so the server has ended
                loop.call_soon_threadsafe(self.lost.set)

        self._thread = OutputThread(output, lost)

    async def write(self, text: str) -> None:
        """Queue lines. A client that reads slowly does not block the loop."""
        try:
            self._thread.write(text.encode("utf-8", "backslashreplace"))
        except OSError:  # the client is gone, or has left 256 MB unread
            self.lost.set()

    async def flush(self) -> None:
        """Do nothing, because the thread flushes every message."""

    async def close(self) -> None:
        """Wait until everything is written, at most 2 s."""
        await asyncio.to_thread(self._thread.close)


class Input:
    """A text file for the SDK, whose lines are the valid messages of the protocol."""

    def __init__(self, source: int, output: Output) -> None:
        self._source = source
        self._output = output

    async def __aiter__(self) -> AsyncIterator[str]:
        async for line in _lines(self._source):
            if line is None:
                await self._refuse(None, _INVALID_REQUEST, f"The message is longer than {MAX_LINE_BYTES:,} bytes.")
            elif line.strip():
                text = await self._checked(line)
                if text is not None:
                    yield text

    async def _checked(self, line: bytes) -> str | None:
        """Return the message as a line, or None if it was refused."""
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
                    await self._refuse(_sendable(number), code, "The message is not valid JSON-RPC 2.0.")
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
    """Yield lines without their ends, and None for each line that is too long."""
    parts: list[bytes] = []
    size = 0
    async for data in chunks(source):
        *ended, rest = data.split(b"\n")
        for part in ended:
            too_long = size + len(part) > MAX_LINE_BYTES
            yield None if too_long else b"".join([*parts, part])
            parts, size = [], 0
        size += len(rest)
        parts = [*parts, rest] if size <= MAX_LINE_BYTES else []
