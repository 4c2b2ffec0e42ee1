"""Search requests and responses, the same for every interface.

Lines are 0-based, end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from codekin.domain.commits import day_of

SIMILAR = "like this"
"""Relation of code that is related only by similarity."""
DUPLICATE = "duplicate of"
"""Relation of code that is so similar that one may replace the other."""
Mode = Literal["hybrid", "semantic", "lexical", "regex", "literal"]
Rerank = Literal["similarity", "diversity"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on results; an empty field means no restriction.

    The fields are combined with AND, the values of one field with OR. A value with a leading "!"
    excludes; a field with only such values includes everything else.

    `extensions` have a leading dot or not. `paths` are globs in .gitignore syntax relative to the
    root. `authors` are substrings, case folded. `after` and `before` are ISO dates (YYYY-MM-DD),
    both inclusive. `symbols` are kinds of symbols ("function", "class", ...), `roles` what files
    are for ("code", "test", "document", ...). A commit has the languages, extensions, paths and
    roles of the files it changed; one match suffices.
    """

    languages: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    symbols: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    at: str = ""
    """A branch, tag or commit whose files are searched instead of those on disk."""


FILTER_NAMES = tuple(item.name for item in fields(Filters))
"""The filters that every edge offers, in the order of their declaration."""
LIST_FILTERS = tuple(item.name for item in fields(Filters) if item.default == ())
"""Those that take several values."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """Processing of the ranked results before they are cut to the limit.

    First `rerank` is applied, then `threshold`. "similarity" orders by the cosine with the query,
    which becomes the score; "diversity" moves down results that resemble better ones. Results that
    score below `threshold` are dropped; with `of_best` it is a share of the best score.
    """

    threshold: float | None = None
    of_best: bool = False
    rerank: Rerank | None = None


LONGEST_QUERY = 20_000
"""Maximum length of a query in characters, enough for a pasted issue with its log."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search request; `limit` is 1 to 1,000."""

    query: str
    limit: int = 20
    mode: Mode = "hybrid"
    filters: Filters = field(default_factory=Filters)
    explain: bool = False
    refinement: Refinement = field(default_factory=Refinement)
    inline_filters: bool = True
    """Whether filters in the text are read; False takes the text as it is."""
    per_file: int | None = None
    """Maximum number of places of a file, 1 to 100; None is no maximum.

    With None, the best place of each file precedes any second one. Pattern matches are not limited.
    """


@dataclass(frozen=True, slots=True)
class Focus:
    """The characters at which a result opens.

    They are a name or a match, or the empty range at the beginning of a line.

    Columns count UTF-16 code units, as in LSP.
    """

    start_line: int
    start_column: int
    end_line: int
    end_column: int

    @classmethod
    def on_line(cls, line: int, start_column: int, end_column: int) -> Focus:
        """Return a focus within one line."""
        return cls(line, start_column, line, end_column)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One result of a search.

    `root` is the absolute folder that `path` is relative to. `parts` are the signals that add up to
    `score`, by name, if requested. `snippet` is the current text of [start_line, end_line), at most
    4,000 characters.

    `author` and `date` (seconds since the epoch; "" and 0 if unknown) are those of the file's last
    commit, or of the commit if the result is one. A commit has its hash in `commit`, its title in
    `symbol`, the number of the pull request it merged in `pull_request` (0: none), and the lines of
    its message; its `path` is not that of a file.

    Related code has a `relation` ("tested by", "tests", "last changed in", "added in", "duplicate
    of", "like this"), which is a guess, and a `reason` for it.
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
    """The commit that the text is from, if another revision than the work tree was searched."""
    focus: Focus | None = None
    """Where to land: the definition that was asked for, the line that answers, or the match.

    None for commits and folders.
    """
    confidence: float | None = None
    """The chance that the result is right, in [0, 1]; None where it is not known.

    It is known for files and short queries in the mode hybrid with the bundled model.
    """
    symbol_kind: str = ""
    """What `symbol` is, such as "function" or "class"; "" if unknown."""

    @property
    def day(self) -> str:
        """`date` as YYYY-MM-DD in UTC, or "" if unknown."""
        return day_of(self.date)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Number of indexed files, and of files that should be indexed."""

    indexed: int
    total: int
    known: bool = True
    """False until the workspace has been scanned once; until then `total` may grow."""

    @property
    def complete(self) -> bool:
        """Whether everything is indexed."""
        return self.known and self.indexed >= self.total


@dataclass(frozen=True, slots=True)
class ReadFilter:
    """A filter in a query as typed, its field of `Filters`, and its values as indexed."""

    typed: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """How a query was read: the text that was searched, filters, and what was unclear."""

    text: str
    filters: tuple[ReadFilter, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """Results, best first.

    `took_ms` is the time inside the engine. `reasons` lists what was degraded, if anything, and
    `parsed` is how the query was read, None for related code.
    """

    results: tuple[SearchResult, ...]
    coverage: Coverage
    took_ms: float
    reasons: tuple[str, ...] = ()
    parsed: ReadQuery | None = None
