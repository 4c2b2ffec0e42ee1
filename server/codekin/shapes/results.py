"""Results of search, related and blame as JSON.

Paths are relative to the root. Lines count from 1, and the end is included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.shapes.typed import TypedDict

if TYPE_CHECKING:
    from codekin.domain.commits import Blamed
    from codekin.domain.search import Coverage, ReadQuery, SearchResponse, SearchResult

_SCORE_DECIMALS, _MS_DECIMALS, _CONFIDENCE_DECIMALS = 6, 3, 2


class CoverageShape(TypedDict):
    """Counts of files; `complete` is false until the folder is scanned and no file is queued."""

    indexed: int
    total: int
    complete: bool


class FocusShape(TypedDict):
    """Where a result opens: lines and columns from 1, the end column exclusive.

    Columns count UTF-16 code units.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class _ResultShape(TypedDict):
    path: str
    start_line: int
    end_line: int
    kind: str
    symbol: str
    language: str
    score: float
    snippet: str


class ResultShape(_ResultShape, total=False):
    """One result.

    `parts` add up to `score`; they are present if requested. `author` and `date` (YYYY-MM-DD)
    belong to the last change of the file, if known, or to the commit or pull request itself.
    `commit` is its hash, and `pull_request` the number of the pull request that it merged.
    `confidence` is the chance that the result is right, where it is known.
    """

    confidence: float
    focus: FocusShape
    parts: dict[str, float]
    author: str
    date: str
    commit: str
    pull_request: int
    relation: str
    reason: str
    revision: str


class ReadFilterShape(TypedDict):
    """A filter in the text of a query as `typed`, its `name` in queries, and its values."""

    typed: str
    name: str
    values: list[str]


class ReadQueryShape(TypedDict):
    """How a query was read: the text that was searched, the filters, and what was unclear."""

    text: str
    filters: list[ReadFilterShape]
    notes: list[str]


class _AnswerShape(TypedDict):
    results: list[ResultShape]
    coverage: CoverageShape
    took_ms: float
    reasons: list[str]


class AnswerShape(_AnswerShape, total=False):
    """The answer of search and related, best result first.

    `reasons` says what was degraded, if anything. `parsed` is absent for related code.
    """

    parsed: ReadQueryShape


class _LinesShape(TypedDict):
    start_line: int
    end_line: int
    committed: bool


class BlamedShape(_LinesShape, total=False):
    """Consecutive lines of one commit.

    Only `committed` lines have the other keys. `cut` means that the history of a shallow clone ends
    at that commit.
    """

    commit: str
    title: str
    author: str
    date: str
    cut: bool


def answer_shape(response: SearchResponse, *, exact: bool = False) -> AnswerShape:
    """Return the answer of search and of related; `exact` keeps all decimals."""
    shape: AnswerShape = {
        "results": [result_shape(result, exact=exact) for result in response.results],
        "coverage": coverage_shape(response.coverage),
        "took_ms": response.took_ms if exact else round(response.took_ms, _MS_DECIMALS),
        "reasons": list(response.reasons),
    }
    if response.parsed:
        shape["parsed"] = read_query_shape(response.parsed)
    return shape


def read_query_shape(parsed: ReadQuery) -> ReadQueryShape:
    """Return how a query was read."""
    return {
        "text": parsed.text,
        "filters": [{"typed": item.typed, "name": item.name, "values": list(item.values)} for item in parsed.filters],
        "notes": list(parsed.notes),
    }


def result_shape(result: SearchResult, *, exact: bool = False) -> ResultShape:
    """Return one result; `exact` keeps all decimals of its score."""
    shape: ResultShape = {
        "path": result.path,
        "start_line": result.start_line + 1,
        "end_line": max(result.end_line, result.start_line + 1),
        "kind": result.kind,
        "symbol": result.symbol,
        "language": result.language,
        "score": result.score if exact else round(result.score, _SCORE_DECIMALS),
        "snippet": result.snippet,
    }
    if result.focus:
        shape["focus"] = {
            "line": result.focus.start_line + 1,
            "column": result.focus.start_column + 1,
            "end_line": result.focus.end_line + 1,
            "end_column": result.focus.end_column + 1,
        }
    if result.confidence is not None:
        shape["confidence"] = result.confidence if exact else round(result.confidence, _CONFIDENCE_DECIMALS)
    if result.parts:
        shape["parts"] = result.parts
    if result.author or result.date:
        shape["author"], shape["date"] = result.author, result.day
    if result.commit:
        shape["commit"] = result.commit
    if result.pull_request:
        shape["pull_request"] = result.pull_request
    if result.revision:
        shape["revision"] = result.revision
    if result.relation:
        shape["relation"] = result.relation
    if result.reason:
        shape["reason"] = result.reason
    return shape


def blamed_shape(item: Blamed) -> BlamedShape:
    """Return who last changed some lines of a file."""
    shape: BlamedShape = {
        "start_line": item.start_line + 1,
        "end_line": item.end_line,
        "committed": bool(item.sha),
    }
    if item.sha:
        shape["commit"], shape["title"] = item.sha, item.title
        shape["author"], shape["date"], shape["cut"] = item.author, item.day, item.cut
    return shape


def coverage_shape(coverage: Coverage) -> CoverageShape:
    """Return how much is indexed."""
    return {"indexed": coverage.indexed, "total": coverage.total, "complete": coverage.complete}
