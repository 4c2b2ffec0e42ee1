"""Messages to a language server that no client should send, made from random numbers."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

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
UNKNOWN_METHODS = (
    "nope/nope",
    "$/unknown",
    "",
    "textDocument/formatting",
    "textDocument/completion",
    "workspace/diagnostic",
)


class Messages:
    """Makes messages; equal random numbers give equal messages."""

    def __init__(self, uris: list[str], random_: random.Random) -> None:
        self._uris, self._random = uris, random_
        self._requests = self._request_makers()
        self._notifications = self._notification_makers()

    def any(self, number: int) -> tuple[str, Any]:
        """Return the kind of a message, and the message or its bytes."""
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
        body = encoded({"jsonrpc": "2.0", "id": "broken", "method": "codekin/status", "params": {}})
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
        for name in ("codekin/status", "codekin/filters", "codekin/doctor", "textDocument/didOpen", *UNKNOWN_METHODS):
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


def encoded(message: Any) -> bytes:
    """Encode a message in ASCII; the marker for invalid JSON becomes NaN, which is invalid."""
    return json.dumps(message).replace(f'"{_NOT_JSON}"', "NaN").encode()
