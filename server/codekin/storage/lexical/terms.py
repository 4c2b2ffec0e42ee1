"""The terms of the lexical index: stems of the words of identifiers, and every compound identifier as a whole."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import snowballstemmer

from codekin.domain.words import identifiers, split_identifier

_CACHE = 100_000
_stemmer = snowballstemmer.stemmer("english")


def stem(word: str) -> str:
    """Snowball's English stem: "retries", "retrying" and "retry" are one; numbers and short words stay as they are."""
    stemmed: str = _stemmer.stemWord(word) if len(word) > 2 else word  # noqa: PLR2004 - "is", "id", "db"
    return stemmed


@lru_cache(maxsize=_CACHE)
def _term_of_word(word: str) -> int:
    return term_id(stem(word))


@lru_cache(maxsize=_CACHE)
def terms_of_identifier(identifier: str) -> tuple[int, ...]:
    """Term ids of an identifier: one for each word, and one for the whole where it has several."""
    parts = split_identifier(identifier)
    ids = tuple(map(_term_of_word, parts))
    return (*ids, term_id(f"={identifier.lower()}")) if len(parts) > 1 else ids


def terms_of(text: str) -> tuple[int, ...]:
    """Term ids of a text, in order, repeated as often as they stand there."""
    return tuple(term for identifier in identifiers(text) for term in terms_of_identifier(identifier))


def term_id(term: str) -> int:
    """63 bits of blake2b: no vocabulary has to be kept, and a clash among a million terms has odds of one in 10 million."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") >> 1
