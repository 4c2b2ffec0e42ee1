"""What a search asks and what it answers, the same for every edge. Lines are 0-based, end exclusive."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from codekin.domain.commits import day_of

SIMILAR = "like this"
"""The relation of what is related by its likeness alone."""
DUPLICATE = "duplicate of"
"""The relation of what is so much like it that one may stand in for the other."""
Mode = Literal["hybrid", "semantic", "lexical", "regex", "literal"]
Rerank = Literal["similarity", "diversity"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means no restriction; the parts are combined with AND, the values within one with OR. A value with a leading "!"
    excludes; with such values alone, everything else is wanted.

    `extensions` with or without the dot; `paths` are globs in .gitignore syntax relative to the root; `authors` are
    substrings, case folded; `after` and `before` are ISO dates (YYYY-MM-DD), both inclusive; `symbols` are kinds of symbols
    ("function", "class", ...). A commit is of the languages, extensions and paths of the files that it changed: one that
    is wanted suffices.
    """

    languages: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    symbols: tuple[str, ...] = ()
    at: str = ""
    """A branch, tag or commit whose files are searched instead of those on disk."""


FILTER_NAMES = tuple(item.name for item in fields(Filters))
"""The filters that every edge offers, in the order of their declaration."""
LIST_FILTERS = tuple(item.name for item in fields(Filters) if item.default == ())
"""Those that take several values."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """What becomes of the ranked results before they are cut to the limit: first `rerank`, then `threshold`.

    "similarity" orders by the cosine with the query, which becomes the score; "diversity" puts back what is much like
    results above it. Results that score below `threshold` are left out; with `of_best` it is a share of the best score.
    """

    threshold: float | None = None
    of_best: bool = False
    rerank: Rerank | None = None


LONGEST_QUERY = 20_000
"""Characters of a query that are searched: a pasted issue with its log."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`limit` is 1 to 1,000."""

    query: str
    limit: int = 20
    mode: Mode = "hybrid"
    filters: Filters = field(default_factory=Filters)
    explain: bool = False
    refinement: Refinement = field(default_factory=Refinement)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`root` is the absolute folder that `path` is relative to. `parts` are the signals that make up `score` (their
    sum), by name, when asked for. `snippet` is the text of [start_line, end_line) as it is now, at most 4,000
    characters. `author` and `date` (seconds since the epoch; "" and 0 where unknown) are those of the file's last commit, or of
    the commit that the result itself is: then `commit` is its hash, `pull_request` the number of
    what it brought in (0: none), `symbol` its title, `path` stands for no file, and
    the lines are those of its message. What is related is so by `relation` ("tested by", "tests", "last changed in", "added in",
    "duplicate of", "like this"), a guess for which `reason` gives the grounds.
    """

    root: str
    path: str
    start_line: int
    end_line: int
    kind: str
    symbol: str
    language: str
    score: float
    snippet: str = ""
    parts: dict[str, float] = field(default_factory=dict)
    author: str = ""
    date: int = 0
    commit: str = ""
    pull_request: int = 0
    relation: str = ""
    reason: str = ""
    revision: str = ""
    """The commit that the text is from where another than the work tree was searched."""

    @property
    def day(self) -> str:
        """`date` as YYYY-MM-DD in UTC, "" where it is not known."""
        return day_of(self.date)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what should be in the index is in it, in files."""

    indexed: int
    total: int
    known: bool = True
    """False until the workspace has been looked through once: `total` may still grow."""

    @property
    def complete(self) -> bool:
        """Whether nothing is waiting."""
        return self.known and self.indexed >= self.total


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """Results best first. `took_ms` is the time inside the engine. `reasons` says what was degraded, if anything."""

    results: tuple[SearchResult, ...]
    coverage: Coverage
    took_ms: float
    reasons: tuple[str, ...] = ()
