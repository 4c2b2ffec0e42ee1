"""Tokens: long runs of letters and digits after an issuer's prefix or a vendor's name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import methodcaller

from codekin.chunking.secrets.found import Found, entropy_bits
from codekin.chunking.secrets.rules import DISCORD_BOT, Rule, rules

_SHORTEST = 18
"""Minimum length of a token. Shorter ones are rare, and found by the names of their settings."""
_IN_RUN = bytes(ord("x") if chr(code).isalnum() or code in b"_-" else 32 for code in range(128)) + b" " * 128
_RUN = re.compile(b"x" * _SHORTEST + b"x*")
"""Matches runs in a text in which every letter and digit is an x, as fast as a plain search."""
_DIGITS = bytes(ord("d") if 48 <= code < 58 else 32 for code in range(256))  # noqa: PLR2004 - ASCII
_OF_LETTERS = frozenset(
    [
        "hf_",
        "api",
        "glp",
        "AIz",
        "EAA",
        "xox",
        "sk_",
        "rk_",
        "eyJ",
        "ghp",
        "gho",
        "ghu",
        "ghs",
        "ghr",
        "git",
        "npm",
        "pyp",
    ]
)
"""Beginnings of tokens that may contain no digit."""
_DATA_CHARACTERS = 2_000
"""Maximum length of a token. The beginning of a longer run is still examined."""
_LOOKED_AT = 400
_PREFIX = 24
_NAME = 70
_REST = 300
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_WORDS = re.compile(r"[a-z]+")
_OPERATORS = frozenset("=:>,|")
_SPAN = methodcaller("span")
_TAIL = re.compile(r"[\w-]*")


def find_tokens(text: str, lower: str) -> Iterator[Found]:
    """Find the tokens of a text. `lower` is the text in lower case, character by character."""
    known = rules()
    for start, end in _runs(text):
        stop = min(end, start + _LOOKED_AT) if end - start <= _DATA_CHARACTERS else start + _LOOKED_AT
        begin = max(0, start - _PREFIX)
        keywords = dict.fromkeys(
            known.keyword.findall(lower, begin, stop)
        )  # in their order, because the first rule decides
        found = _first(text, [rule for keyword in keywords for rule in known.tokens[keyword]], begin, stop, start)
        if found is None and text[end : end + 1] == ".":
            found = _first(text, (DISCORD_BOT,), start, stop, start)
        if found is None:
            found = _vendor(text, start, stop)
        if found:
            yield found


def _runs(text: str) -> list[tuple[int, int]]:
    """Return the runs with a digit, and those that begin like a token of letters only."""
    data = text.encode("latin-1", "replace")
    digit_in = data.translate(_DIGITS).find
    return [
        (start, end)
        for start, end in map(_SPAN, _RUN.finditer(data.translate(_IN_RUN)))
        if digit_in(b"d", start, end) >= 0
        or text[start : start + 3] in _OF_LETTERS
        or data.startswith(b"SG.", start - 3)
    ]


def _vendor(text: str, start: int, stop: int) -> Found | None:
    begin = max(0, start - _NAME)
    before = text[begin:start]
    if _OPERATORS.isdisjoint(before):
        return None
    vendors = rules().vendors
    words = {word.lower() for word in _WORD.findall(before)}.union(_WORDS.findall(before.lower()))
    return _first(text, [rule for word in sorted(words & vendors.keys()) for rule in vendors[word]], begin, stop, start)


def _first(text: str, candidates: Sequence[Rule], begin: int, stop: int, start: int) -> Found | None:
    """Return the first match that is a secret and overlaps the run that begins at `start`."""
    for rule in candidates:
        match = rule.regex.search(text, begin, stop + _REST)
        if match is None:
            continue
        group = next((number for number, value in enumerate(match.groups(), 1) if value), 0)
        first, last = match.span(group)
        value = text[first:last]
        if last <= start or first >= stop or entropy_bits(value) < rule.entropy or rule.allows(value):
            continue
        if rule.strict and rules().allowed.search(value):
            continue
        return Found(first, _TAIL.match(text, last).end(), rule.name)  # type: ignore[union-attr] # matches the empty text
    return None
