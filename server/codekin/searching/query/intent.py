"""Whether a query is about code, commits, pull requests or folders, and which authors it names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from codekin.domain.words import words
from codekin.searching.query.parsing import Query, parse_query

_DONE = r"(?:\w{3,}ed|wrote|made|did|broke|began|brought|got)"
# A bare "commit" may just as well be that of a database.
_COMMIT_WORDS = re.compile(
    r"\b(?:which|what|last|latest|first|any|find|show) (?:\w+ )?commits?\b|\bcommits\b|\bcommit (?:that|which|message|hash|about|by|from|\w+ing)\b"
    r"|\b(?:introduced|reverted|authored)\b",
    re.IGNORECASE,
)
_PULL_WORDS = re.compile(r"\b(?:pull[- ]requests?|merge[- ]requests?|PRs?|pr)\b")
_FOLDER_WORDS = re.compile(
    r"\b(?:folder|directory|package) (?:with|of|for|that|where|which)\b|^(?:which|what) (?:folder|directory)\b",
    re.IGNORECASE,
)
# "when is" and "who calls" are about code, "when was" and "who fixed" about history.
_QUESTIONS = re.compile(
    rf"^(?:who (?:has )?{_DONE}|when (?:was|were|did|has|had)|since when|(?:what|which|the)? ?changes?\b"
    r"|what (?:did|has|have)|why (?:was|were|did)|last changed?)\b",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"\b(?:which|what|who|when|why|was|were|did|has|had|have|the|a|an|that|this|commits?|committed|introduced?|pull[- ]requests?"
    r"|merge[- ]requests?|PRs?|changes?|folder|directory|with|about|in|on|of|by|to)\b",
    re.IGNORECASE,
)
_BY = re.compile(r"\b(?:did|has|have|by|from)\s+((?:[^\W\d_]\S*\s*){1,2})", re.IGNORECASE)


class Intent(str, Enum):
    """The kind of result that a query is about; CODE unless its words say otherwise."""

    CODE = "code"
    COMMIT = "commit"
    PULL_REQUEST = "pull_request"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Question:
    """The intent of a query, and the query as it is run against records (commits and folders).

    `subject` lacks the words that only express the intent. `authors` are words that may be names.
    """

    intent: Intent
    subject: Query
    authors: frozenset[str]


def question_of(query: Query) -> Question:
    """Classify a query. Never raises."""
    text = query.text
    intent = Intent.CODE
    if "\n" in text:  # A pasted text has such words by chance.
        pass
    elif _PULL_WORDS.search(text):
        intent = Intent.PULL_REQUEST
    elif _COMMIT_WORDS.search(text) or _QUESTIONS.search(text):
        intent = Intent.COMMIT
    elif _FOLDER_WORDS.search(text):
        intent = Intent.DIRECTORY
    if intent is Intent.CODE:
        return Question(intent, query, frozenset())
    rest = " ".join(_NOISE.sub(" ", text).split())
    subject = parse_query(rest) if rest else query
    names = frozenset(word for found in _BY.findall(text) for word in words(found))
    return Question(intent, replace(subject, kind=query.kind), names)
