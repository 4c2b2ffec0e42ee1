"""Messages to a language server that no client should send: is each request answered, and does the server live?

Half of the messages are requests, a third notifications, and of most a part is exchanged for junk. The rest are odd ids,
responses that nobody waits for, batches, and bodies that are not JSON. After every 50 a request that is in order
has to be answered. Then comes a flood of edits, and an end as the specification wants it.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

_BATCH = 50
_ANSWER_WITHIN_S = 60.0
_FLOOD = 5_000
_SAMPLE = Path(__file__).parent.parent / "sample_workspace"
_NOT_JSON = "@not-json@"
_HALF = "\ud800"
_JUNK: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2**31 - 1, 2**31, 2**53 + 1, 2**64, -(2**63), 1.5, 1e308),
    *("", " ", "\0", "a\0b", "x" * 5_000, _HALF, "\u202e", "é" * 20, "path:[", "lang:", "at:--output=x", "after:99999"),
    *([], {}, [None], {"a": 1}, [[[[[]]]]], {"uri": {}}, ["x"] * 200, _NOT_JSON),
    *("file:///etc/passwd", "file://", "file://[", "file:///%00", "file:///%ff%fe", "file://host/share/x"),
    *("file:///" + "a" * 5_000, "file:///" + "a/" * 2_500, "untitled:Untitled-1", "codekin-commit:/zzz?%2Ftmp"),
    *("codekin-commit:", "../../etc/passwd", "(" * 200, "[" * 100),
)
_UNKNOWN = ("nope/nope", "$/unknown", "", "textDocument/formatting", "textDocument/completion", "workspace/diagnostic")


async def measure_fuzz(messages: int, seed: int) -> dict[str, Any]:
    """Counts over one server; one that dies or falls silent is counted and started again."""
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
    """One process, and the answers that came from it by id."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self._came = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    def write(self, body: bytes) -> None:
        assert self.process.stdin is not None
        if self.process.returncode is None:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def wait(self, ids: set[str], within_s: float) -> set[str]:
        """The ids that were not answered in time."""
        ends = time.monotonic() + within_s
        while (missing := ids - self.answers.keys()) and time.monotonic() < ends and not self._reading.done():
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), min(1.0, max(0.01, ends - time.monotonic())))
            except asyncio.TimeoutError:
                continue
        return missing

    async def kill(self) -> None:
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
                self.write(_encoded({"jsonrpc": "2.0", "id": message["id"], "result": None}))
            elif "method" not in message:
                self.answers.setdefault(repr(message["id"]), []).append(message)
                self._came.set()


