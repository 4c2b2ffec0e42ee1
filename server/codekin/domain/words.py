"""Splitting of identifiers into words.

The lexical index and the ranking use `words`; the static embedder uses the words of identifiers
alone, as the tokenizer that is published with it does.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

IDENTIFIER = re.compile(r"\w+")
"""A run of letters, digits and underscores of any script."""

_SEPARATOR = re.compile(r"\.|::|#|->")
_PART = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_VERSION = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)+)", re.IGNORECASE)
_HAS_VERSION = re.compile(r"\.(?<=[0-9]\.)[0-9]")
"""Finds a point between digits; most texts have none, and it begins with the rarer character."""
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]+"
)
"""Han, Hiragana, Katakana and Hangul: scripts that do not separate words, or inflect them."""
_CACHE = 16_384
"""More than the new identifiers of a batch of files.

The model splits an identifier, and the lexical index splits it again soon after.
"""


_ASCII_GAPS = bytes(code if code < 128 and (chr(code).isalnum() or chr(code) == "_") else 32 for code in range(256))  # noqa: PLR2004


def identifiers(text: str) -> list[str]:
    """Return the matches of `IDENTIFIER`, in order.

    For plain ASCII, which most code is, this is five times faster than the expression.
    """
    if text.isascii():
        return text.encode("ascii").translate(_ASCII_GAPS).decode("ascii").split()
    return IDENTIFIER.findall(text)


@lru_cache(maxsize=_CACHE)
def split_identifier(identifier: str) -> tuple[str, ...]:
    """Return the lower-case words of an identifier, in order.

    "parseHTTPResponse_v2" gives parse, http, response, v, 2. Splits at underscores, at case changes
    and around digits; letters beyond A-Z count as lower case.
    """
    if identifier.isascii() and identifier.islower() and identifier.isalpha():
        return (identifier,)
    return tuple([part.lower() for part in _PART.findall(identifier)])


def tokens(text: str) -> list[str]:
    """Return the identifiers of a text, and each version number as one token, such as "8.2.0"."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)  # a combining accent would end a word
    if not _HAS_VERSION.search(text):
        return identifiers(text)
    return [*identifiers(_VERSION.sub(" ", text)), *_VERSION.findall(text)]


def words_of_token(token: str) -> tuple[str, ...]:
    """Return the words of one of the `tokens`, without accents.

    Scripts that do not separate words give overlapping pairs of characters, so that any part of a
    sentence can be found. The words of a version are itself and each shorter version: "8.2.0" gives
    8.2.0 and 8.2.
    """
    if not token.isascii():
        return _words_of_any_script(token)
    if "." not in token:
        return split_identifier(token)
    numbers = token.split(".")
    return tuple([".".join(numbers[:count]) for count in range(len(numbers), 1, -1)])


def words(text: str) -> list[str]:
    """Return all words of a text, in order."""
    return [word for token in tokens(text) for word in words_of_token(token)]


def is_unspaced(text: str) -> bool:
    """Return whether a text has letters of a script that does not separate words."""
    return not text.isascii() and _UNSPACED.search(text) is not None


@lru_cache(maxsize=_CACHE)
def _words_of_any_script(identifier: str) -> tuple[str, ...]:
    found: list[str] = []
    rest = 0
    for run in _UNSPACED.finditer(identifier):
        found += [*_spaced(identifier[rest : run.start()]), *_pairs(run[0])]
        rest = run.end()
    return (*found, *_spaced(identifier[rest:]))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]


def _spaced(text: str) -> list[str]:
    """Return the words of letters that are not `_UNSPACED`, in lower case and without accents."""
    plain = text
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        plain = "".join([character for character in decomposed if not unicodedata.combining(character)])
    return [part.casefold() for part in _PART.findall(plain)]


def bare_name(name: str) -> str:
    """Return the last part of a qualified name.

    "Session.retry", "a::b" and "Enum.map!" give retry, b and map.
    """
    return name if name.isidentifier() else _SEPARATOR.split(name)[-1].rstrip("!?")


def qualifiers(name: str) -> tuple[str, ...]:
    """Return the parts before the last one, in lower case."""
    return tuple(part.lower() for part in _SEPARATOR.split(name)[:-1])
