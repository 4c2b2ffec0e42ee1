"""Git's wildcards (wildmatch.c) as regular expressions that run in time linear in the text.

Git compares bytes, so patterns and texts are strings with one character for each byte: see
`octets`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from itertools import count

_ONE = "[^/]"
_SLASH, _STAR, _DIRS, _ANY, _REST = "/", "*", "**/", "**", "**$"
"""Tokens that are not single characters.

`**/` may match nothing or end at any slash, `**` is followed by an escaped slash, and `**$` matches
the rest.
"""
_HALF_OF_ALL = 128
_ESCAPED_SLASH = "\\/"
_group = count()
_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, range(32))) + "\x7f",
    "digit": string.digits,
    "graph": "".join(map(chr, range(33, 127))),
    "lower": string.ascii_lowercase,
    "print": "".join(map(chr, range(32, 127))),
    "punct": string.punctuation,
    "space": " \t\n\r",
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}
"""Character classes of git's own tables, independent of the locale.

Neither form feed nor vertical tab is a space.
"""


class _NeverError(Exception):
    """The pattern matches nothing: an open bracket, an unknown class, a trailing backslash."""


def octets(text: str) -> str:
    """Return the UTF-8 bytes of a text, each as one character.

    This way `?` matches one byte, as in git.
    """
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def shown(text: str) -> str:
    """Return a text of octets in readable form."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def lower(text: str) -> str:
    """Return a text with ASCII letters in lower case, as git compares with core.ignoreCase."""
    return text.lower() if text.isascii() else text.encode("latin-1").lower().decode("latin-1")


def expression(pattern: str, *, is_path: bool, fold: bool) -> str | None:
    r"""Return a regular expression (DOTALL, `match`) for a whole text, or None if nothing matches.

    `is_path` is WM_PATHNAME: no wildcard but `**` matches a slash. With `fold`, texts must be in
    lower case. No text causes repeated backtracking: the part between two stars is matched at its
    first position and stays there, which loses no match.
    """
    try:
        tokens = _tokens(pattern, is_path=is_path, fold=fold)
    except _NeverError:
        return None
    runs: list[tuple[str, list[str]]] = [("", [])]
    for token in tokens:
        if token in (_DIRS, _ANY, _REST):
            runs.append((token, []))
        else:
            runs[-1][1].append(token)
    parts = [_run(tokens) if not joint else _jump(joint, tokens, is_last=False) for joint, tokens in runs[:-1]]
    joint, tokens = runs[-1]
    parts.append(_jump(joint, tokens, is_last=True) if joint else _run(tokens))
    return "".join(parts) + r"\Z"


def _tokens(pattern: str, *, is_path: bool, fold: bool) -> list[str]:
    """Return single characters as expressions, and the tokens above."""
    tokens: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            start = at - 1
            while pattern[at : at + 1] == "*":
                at += 1
            token = _stars(pattern, start, at) if is_path else _STAR
            at += token == _DIRS
        elif char == "?":
            token = _ONE
        elif char == "[":
            members, at = _bracket(pattern, at, fold=fold)
            token = _one_of(members)
        elif char == "\\":
            # With core.ignoreCase, git compares lower-case text; an escaped capital never matches.
            if at == len(pattern) or (fold and pattern[at] in string.ascii_uppercase):
                raise _NeverError
            token = _SLASH if pattern[at] == "/" else re.escape(pattern[at])
            at += 1
        else:
            token = _SLASH if char == "/" else re.escape(lower(char) if fold else char)
        tokens.append(token)
    return tokens


def _stars(pattern: str, start: int, end: int) -> str:
    """Return the token of the stars at [start, end).

    Two or more cross slashes only if they are a whole component.
    """
    alone = end - start > 1 and (start == 0 or pattern[start - 1] == "/")
    if alone and end == len(pattern):
        return _REST
    if alone and pattern[end] == "/":
        return _DIRS
    return _ANY if alone and pattern.startswith(_ESCAPED_SLASH, end) else _STAR


def _run(tokens: Iterable[str]) -> str:
    """Return the expression of components between slashes, each with its stars."""
    components: list[list[list[str]]] = [[[]]]
    for token in tokens:
        if token == _SLASH:
            components.append([[]])
        elif token == _STAR:
            components[-1].append([])
        else:
            components[-1][-1].append(token)
    return "/".join(map(_component, components))


def _component(pieces: list[list[str]]) -> str:
    first, *middle = ["".join(piece) for piece in pieces]
    if not middle:
        return first
    *middle, last = middle
    return first + "".join(_once(f"[^/]*?{piece}") for piece in middle) + f"[^/]*{last}"


def _jump(joint: str, tokens: Iterable[str], *, is_last: bool) -> str:
    """Return the expression of two stars and the tokens up to the next two."""
    run = _run(tokens)
    if joint == _REST:
        return ".*"
    if is_last:
        return (".*" if joint == _ANY else "(?:.*/)?") + run
    return _once((".*?" if joint == _ANY else "(?:.*?/)??") + run)


def _once(source: str) -> str:
    """Return an atomic group, which Python has only since 3.11.

    A lookahead is never entered again, so a named one has the same effect.
    """
    name = f"g{next(_group)}"
    return f"(?=(?P<{name}>{source}))(?P={name})"


def _bracket(pattern: str, at: int, *, fold: bool) -> tuple[frozenset[str], int]:
    """Return (characters that the bracket matches, end position).

    `at` is after the opening bracket.
    """
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    matched: set[str] = set()
    previous, first = "", True
    while first or pattern[at : at + 1] != "]":
        first = False
        char = _char(pattern, at)
        if char == "\\":
            at += 1
            char = _char(pattern, at)
            matched.add(char)
        elif char == "-" and previous and pattern[at + 1 : at + 2] not in ("", "]"):
            at += 1
            char = pattern[at]
            if char == "\\":
                at += 1
                char = _char(pattern, at)
            span = {chr(code) for code in range(ord(previous), ord(char) + 1)}
            matched |= span | ({one.lower() for one in span if one in string.ascii_uppercase} if fold else set())
            char = ""
        elif char == "[" and pattern[at + 1 : at + 2] == ":":
            end = pattern.find("]", at + 2)
            if end < 0:
                raise _NeverError
            if end > at + 2 and pattern[end - 1] == ":":
                matched |= _named(pattern[at + 2 : end - 1], fold=fold)
                at, char = end, ""
            else:
                matched.add(char)
        else:
            matched.add(char)
        previous = char
        at += 1
    everything = set(map(chr, range(256)))
    return frozenset((everything - matched if negated else matched) - {"/"}), at + 1


def _char(pattern: str, at: int) -> str:
    if at >= len(pattern):
        raise _NeverError
    return pattern[at]


def _named(name: str, *, fold: bool) -> frozenset[str]:
    if name not in _CLASSES:
        raise _NeverError
    return frozenset(_CLASSES[name] + (string.ascii_lowercase if fold and name == "upper" else ""))


def _one_of(members: frozenset[str]) -> str:
    if not members:
        raise _NeverError
    if len(members) == 1:
        return re.escape(next(iter(members)))
    if len(members) > _HALF_OF_ALL:
        return "[^" + "".join(re.escape(chr(code)) for code in range(256) if chr(code) not in members) + "]"
    return "[" + "".join(map(re.escape, sorted(members))) + "]"
