"""JSON in and out: what a client sends is read within bounds, what it is sent is always JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

VERSION = "2.0"
DEEPEST = 64
"""Nested objects and arrays; the specification's own messages need about ten."""
_MOST_DIGITS = 400
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)"|[\[\]{}"]')
_SCALAR = re.compile(rb'\s*:\s*("(?:[^"\\]|\\.){0,200}"|-?\d{1,20}(?![\d.eE]))')
_LOOKED_AT_BYTES = 1 << 16


class UnreadableError(Exception):
    """The body is not JSON; the text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """`value` is whatever the body holds. `unusable` says why its parameters are not to be looked at, "" where they may be."""

    value: Any
    unusable: str = ""


def read_message(body: bytes) -> Message:
    """Half a surrogate pair becomes U+FFFD, but for the ids, which are sent back as they came. Raises UnreadableError."""
    numbers = _Numbers()
    try:
        text = body.decode("utf-8-sig")
        value = json.JSONDecoder(
            parse_constant=numbers.refuse, parse_float=numbers.real, parse_int=numbers.whole
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
        return Message(value, "It holds a number that JSON does not have, or one that is out of range.")
    if _ESCAPED_HALF.search(text) and isinstance(value, dict):
        value = _mended(value)
    return Message(value)


def written(value: Any, default: Callable[[Any], Any]) -> bytes:
    """One message in ASCII. A number that JSON does not have becomes null. `default` is that of `json.dumps`."""
    try:
        return json.dumps(value, default=default, allow_nan=False).encode("ascii")
    except ValueError:
        plain = json.loads(json.dumps(value, default=default), parse_constant=lambda _: None)
        return json.dumps(plain, allow_nan=False).encode("ascii")


def is_id(value: Any) -> bool:
    """Whether a request may be named by it: JSON-RPC also knows null and fractions, which LSP and MCP do not."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


class _Numbers:
    """Reads numbers; those that Python would take and JSON, or the int of a client, does not have are noted."""

    def __init__(self) -> None:
        self.refused = False

    def refuse(self, _text: str) -> Any:
        self.refused = True

    def real(self, text: str) -> Any:
        value = float(text)
        return value if math.isfinite(value) else self.refuse(text)

    def whole(self, text: str) -> Any:
        return int(text) if len(text) <= _MOST_DIGITS else self.refuse(text)


def _too_deep() -> str:
    return f"It is nested more than {DEEPEST} levels deep."


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
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


def without_halves(value: Any) -> Any:
    """The same JSON with U+FFFD for every half of a surrogate pair, which UTF-8 does not have."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_halves(item) for item in value]
    if isinstance(value, dict):
        return {without_halves(key): without_halves(item) for key, item in value.items()}
    return value


def _mended(message: dict[str, Any]) -> dict[str, Any]:
    """Without the halves, but for the ids: that of the message, and the one within its parameters that cancels a request."""
    found = {name: item if name == "id" else without_halves(item) for name, item in message.items()}
    params = message.get("params")
    if isinstance(params, dict) and "id" in params:
        found["params"] = {**found["params"], "id": params["id"]}
    return found


def _outline(body: bytes) -> dict[str, Any]:
    """The version, id and method of an object that is too deep to be read, as far as they stand near its beginning."""
    found: dict[str, Any] = {}
    head, at, depth = body[:_LOOKED_AT_BYTES], 0, 0
    while (token := _TOKEN.search(head, at)) is not None:
        at = token.end()
        if token[0] == b'"':
            break  # a string that ends behind what is looked at
        if token[0] in (b"[", b"{"):
            depth += 1
        elif token[0] in (b"]", b"}"):
            depth -= 1
        elif depth == 1 and token[1] in (b"id", b"method", b"jsonrpc") and (item := _SCALAR.match(head, at)):
            with suppress(ValueError):  # an escape that is none: the same as no value
                found[token[1].decode()] = json.loads(item[1])
            at = item.end()
    return found
