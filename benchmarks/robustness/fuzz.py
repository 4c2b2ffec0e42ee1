"""Send invalid messages to a language server, which must answer each request and survive.

Half of the messages are requests, a third notifications; most have parts replaced by junk. The rest
are odd ids, unexpected responses, batches, and bodies that are not JSON. After every 50 a valid
request must be answered. Then follow a flood of edits, and a shutdown according to the
specification.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from benchmarks.robustness.fuzz_messages import UNKNOWN_METHODS, Messages, encoded

_BATCH = 50
_ANSWER_WITHIN_S = 60.0
_FLOOD = 5_000
_SAMPLE = Path(__file__).parents[2] / "sample_workspace"


async def measure_fuzz(messages: int, seed: int) -> dict[str, Any]:
    """Return counts over one server.

    If it crashes or falls silent, that is counted and it is restarted.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        shutil.copytree(_SAMPLE, root)
        run = _Run(root, Path(folder) / "home", random.Random(seed))
        started = time.monotonic()
        await run.start()
        try:
            while run.sent < messages:
                await run.batch(min(_BATCH, messages - run.sent))
            flood_s = await run.flood()
            exit_status = await run.end()
        finally:
            await run.server.kill()
    return {
        "messages": run.sent,
        "seed": seed,
        "requests": run.counts["requests"],
        "kinds": {name: run.counts[name] for name in sorted(run.counts)},
        "answers": {str(code): run.codes[code] for code in sorted(run.codes, key=str)},
        "silent": len(run.silent),
        "answered_twice": run.twice,
        "crashes": len(run.crashes),
        "internal_errors": sum(run.codes[code] for code in (-32603,)),
        "wrong_codes": len(run.wrong),
        "examples": {"silent": run.silent[:5], "crashes": run.crashes[:5], "wrong": run.wrong[:5]},
        "memory_mb": [round(value) for value in run.memory_mb],
        "slowest_batch_s": round(run.slowest_s, 2),
        "flood_s": round(flood_s, 2),
        "exit_status": exit_status,
        "seconds": round(time.monotonic() - started, 1),
    }


