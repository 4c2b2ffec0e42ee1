"""Results of search, related and blame as JSON: paths relative to the root, lines from 1, the end included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.shapes.typed import TypedDict

if TYPE_CHECKING:
    from codekin.domain.commits import Blamed
    from codekin.domain.search import Coverage, SearchResponse, SearchResult

_SCORE_DECIMALS, _MS_DECIMALS = 6, 3


class CoverageShape(TypedDict):
    """In files; `complete` is false until the folder has been looked through and nothing waits."""

    indexed: int
    total: int
    complete: bool


class FocusShape(TypedDict):
    """Where a result opens: lines and columns from 1, the end column exclusive; columns count UTF-16 code units."""

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
    """`parts` add up to `score`; they are there when asked for. `author` and `date` (YYYY-MM-DD) tell who changed the file
    last, where that is known; of a commit or a pull request they are its own, `commit` is its hash, `pull_request` the
    number of what it brought in.
    """

    focus: FocusShape
    parts: dict[str, float]
    author: str
    date: str
    commit: str
    pull_request: int
    relation: str
    reason: str
    revision: str


class AnswerShape(TypedDict):
    """What search and related answer, best first. `reasons` says what was degraded, if anything."""

    results: list[ResultShape]
    coverage: CoverageShape
    took_ms: float
    reasons: list[str]


class _LinesShape(TypedDict):
    start_line: int
    end_line: int
    committed: bool


class BlamedShape(_LinesShape, total=False):
    """Lines of one commit; only `committed` lines have the rest. `cut` is whether the clone ends at that commit."""

    commit: str
    title: str
    author: str
    date: str
    cut: bool


def answer_shape(response: SearchResponse, *, exact: bool = False) -> AnswerShape:
    """Return the answer of search and of related; `exact` keeps all decimals."""
    return {
        "results": [result_shape(result, exact=exact) for result in response.results],
        "coverage": coverage_shape(response.coverage),
        "took_ms": response.took_ms if exact else round(response.took_ms, _MS_DECIMALS),
        "reasons": list(response.reasons),
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