class _Run:
    """The messages that were sent, and what became of them."""

    def __init__(self, root: Path, home: Path, random_: random.Random) -> None:
        self._root, self._home, self._random = root, home, random_
        self._make = _Messages(sorted(path.as_uri() for path in root.rglob("*") if path.is_file()), random_)
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
        self.server.write(_encoded({"jsonrpc": "2.0", "method": "initialized", "params": {}}))
        assert not await self.server.wait({"'initialize'"}, _ANSWER_WITHIN_S)

    async def batch(self, count: int) -> None:
        expected: dict[str, dict[str, Any]] = {}
        for _ in range(count):
            self.sent += 1
            kind, message = self._make.any(self.sent)
            self.counts[kind] += 1
            if kind == "requests":
                expected[repr(message["id"])] = message
            self.server.write(message if isinstance(message, bytes) else _encoded(message))
        started = time.monotonic()
        probe = f"probe {self.sent}"
        self._request(probe, "codekin/status", {})
        lost = await self.server.wait({repr(probe), *expected}, _ANSWER_WITHIN_S)
        self.slowest_s = max(self.slowest_s, time.monotonic() - started)
        if repr(probe) in lost:
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
                right = message.get("jsonrpc") != "2.0" or message["method"] not in _UNKNOWN or code == -32601
                if code in (-32603, -32700) or not right:
                    self.wrong.append(f"{code}: {shown}")
        self.server.answers.clear()

    async def flood(self) -> float:
        """Seconds until a request is answered that comes after thousands of edits."""
        started, uri = time.monotonic(), (self._root / "README.md").as_uri()
        for version in range(_FLOOD):
            text = "def one(): pass\n" * 200 + str(version)
            change = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
            self.server.write(_encoded({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change}))
            if version % 200 == 0 and self.server.process.stdin is not None:
                await self.server.process.stdin.drain()
        self._request("flood", "codekin/status", {})
        if await self.server.wait({"'flood'"}, _ANSWER_WITHIN_S):
            self.crashes.append("in a flood of edits")
        return time.monotonic() - started

    async def end(self) -> int | str:
        self._request("bye", "shutdown", None)
        self._request("late", "codekin/status", {})
        await self.server.wait({"'bye'", "'late'"}, _ANSWER_WITHIN_S)
        late = self.server.answers.get("'late'", [{}])[0].get("error", {}).get("code")
        if late != -32600:
            self.wrong.append(f"{late} to a request after shutdown")
        self.server.write(_encoded({"jsonrpc": "2.0", "method": "exit"}))
        try:
            return await asyncio.wait_for(self.server.process.wait(), _ANSWER_WITHIN_S)
        except asyncio.TimeoutError:
            return "does not end"

    def _request(self, number: str, method: str, params: Any) -> None:
        self.server.write(_encoded({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))


class _Messages:
    """Makes messages; the same ones from the same random numbers."""

    def __init__(self, uris: list[str], random_: random.Random) -> None:
        self._uris, self._random = uris, random_
        self._requests = self._request_makers()
        self._notifications = self._notification_makers()

    def any(self, number: int) -> tuple[str, Any]:
        share = self._random.random()
        if share < 0.5:
            return "requests", self._request(number)
        if share < 0.55:
            odd = self._one(None, 1.5, True, [], {}, _NOT_JSON)
            return "odd ids", {"jsonrpc": "2.0", "id": odd, "method": self._one(*self._requests), "params": {}}
        if share < 0.85:
            return "notifications", self._notification()
        if share < 0.9:
            return "responses and fragments", self._fragment()
        if share < 0.93:
            batch = [{"jsonrpc": "2.0", "id": number, "method": "codekin/status"}]
            return "no objects", self._one([], batch, 5, "x", None, True, [1, 2])
        return "no JSON", self._no_json()

    def _request(self, number: int) -> dict[str, Any]:
        method = self._one(*self._requests)
        params = self._requests[method]()
        if self._random.random() < 0.6:
            params = self._mutated(params)
        names = (f"s{number}", -number, f"é{number}", str(number), f"{number}\u202e{_HALF}")
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        if self._random.random() < 0.1:
            message["id"] = self._one(*names)
        if self._random.random() < 0.03:
            del message["params"]
        if self._random.random() < 0.002:
            message["jsonrpc"] = self._one("1.0", 2, None, "")
        return message

    def _notification(self) -> dict[str, Any]:
        method = self._one(*self._notifications)
        params = self._notifications[method]()
        if self._random.random() < 0.5:
            params = self._mutated(params)
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if self._random.random() < 0.05:
            message["method"] = self._one(None, 5, [], {})
        return message

    def _fragment(self) -> dict[str, Any]:
        number = self._random.randrange(10**6)
        return self._one(
            {"jsonrpc": "2.0", "id": f"r{number}", "result": self._one(*_JUNK)},
            {"jsonrpc": "2.0", "id": "x", "error": self._one({}, {"code": 1, "message": "x"}, 5)},
            {"jsonrpc": "2.0"},
            {},
            {"id": f"f{number}"},
            {"method": "x"},
        )

    def _no_json(self) -> bytes:
        body = _encoded({"jsonrpc": "2.0", "id": "broken", "method": "codekin/status", "params": {}})
        return self._one(
            body[: -self._random.randrange(1, 20)],
            body.replace(b":", b"", 1),
            b"",
            b"\xff\xfe" + body,
            self._random.randbytes(60),
            b"{" * 3_000,
            b"[" * 100_000,
        )

    def _mutated(self, value: Any) -> Any:
        if not isinstance(value, (dict, list)) or not value or self._random.random() < 0.3:
            return self._one(*_JUNK)
        if isinstance(value, list):
            at = self._random.randrange(len(value))
            return [*value[:at], self._mutated(value[at]), *value[at + 1 :]]
        key, share = self._one(*value), self._random.random()
        if share < 0.25:
            return {name: item for name, item in value.items() if name != key}
        return {**value, "extra": self._one(*_JUNK)} if share < 0.35 else {**value, key: self._mutated(value[key])}

    def _one(self, *values: Any) -> Any:
        return self._random.choice(values)

    def _uri(self) -> str:
        odd = [value for value in _JUNK if isinstance(value, str)]
        return str(self._one(*self._uris, *odd) if self._random.random() < 0.3 else self._one(*self._uris))

    def _document(self) -> dict[str, Any]:
        return {"uri": self._uri()}

    def _position(self) -> dict[str, Any]:
        return {"line": self._one(0, 1, 5, 30, 10**6, -1, 2**31), "character": self._one(0, 3, 10**6, -1, 2**31)}

    def _range(self) -> dict[str, Any]:
        return {"start": self._position(), "end": self._position()}

    def _place(self) -> dict[str, Any]:
        return {"textDocument": self._document(), "position": self._position()}

    def _search(self) -> dict[str, Any]:
        queries = ("retry", "", "lang:python x", "a" * 3_000, "path:** kind:test", "at:HEAD~99 x", "\0", "(a+)+$", "*")
        filters = (
            None,
            {},
            {"languages": ["python"]},
            {"paths": ["!**"]},
            {"at": "-x"},
            {"after": "2026-13-45"},
            {"x": 1},
        )
        found = {"query": self._one(*queries), "limit": self._one(1, 20, 1_000, 0, -1), "filters": self._one(*filters)}
        found["mode"] = self._one("hybrid", "semantic", "lexical", "regex", "literal", "what")
        return {**found, "partialResultToken": self._one(1, "t")} if self._random.random() < 0.1 else found

    def _text(self) -> str:
        texts = (
            "",
            "x",
            "def f():\n  pass\n" * 100,
            "\0" * 50,
            "\U0001f600" * 20,
            "a" * 20_000,
            "\r\n\r\u2028\f" * 100,
        )
        return str(self._one(*texts, _HALF))

    def _request_makers(self) -> dict[str, Callable[[], Any]]:
        commands = ("codekin.server.search", "codekin.server.status", "codekin.server.nope", "codekin.findRelated", "x")
        place = {"capabilities": {}, "processId": None, "rootUri": None}
        found: dict[str, Callable[[], Any]] = {
            "codekin/search": self._search,
            "codekin/related": lambda: {**self._place(), "limit": self._one(5, 0, -3)},
            "codekin/explain": lambda: {**self._search(), **self._place()},
            "codekin/control": lambda: {"action": self._one("pause", "resume", "resume", "sync", "what")},
            "codekin/commit": self._document,
            "codekin/map": lambda: {"limit": self._one(1, 100, 0, -1, 10**9), "known": self._one("", "x")},
            "codekin/blame": lambda: {"textDocument": self._document(), "range": self._range()},
            "textDocument/hover": self._place,
            "workspace/symbol": lambda: {"query": self._one("", "a", "call_with_retry", "x" * 1_000)},
            "textDocument/codeAction": lambda: {
                "textDocument": self._document(),
                "range": self._range(),
                "context": {"diagnostics": []},
            },
            "textDocument/codeLens": lambda: {"textDocument": self._document()},
            "codeLens/resolve": lambda: {"range": self._range(), "data": self._one(None, self._document(), 5)},
            "workspace/executeCommand": lambda: {
                "command": self._one(*commands),
                "arguments": self._one([self._search()], [], None, [5], [None], "x", 5, True, {}),
            },
            "initialize": lambda: place,
        }
        for name in ("codekin/status", "codekin/filters", "codekin/doctor", "textDocument/didOpen", *_UNKNOWN):
            found[name] = dict
        return found

    def _notification_makers(self) -> dict[str, Callable[[], Any]]:
        settings = (None, {}, {"codekin": {"debounceMs": "x"}}, {"codekin": 5}, {"codekin": {"nope": 1}}, [], 5)
        versions = (1, -5, 0, 2**31)
        return {
            "textDocument/didOpen": lambda: {
                "textDocument": {
                    **self._document(),
                    "languageId": "python",
                    "version": self._one(*versions),
                    "text": self._text(),
                }
            },
            "textDocument/didChange": lambda: {
                "textDocument": {**self._document(), "version": self._one(*versions)},
                "contentChanges": self._one([{"text": self._text()}], [], [{"range": self._range(), "text": "x"}]),
            },
            "textDocument/didClose": lambda: {"textDocument": self._document()},
            "textDocument/didSave": lambda: {"textDocument": self._document(), "text": self._text()},
            "workspace/didChangeWatchedFiles": lambda: {
                "changes": [{**self._document(), "type": self._one(1, 2, 3, 9)} for _ in range(self._one(0, 1, 30))]
            },
            "workspace/didChangeConfiguration": lambda: {"settings": self._one(*settings)},
            "$/cancelRequest": lambda: {"id": self._one("x", -1, None, 2**70, [], 1.5)},
            "$/setTrace": lambda: {"value": self._one("off", "x", 5)},
            "$/progress": lambda: {"token": 1, "value": {}},
            "window/workDoneProgress/cancel": lambda: {"token": self._one("x", None, 1)},
            "nope/note": dict,
            "textDocument/hover": self._place,
            "notebookDocument/didOpen": dict,
            "notebookDocument/didClose": dict,
        }


def _encoded(message: Any) -> bytes:
    """In ASCII; what is marked as no JSON becomes a number that JSON does not have."""
    return json.dumps(message).replace(f'"{_NOT_JSON}"', "NaN").encode()


def _refuse(name: str) -> Any:
    raise AssertionError(f"the server sent {name}, which is no JSON")
