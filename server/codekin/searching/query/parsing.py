"""The parts of a query: its words, its identifiers, and its kind."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from codekin.chunking import language_of
from codekin.domain.words import is_unspaced, qualifiers, split_identifier, words
from codekin.searching.query.long_text import LongText, NamedPlace, is_long, named_places, read_long_text

_TOKEN = re.compile(r"[^\W\d]\w*(?:(?:\.|::|#|->)[^\W\d]\w*[!?]?)*")
_PATH = re.compile(r"^[\w.@+-]*(?:/[\w.@+-]+)+/?$")
_FILE_NAME = re.compile(r"^[\w@+.-]+\.[a-z]\w{0,5}$")
_MOST_NAMES = 60
"""Number of names of a long query whose definitions are looked up."""
_FILLERS = frozenset((
    "a", "an", "the", "of", "to", "in", "on", "for", "and", "or", "is", "are", "was", "be", "by", "with", "how", "what", "where",
    "which", "does", "do", "did", "it", "its", "this", "that", "from", "into", "as", "at", "when", "who", "why", "between", "there",
    "these", "those", "than", "then", "can", "i", "we", "you", "not", "no", "if",
))  # fmt: skip


class QueryKind(str, Enum):
    """The form of a query, which selects the weights of the ranking.

    SYMBOL is one identifier, possibly qualified. PATH is a file name or a path. MIXED is prose with
    identifiers in it. LONG is a text of several lines or many words, such as a pasted issue.
    """

    SYMBOL = "symbol"
    PATH = "path"
    MIXED = "mixed"
    PROSE = "prose"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    `identifiers` are tokens that can only be names (camelCase, snake_case, qualified), or the only
    word. `content_words` are the distinct words without fillers such as "the", or all words if
    there are only fillers. A long query has its parts in `parts`, and its first line in `title`;
    its `text` is without noise. `places` are the files that it names, some with a line.
    """

    text: str
    kind: QueryKind
    words: tuple[str, ...]
    identifiers: tuple[str, ...]
    content_words: tuple[str, ...]
    parts: LongText | None = None
    title: Query | None = None
    places: tuple[NamedPlace, ...] = ()


def parse_query(text: str) -> Query:
    """Parse a query. Never raises; an empty text gives a prose query without words."""
    if not is_long(text):
        return _short(text.strip())
    read = read_long_text(text)
    whole, title = _parsed(read.asked.strip()), _parsed(read.title)
    names = tuple(dict.fromkeys((*title.identifiers, *read.quoted, *whole.identifiers)))[:_MOST_NAMES]
    return replace(whole, kind=QueryKind.LONG, identifiers=names, parts=read, title=title, places=read.places)


def _short(text: str) -> Query:
    """Return a query of few words; of a path with a line, such as `src/app.py:42`, the path."""
    places = tuple(place for place in named_places(text) if place.line >= 0)
    if len(places) == 1 and len(text.split()) == 1:
        return replace(_parsed(places[0].path), places=places)
    return replace(_parsed(text), places=places)


def _parsed(stripped: str) -> Query:
    tokens = _TOKEN.findall(stripped)
    single = len(stripped.split()) == 1 and not is_unspaced(stripped)
    names = tuple(dict.fromkeys(token for token in tokens if single or _looks_like_a_name(token)))
    if single and _is_path(stripped):
        kind = QueryKind.PATH
    elif single and tokens:
        kind = QueryKind.SYMBOL
    else:
        kind = QueryKind.MIXED if names else QueryKind.PROSE
    everything = tuple(words(stripped))
    content_words = tuple(dict.fromkeys(word for word in everything if word not in _FILLERS))
    return Query(stripped, kind, everything, names, content_words or tuple(dict.fromkeys(everything)))


def _is_path(text: str) -> bool:
    return bool(_PATH.match(text) or (_FILE_NAME.match(text) and language_of(text) != "text"))


def _looks_like_a_name(token: str) -> bool:
    if qualifiers(token) or "_" in token.strip("_"):
        return True
    inner = token[1:]
    return len(split_identifier(token)) > 1 and any(c.isupper() for c in inner) and any(c.islower() for c in token)
