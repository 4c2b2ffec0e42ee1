"""The terms of the lexical index: stems of the words of identifiers, and compound identifiers."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import snowballstemmer

from codekin.domain.words import tokens, words_of_token

_CACHE = 100_000
_stemmer = snowballstemmer.stemmer("english")


def stem(word: str) -> str:
    """Return Snowball's English stem; numbers and short words are unchanged.

    "retries", "retrying" and "retry" have the same stem.
    """
    stemmed: str = _stemmer.stemWord(word) if len(word) > 2 else word  # noqa: PLR2004 - "is", "id", "db"
    return stemmed


@lru_cache(maxsize=_CACHE)
def _term_of_word(word: str) -> int:
    return term_id(stem(word))


@lru_cache(maxsize=_CACHE)
def terms_of_token(token: str) -> tuple[int, ...]:
    """Return the term ids of one of the `tokens`: one per word, plus one for a compound."""
    parts = words_of_token(token)
    ids = tuple(map(_term_of_word, parts))
    return (*ids, term_id(f"={token.lower()}")) if len(parts) > 1 else ids


def terms_of(text: str) -> tuple[int, ...]:
    """Return the term ids of a text, in order, repeated as often as they occur."""
    return tuple(term for token in tokens(text) for term in terms_of_token(token))


def term_id(term: str) -> int:
    """Return 63 bits of the term's blake2b hash, so that no vocabulary has to be stored.

    A collision among a million terms has odds of one in 10 million.
    """
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") >> 1
