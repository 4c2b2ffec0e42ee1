"""What a search asks and what it answers, the same for every edge. Lines are 0-based, end exclusive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["hybrid", "semantic", "lexical", "regex", "literal"]
Rerank = Literal["similarity", "diversity"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means no restriction; the parts are combined with AND, the values within one with OR.

    `extensions` with or without the dot; `paths` are globs in .gitignore syntax relative to the root, a leading "!"
    excludes; `authors` are substrings, case folded; `after` and `before` are ISO dates (YYYY-MM-DD), both inclusive.
    """

    languages: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Refinement:
    """What becomes of the ranked results before they are cut to the limit: first `rerank`, then `threshold`.

    "similarity" orders by the cosine with the query, which becomes the score; "diversity" puts back what is much like
    results above it. Results that score below `threshold` are left out; with `of_best` it is a share of the best score.
    """

    threshold: float | None = None
    of_best: bool = False
    rerank: Rerank | None = None


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
    characters.
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
