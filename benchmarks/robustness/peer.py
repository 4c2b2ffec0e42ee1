"""A process that speaks JSON-RPC on its standard streams, used without a client library."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
from contextlib import suppress
from typing import Any

ANSWER_S = 60.0
"""Maximum wait for one answer."""


class Peer:
    """A process that speaks JSON-RPC; `framed` as the language server protocol requires."""

    def __init__(self, process: asyncio.subprocess.Process, *, framed: bool) -> None:
        assert process.stdin
        assert process.stdout
        self.process = process
        self._in, self._out, self._framed = process.stdin, process.stdout, framed
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reader = asyncio.create_task(self._read())

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def ask(self, method: str, params: Any) -> Any:
        """Return the answer to a request, which may be an error.

        Raises ConnectionError if the process has ended, TimeoutError.
        """
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(future, ANSWER_S)

    async def end(self, *, kill: bool) -> int:
        """Kill the process or close its input, and return its exit status."""
        if kill:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGKILL)
        else:
            self._in.close()
        status = await asyncio.wait_for(self.process.wait(), ANSWER_S)
        self._reader.cancel()
        return status

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) if self._framed else body + b"\n")

    async def _read(self) -> None:
        try:
            while message := await self._message():
                future = self._waiting.pop(message.get("id"), None) if "method" not in message else None
                if future and not future.done():
                    future.set_result(message)
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError("the process has gone"))

    async def _message(self) -> dict[str, Any] | None:
        if not self._framed:
            line = await self._out.readline()
            return dict(json.loads(line)) if line else None
        length = 0
        while (line := await self._out.readline()) not in (b"\r\n", b""):
            length = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else length
        return dict(json.loads(await self._out.readexactly(length))) if line else None
