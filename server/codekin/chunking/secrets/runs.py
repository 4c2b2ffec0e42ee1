"""Tokens: long runs of letters and digits after an issuer's prefix or a vendor's name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codekin.chunking.secrets.found import Found, entropy_bits
from codekin.chunking.secrets.rules import DISCORD_BOT, Rule, rules

_SHORTEST = 18
"""Minimum length of a token. Shorter ones are rare, and found by the names of their settings."""
_KINDS = bytes(
    ord("d") if chr(code).isdigit() else ord("x") if chr(code).isalpha() or code in b"_-" else ord(" ")
    for code in range(128)
).ljust(256)
"""Translates digits to d, what else runs consist of to x, and all other bytes to spaces."""
_LETTERS = b"x" * _SHORTEST
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
_TAIL = re.compile(r"[\w-]*")
_JSON_WEB_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,4000}(?:\.[A-Za-z0-9_-]{10,4000})?")


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
        if text[end : end + 1] == ".":
            found = _web_token(text, start, stop) or found or _first(text, (DISCORD_BOT,), start, stop, start)
        if found is None:
            found = _vendor(text, start, stop)
        if found:
            yield found


def _runs(text: str) -> list[tuple[int, int]]:
    """Return the runs with a digit, and those that begin like a token of letters only."""
    kinds = text.encode("latin-1", "replace").translate(_KINDS) + b" "
    with_digit = list(_runs_with_digit(kinds))
    of_letters = list(_runs_of_letters(text, kinds))
    return sorted(with_digit + of_letters) if of_letters else with_digit


def _runs_with_digit(kinds: bytes) -> Iterator[tuple[int, int]]:
    find, find_before = kinds.find, kinds.rfind
    at = find(b"d")
    while at >= 0:
        start = find_before(b" ", 0, at) + 1
        end = find(b" ", at)
        if end - start >= _SHORTEST:
            yield start, end
        at = find(b"d", end)


def _runs_of_letters(text: str, kinds: bytes) -> Iterator[tuple[int, int]]:
    find = kinds.find
    start = find(_LETTERS)
    while start >= 0:
        end = find(b" ", start)
        if (text[start : start + 3] in _OF_LETTERS or text.startswith("SG.", start - 3)) and (
            b"d" not in kinds[max(0, start - 1) : end]
        ):
            yield start, end
        start = find(_LETTERS, end)


def _web_token(text: str, start: int, stop: int) -> Found | None:
    """Return the JSON web token whose header is in this run."""
    at = text.find("eyJ", start, stop)
    match = _JSON_WEB_TOKEN.match(text, at) if at >= 0 else None
    return Found(*match.span(), "json-web-token") if match else None


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