class _Server:
    """One process, and its answers by id."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self._came = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    def write(self, body: bytes) -> None:
        """Send one framed message, unless the process has ended."""
        assert self.process.stdin is not None
        if self.process.returncode is None:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def wait(self, ids: set[str], within_s: float) -> set[str]:
        """Return the ids that were not answered in time."""
        ends = time.monotonic() + within_s
        while (missing := ids - self.answers.keys()) and time.monotonic() < ends and not self._reading.done():
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), min(1.0, max(0.01, ends - time.monotonic())))
            except asyncio.TimeoutError:
                continue
        return missing

    async def kill(self) -> None:
        """Kill the process and wait for its end."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while True:
            length = 0
            while (line := await self.process.stdout.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                self._came.set()
                return
            message = json.loads(await self.process.stdout.readexactly(length), parse_constant=_refuse)
            if "method" in message and "id" in message:
                self.write(encoded({"jsonrpc": "2.0", "id": message["id"], "result": None}))
            elif "method" not in message:
                self.answers.setdefault(repr(message["id"]), []).append(message)
                self._came.set()


class _Run:
    """The messages that were sent, and their outcome."""

    def __init__(self, root: Path, home: Path, random_: random.Random) -> None:
        self._root, self._home, self._random = root, home, random_
        self._make = Messages(sorted(path.as_uri() for path in root.rglob("*") if path.is_file()), random_)
        self.server: _Server
        self.counts: Counter[str] = Counter()
        self.codes: Counter[int | str] = Counter()
        self.silent: list[str] = []
        self.crashes: list[str] = []
        self.wrong: list[str] = []
        self.memory_mb: list[float] = []
        self.sent = self.twice = 0
        self.slowest_s = 0.0

    async def start(self) -> None:
        """Start a server and initialize it."""
        environment = {**os.environ, "CODEKIN_HOME": str(self._home), "CODEKIN_EMBEDDER": "hashing"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "codekin", "serve"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            limit=1 << 27,
        )
        self.server = _Server(process)
        folder = {"uri": self._root.as_uri(), "name": "workspace"}
        params = {"processId": None, "rootUri": None, "capabilities": {}, "workspaceFolders": [folder]}
        self._request("initialize", "initialize", params)
        self.server.write(encoded({"jsonrpc": "2.0", "method": "initialized", "params": {}}))
        assert not await self.server.wait({"'initialize'"}, _ANSWER_WITHIN_S)

    async def batch(self, count: int) -> None:
        """Send a batch of messages and a valid request, and judge the answers."""
        expected: dict[str, dict[str, Any]] = {}
        for _ in range(count):
            self.sent += 1
            kind, message = self._make.any(self.sent)
            self.counts[kind] += 1
            if kind == "requests":
                expected[repr(message["id"])] = message
            self.server.write(message if isinstance(message, bytes) else encoded(message))
        started = time.monotonic()
        probe = f"probe {self.sent}"
        self._request(probe, "codekin/status", {})
        missing = await self.server.wait({repr(probe), *expected}, _ANSWER_WITHIN_S)
        self.slowest_s = max(self.slowest_s, time.monotonic() - started)
        if repr(probe) in missing:
            self.crashes.append(f"after message {self.sent}: exit status {self.server.process.returncode}")
            await self.server.kill()
            await self.start()
            return
        self._judge(expected)
        if self.sent % 1_000 < _BATCH:
            self.memory_mb.append(psutil.Process(self.server.process.pid).memory_info().rss / 1e6)

    def _judge(self, expected: dict[str, dict[str, Any]]) -> None:
        for number, message in expected.items():
            answers = self.server.answers.get(number, [])
            shown = json.dumps(message)[:300]
            if not answers:
                self.silent.append(shown)
            self.twice += max(0, len(answers) - 1)
            for answer in answers:
                code = answer["error"]["code"] if "error" in answer else "result"
                self.codes[code] += 1
                right = message.get("jsonrpc") != "2.0" or message["method"] not in UNKNOWN_METHODS or code == -32601
                if code in (-32603, -32700) or not right:
                    self.wrong.append(f"{code}: {shown}")
        self.server.answers.clear()

    async def flood(self) -> float:
        """Return the seconds until a request is answered that follows thousands of edits."""
        started, uri = time.monotonic(), (self._root / "README.md").as_uri()
        for version in range(_FLOOD):
            text = "def one(): pass\n" * 200 + str(version)
            change = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
            self.server.write(encoded({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change}))
            if version % 200 == 0 and self.server.process.stdin is not None:
                await self.server.process.stdin.drain()
        self._request("flood", "codekin/status", {})
        if await self.server.wait({"'flood'"}, _ANSWER_WITHIN_S):
            self.crashes.append("in a flood of edits")
        return time.monotonic() - started

    async def end(self) -> int | str:
        """Shut the server down and return its exit status."""
        self._request("bye", "shutdown", None)
        self._request("late", "codekin/status", {})
        await self.server.wait({"'bye'", "'late'"}, _ANSWER_WITHIN_S)
        late = self.server.answers.get("'late'", [{}])[0].get("error", {}).get("code")
        if late != -32600:
            self.wrong.append(f"{late} to a request after shutdown")
        self.server.write(encoded({"jsonrpc": "2.0", "method": "exit"}))
        try:
            return await asyncio.wait_for(self.server.process.wait(), _ANSWER_WITHIN_S)
        except asyncio.TimeoutError:
            return "does not end"

    def _request(self, number: str, method: str, params: Any) -> None:
        self.server.write(encoded({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))


def _refuse(name: str) -> Any:
    raise AssertionError(f"the server sent {name}, which is no JSON")
