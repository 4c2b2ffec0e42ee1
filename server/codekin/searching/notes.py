"""What an answer says about itself: that its matches are weak, or why there are none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from codekin.domain.search import SearchRequest, SearchResult
from codekin.searching.query.parsing import parse_query
from codekin.searching.ranking.confidence import WEAK, known_share
from codekin.searching.ranking.entire_names import begun_names
from codekin.searching.snapshot.snapshot import Snapshot

_MOST_CORRECTED = 4
_SIMILAR = 0.75
_RANKED = frozenset(("hybrid", "lexical", "semantic"))
_WEAK_MATCHES = "All matches are weak. Little in the index is similar to the query."
_NO_WORD = (
    "None of the words of the query are in the index. The bundled model understands English. In other languages, "
    "use words that occur in the code or its comments."
)


def notes_on(views: Sequence[Snapshot], request: SearchRequest, results: Sequence[SearchResult]) -> tuple[str, ...]:
    """Return sentences about an answer to a query without inline filters."""
    if request.mode not in _RANKED or not request.query.strip():
        return ()
    query = parse_query(request.query)
    if results:
        chance = results[0].confidence
        weak = chance is not None and chance < WEAK and not any(begun_names(view, query, 1) for view in views)
        return (_WEAK_MATCHES,) if weak else ()
    if not any(len(view.keys) for view in views) or known_share(views, query):
        return ()
    near = _similar_words(views, query.content_words)
    return (f"{_NO_WORD} Did you mean {near}?",) if near else (_NO_WORD,)


def _similar_words(views: Sequence[Snapshot], asked: Sequence[str]) -> str:
    """Return the query with each word replaced by a similar one in a name, "" if one has none."""
    if len(asked) > _MOST_CORRECTED:
        return ""
    known = {word for view in views for word in view.blocks.words_of_names()}
    near = [difflib.get_close_matches(word, _of_similar_length(known, word), 1, _SIMILAR) for word in asked]
    return " ".join(found[0] for found in near) if near and all(near) else ""


def _of_similar_length(known: Iterable[str], word: str) -> list[str]:
    """Return the words that may be similar by their length, which spares comparing the others.

    The similarity of two texts is at most twice the length of the shorter over that of both.
    """
    least, most = len(word) * _SIMILAR / (2 - _SIMILAR), len(word) * (2 - _SIMILAR) / _SIMILAR
    return [other for other in known if least - 1 <= len(other) <= most + 1]
