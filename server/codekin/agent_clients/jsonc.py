"""Setting and removing one member or item of a JSON text, with comments and everything else kept.

JSON with comments and trailing commas is read, as VS Code, Zed and opencode do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*.*?\*/)|(?P<string>\"(?:[^\"\\\n]|\\.)*\")|(?P<mark>[{}\[\],:])|(?P<word>[^\s{}\[\],:\"/]+)",
    re.DOTALL,
)
_DEFAULT_INDENT = "  "
_DEEPEST = 100


class JsonError(ValueError):
    """The text is not JSON, or a value on the way is not an object; the message says where."""


@dataclass(slots=True)
class _Value:
    """A value at [start, end), with the members of an object or the items of an array."""

    start: int
    end: int = 0
    is_object: bool = False
    members: list[_Member] = field(default_factory=list)


@dataclass(slots=True)
class _Member:
    """A member by its key, or an item by its index, with the position of the comma after it.

    The position is -1 if there is none.
    """

    key: str
    start: int
    value: _Value
    comma: int = -1


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def get(text: str, path: Sequence[str]) -> Any:
    """Return the value at a path of keys, or None. Raises JsonError."""
    found = _find(_parsed(text), path) if text.strip() else None
    return None if found is None else json.loads(_without_comments(text[found.value.start : found.value.end]))


def with_member(text: str, path: Sequence[str], value: Any) -> str:
    """Return the text with a value added at a path that has none. Raises JsonError."""
    if not text.strip():
        text = "{}\n"
    root = _parsed(text)
    at, known = root, 0
    while known < len(path) - 1:
        member = next((item for item in at.members if item.key == path[known]), None)
        if member is None:
            break
        if not member.value.is_object:
            raise JsonError(f'"{path[known]}" is not an object')
        at, known = member.value, known + 1
    unit = _indent_unit(text, root)
    shown = json.dumps(value, ensure_ascii=False)
    for key in reversed(path[known + 1 :]):
        depth = path.index(key)
        shown = f"{{\n{unit * (depth + 1)}{json.dumps(key)}: {shown}\n{unit * depth}}}"
    return _inserted(text, at, f"{json.dumps(path[known])}: {shown}", unit * (known + 1), unit * known)


def with_item(text: str, path: Sequence[str], value: Any) -> str:
    """Return the text with a value at the end of the array at a path. Raises JsonError."""
    if get(text, path) is None:
        return with_member(text, path, [value])
    root = _parsed(text)
    found = _find(root, path)
    if found is None or text[found.value.start] != "[":
        raise JsonError(f'"{path[-1]}" is not an array')
    unit = _indent_unit(text, root)
    return _inserted(text, found.value, json.dumps(value, ensure_ascii=False), unit * (len(path) + 1), unit * len(path))


def without_member(text: str, path: Sequence[str]) -> str:
    """Return the text without the value at a path, and without what this empties.

    An item of an array is named by its index. The text is "" if nothing is left. Raises JsonError.
    """
    for length in range(len(path), 0, -1):
        root = _parsed(text) if text.strip() else None
        found = _find(root, path[:length]) if root else None
        if found is None:
            return text
        if length < len(path) and (found.value.members or _has_comment(text, found.value)):
            return text
        text = _removed(text, _parent(root, path[:length]), found)
    root = _parsed(text)
    return "" if not root.members and not _has_comment(text, _Value(0, len(text))) else text


def _inserted(text: str, at: _Value, member: str, indent: str, closing: str) -> str:
    if not at.members:
        inside = text[at.start + 1 : at.end - 1].rstrip()
        return f"{text[: at.start + 1]}{inside}\n{indent}{member}\n{closing}{text[at.end - 1 :]}"
    last = at.members[-1]
    end = last.comma + 1 if last.comma >= 0 else last.value.end
    line_end = _end_of_comment(text, end, at.end - 1)
    comma, trailing = ("", ",") if last.comma >= 0 else (",", "")
    return (
        f"{text[: last.value.end]}{comma}{text[last.value.end : line_end]}\n{indent}{member}{trailing}{text[line_end:]}"
    )


def _end_of_comment(text: str, start: int, limit: int) -> int:
    """Return the end of a comment behind a value on the same line, or `start`."""
    match = re.compile(r"[ \t]*(?://[^\n]*?(?=\r?\n)|/\*[^\n]*?\*/)").match(text, start, limit)
    return match.end() if match else start


def _removed(text: str, parent: _Value, member: _Member) -> str:
    at = parent.members.index(member)
    start = _after_previous(text, parent, at)
    if member.comma >= 0:
        return text[:start] + text[member.comma + 1 :]
    end = parent.end - 1 - (member.value.end - start)
    text = text[:start] + text[member.value.end :]
    if at:
        comma = parent.members[at - 1].comma
        return text[:comma] + text[comma + 1 :]
    # A comment before the end needs its line break.
    only_space = start == parent.start + 1 and not text[start:end].strip()
    return text[:start] + text[end:] if only_space else text


def _after_previous(text: str, parent: _Value, at: int) -> int:
    """Return where the space before a member begins, behind all comments before it."""
    start = parent.start + 1
    if at:
        before = parent.members[at - 1]
        start = max(before.comma + 1, before.value.end)
    end = parent.members[at].start
    for token in _tokens(text[start:end]):
        if token.text.strip():
            start_of_rest = start + token.end
            return _after_rest(text, start_of_rest, end)
    return start


def _after_rest(text: str, start: int, end: int) -> int:
    rest = [token.end for token in _tokens(text[start:end]) if token.text.strip()]
    return start + rest[-1] if rest else start


def _has_comment(text: str, value: _Value) -> bool:
    return any(token.text.startswith("/") for token in _tokens(text[value.start : value.end]))


def _indent_unit(text: str, root: _Value) -> str:
    if not root.members:
        return _DEFAULT_INDENT
    line = text.rfind("\n", 0, root.members[0].start) + 1
    indent = text[line : root.members[0].start]
    return indent if indent and not indent.strip() else _DEFAULT_INDENT


def _find(root: _Value, path: Sequence[str]) -> _Member | None:
    found: _Member | None = None
    at = root
    for key in path:
        found = next((item for item in at.members if item.key == key), None)
        if found is None:
            return None
        at = found.value
    return found


def _parent(root: _Value | None, path: Sequence[str]) -> _Value:
    assert root is not None
    found = _find(root, path[:-1])
    return found.value if found else root


def _without_comments(text: str) -> str:
    kept = [token for token in _tokens(text) if token.kind != "space"]
    return "".join(
        token.text
        for token, following in zip(kept, [*kept[1:], None], strict=True)
        if not _is_trailing(token, following)
    )


def _is_trailing(token: _Token, following: _Token | None) -> bool:
    return token.text == "," and following is not None and following.text in "}]"


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise JsonError(f"line {text.count(chr(10), 0, at) + 1} cannot be read")
        yield _Token(match.lastgroup, match[0], at)
        at = match.end()


def _parsed(text: str) -> _Value:
    begin = 1 if text.startswith("\ufeff") else 0
    tokens = [
        _Token(item.kind, item.text, item.start + begin) for item in _tokens(text[begin:]) if item.kind != "space"
    ]
    value, end = _value(tokens, 0, 0)
    if end != len(tokens) or not value.is_object:
        raise JsonError("it is not one JSON object")
    return value


def _value(tokens: Sequence[_Token], at: int, depth: int) -> tuple[_Value, int]:
    first = _token(tokens, at)
    if depth > _DEEPEST:
        raise JsonError("it is nested too deeply")
    if first.text == "{":
        return _object(tokens, at, depth)
    if first.text == "[":
        return _array(tokens, at, depth)
    if first.kind not in ("string", "word"):
        raise JsonError(f'"{first.text}" is not a value')
    try:
        json.loads(first.text)
    except ValueError as error:
        raise JsonError(f"{first.text[:40]} is not a value") from error
    return _Value(first.start, first.end), at + 1


def _object(tokens: Sequence[_Token], at: int, depth: int) -> tuple[_Value, int]:
    value = _Value(_token(tokens, at).start, is_object=True)
    at += 1
    while _token(tokens, at).text != "}":
        key = _token(tokens, at)
        if key.kind != "string" or _token(tokens, at + 1).text != ":":
            raise JsonError(f'"{key.text[:40]}" is not a key')
        inner, at = _value(tokens, at + 2, depth + 1)
        member = _Member(json.loads(key.text), key.start, inner)
        value.members.append(member)
        if _token(tokens, at).text == ",":
            member.comma = _token(tokens, at).start
            at += 1
        elif _token(tokens, at).text != "}":
            raise JsonError(f'a comma is missing before "{_token(tokens, at).text[:40]}"')
    value.end = _token(tokens, at).end
    return value, at + 1


def _array(tokens: Sequence[_Token], at: int, depth: int) -> tuple[_Value, int]:
    value = _Value(_token(tokens, at).start)
    at += 1
    while _token(tokens, at).text != "]":
        inner, at = _value(tokens, at, depth + 1)
        item = _Member(str(len(value.members)), inner.start, inner)
        value.members.append(item)
        if _token(tokens, at).text == ",":
            item.comma = _token(tokens, at).start
            at += 1
        elif _token(tokens, at).text != "]":
            raise JsonError(f'a comma is missing before "{_token(tokens, at).text[:40]}"')
    value.end = _token(tokens, at).end
    return value, at + 1


def _token(tokens: Sequence[_Token], at: int) -> _Token:
    if at >= len(tokens):
        raise JsonError("it ends too early")
    return tokens[at]
