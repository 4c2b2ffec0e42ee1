"""What programs are told, on the command line with `--json` and over MCP alike: paths relative, lines from 1, end included."""

from __future__ import annotations

import sys

from codekin.domain.search import Coverage, SearchResponse, SearchResult
from codekin.engine import Status

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:  # the one in typing does not tell which keys are required when it is inherited from
    from typing_extensions import TypedDict


class CoverageShape(TypedDict):
    """In files; `complete` is false until the folder has been looked through and nothing waits."""

    indexed: int
    total: int
    complete: bool


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
    """`parts` add up to `score`; they are there when asked for."""

    parts: dict[str, float]


class AnswerShape(TypedDict):
    """What search and related answer, best first. `reasons` says what was degraded, if anything."""

    results: list[ResultShape]
    coverage: CoverageShape
    took_ms: float
    reasons: list[str]


class StoreShape(TypedDict):
    """`active` names the implementation, `why` tells how it came to be chosen, `path` where its files lie."""

    active: str
    why: str
    path: str


class DeepShape(TypedDict):
    """How far the deep model has come: `covered` of `total` chunks; `state` is off, loading, filling, complete or failed."""

    state: str
    model: str
    covered: int
    total: int


class StatusShape(TypedDict):
    """The fields of `codekin.engine.Status`, under the same names."""

    state: str
    reasons: list[str]
    roots: list[str]
    files: int
    chunks: int
    coverage: CoverageShape
    embedder_name: str
    embedder_dim: int
    stores: dict[str, StoreShape]
    computed: int
    reused: int
    skipped: dict[str, int]
    redacted: int
    rate_per_s: float
    pid: int
    writer: bool
    deep: DeepShape


def answer_shape(response: SearchResponse) -> AnswerShape:
    """Of search and of related."""
    return {
        "results": [_result(result) for result in response.results],
        "coverage": _coverage(response.coverage),
        "took_ms": round(response.took_ms, 3),
        "reasons": list(response.reasons),
    }


def status_shape(status: Status) -> StatusShape:
    """Of status."""
    return {
        "state": status.state,
        "reasons": list(status.reasons),
        "roots": list(status.roots),
        "files": status.files,
        "chunks": status.chunks,
        "coverage": _coverage(status.coverage),
        "embedder_name": status.embedder_name,
        "embedder_dim": status.embedder_dim,
        "stores": {
            name: {"active": store.active, "why": store.why, "path": store.path}
            for name, store in status.stores.items()
        },
        "computed": status.computed,
        "reused": status.reused,
        "skipped": dict(status.skipped),
        "redacted": status.redacted,
        "rate_per_s": status.rate_per_s,
        "pid": status.pid,
        "writer": status.writer,
        "deep": {
            "state": status.deep.state,
            "model": status.deep.model,
            "covered": status.deep.covered,
            "total": status.deep.total,
        },
    }


def _result(result: SearchResult) -> ResultShape:
    shape: ResultShape = {
        "path": result.path,
        "start_line": result.start_line + 1,
        "end_line": max(result.end_line, result.start_line + 1),
        "kind": result.kind,
        "symbol": result.symbol,
        "language": result.language,
        "score": round(result.score, 6),
        "snippet": result.snippet,
    }
    if result.parts:
        shape["parts"] = result.parts
    return shape


def _coverage(coverage: Coverage) -> CoverageShape:
    return {"indexed": coverage.indexed, "total": coverage.total, "complete": coverage.complete}
