"""JSON-RPC messages: bounded parsing of input, and output that is always valid JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

VERSION = "2.0"
MAX_DEPTH = 64
"""Maximum nesting of objects and arrays; the messages of the specification need about ten."""
_MAX_DIGITS = 400
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)"|[\[\]{}"]')
_SCALAR = re.compile(rb'\s*:\s*("(?:[^"\\]|\\.){0,200}"|-?\d{1,20}(?![\d.eE]))')
_MAX_OUTLINE_BYTES = 1 << 16


class UnreadableError(Exception):
    """The body is not JSON; the text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """The parsed body. `unusable` says why its parameters must not be used, "" if they may."""

    value: Any
    unusable: str = ""


def read_message(body: bytes) -> Message:
    """Parse a message. Raises UnreadableError if it is not JSON.

    Unpaired surrogates become U+FFFD, except in ids, which are returned to the client unchanged.
    """
    numbers = _Numbers()
    try:
        text = body.decode("utf-8-sig")
        value = json.JSONDecoder(
            parse_constant=numbers.refuse, parse_float=numbers.real, parse_int=numbers.integer
        ).decode(text)
    except RecursionError:
        return Message(_outline(body), _too_deep())
    except UnicodeDecodeError as error:
        raise UnreadableError("The message is not UTF-8.") from error
    except ValueError as error:
        raise UnreadableError("The message is not JSON.") from error
    if _is_deep(value):
        return Message(value, _too_deep())
    if numbers.refused:
        return Message(value, "It contains a number that is not valid JSON or is out of range.")
    if _ESCAPED_SURROGATE.search(text) and isinstance(value, dict):
        value = _repaired(value)
    return Message(value)


def written(value: Any, default: Callable[[Any], Any]) -> bytes:
    """Return one message in ASCII, with null for non-finite numbers.

    `default` is that of `json.dumps`.
    """
    try:
        return json.dumps(value, default=default, allow_nan=False).encode("ascii")
    except ValueError:
        plain = json.loads(json.dumps(value, default=default), parse_constant=lambda _: None)
        return json.dumps(plain, allow_nan=False).encode("ascii")


def is_id(value: Any) -> bool:
    """Whether the value can be a request id. LSP and MCP allow neither null nor fractions."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


class _Numbers:
    """Parses numbers, and sets `refused` for one that clients cannot represent."""

    def __init__(self) -> None:
        self.refused = False

    def refuse(self, _text: str) -> Any:
        self.refused = True

    def real(self, text: str) -> Any:
        value = float(text)
        return value if math.isfinite(value) else self.refuse(text)

    def integer(self, text: str) -> Any:
        return int(text) if len(text) <= _MAX_DIGITS else self.refuse(text)


def _too_deep() -> str:
    return f"It is nested more than {MAX_DEPTH} levels deep."


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def without_surrogates(value: Any) -> Any:
    """Return the JSON with U+FFFD for every unpaired surrogate, which UTF-8 cannot encode."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return value


def _repaired(message: dict[str, Any]) -> dict[str, Any]:
    """Return the message without surrogates, except in ids."""
    found = {name: item if name == "id" else without_surrogates(item) for name, item in message.items()}
    params = message.get("params")
    if isinstance(params, dict) and "id" in params:
        found["params"] = {**found["params"], "id": params["id"]}  # of the request to cancel
    return found


def _outline(body: bytes) -> dict[str, Any]:
    """Return the version, id and method of an object that is too deep to parse."""
    found: dict[str, Any] = {}
    head, at, depth = body[:_MAX_OUTLINE_BYTES], 0, 0
    while (token := _TOKEN.search(head, at)) is not None:
        at = token.end()
        if token[0] == b'"':
            break  # a string that ends beyond the limit
        if token[0] in (b"[", b"{"):
            depth += 1
        elif token[0] in (b"]", b"}"):
            depth -= 1
        elif depth == 1 and token[1] in (b"id", b"method", b"jsonrpc") and (item := _SCALAR.match(head, at)):
            with suppress(ValueError):  # an invalid escape counts as no value
                found[token[1].decode()] = json.loads(item[1])
            at = item.end()
    return found
