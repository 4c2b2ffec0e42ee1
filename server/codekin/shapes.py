"""What programs are told, on the command line with `--json` and over MCP alike: paths relative, lines from 1, end included."""

from __future__ import annotations

import sys

from codekin.domain.search import Coverage, SearchResponse, SearchResult
from codekin.engine import Measures, Status, StoreCounts, SyncReport

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:  # the one in typing does not tell which keys are required when it is inherited from
    from typing_extensions import TypedDict

_MOST_PATHS = 20


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
    """`parts` add up to `score`; they are there when asked for. `author` and `date` (YYYY-MM-DD) tell who changed the file
    last, where that is known; of a commit or a pull request they are its own, `commit` is its hash, `pull_request` the
    number of what it brought in.
    """

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


class StoreShape(TypedDict):
    """`active` names the implementation, `why` tells how it came to be chosen, `path` where its files lie."""

    active: str
    why: str
    path: str


class WaitingShape(TypedDict):
    """Queue lengths: files to be indexed, batches of changes to be looked at, searches without a thread."""

    files: int
    changes: int
    searches: int


class MeasuresShape(TypedDict):
    """The fields of `codekin.engine.Measures`, without the histograms."""

    searches: dict[str, int]
    index_errors: int
    searches_per_s: float
    latency_p50_ms: float
    latency_p95_ms: float
    error_rate: float
    memory_bytes: int
    late_loops: int
    longest_late_ms: float
    waiting: WaitingShape


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
    commits: int
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
    metrics: MeasuresShape
    alerts: list[str]


class HeldShape(TypedDict):
    """The fields of `codekin.engine.StoreCounts`."""

    stored: int
    missing: int
    unnamed: int


class VersionsShape(TypedDict):
    """The fields of `codekin.engine.Versions`."""

    model: str
    dim: int
    store: str
    building: str
    chunker: str
    chunker_recorded: str


class SetAsideShape(TypedDict):
    """A chunk that the model does not take."""

    paths: list[str]
    reason: str


class SyncShape(TypedDict):
    """The fields of `codekin.engine.SyncReport`; of the `incomplete_files` and of the `set_aside_chunks` only the first 20 are named. `embedded` counts
    the texts that a repair put through the model.
    """

    in_step: bool
    root: str
    files: int
    chunks: int
    vectors: HeldShape
    lexical: HeldShape
    incomplete: list[str]
    incomplete_files: int
    versions: VersionsShape
    set_aside: list[SetAsideShape]
    set_aside_chunks: int
    problems: list[str]
    took_ms: float
    embedded: int


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
        "commits": status.commits,
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
        "metrics": _measures(status.measures),
        "alerts": list(status.alerts),
    }


def sync_shape(report: SyncReport, embedded: int) -> SyncShape:
    """Of store sync."""
    versions = report.versions
    return {
        "in_step": report.in_step,
        "root": report.root,
        "files": report.files,
        "chunks": report.chunks,
        "vectors": _held(report.vectors),
        "lexical": _held(report.lexical),
        "incomplete": list(report.incomplete[:_MOST_PATHS]),
        "incomplete_files": len(report.incomplete),
        "versions": {
            "model": versions.model,
            "dim": versions.dim,
            "store": versions.store,
            "building": versions.building,
            "chunker": versions.chunker,
            "chunker_recorded": versions.chunker_recorded,
        },
        "set_aside": [{"paths": list(item.paths), "reason": item.reason} for item in report.quarantined[:_MOST_PATHS]],
        "set_aside_chunks": len(report.quarantined),
        "problems": list(report.problems),
        "took_ms": round(report.took_ms, 3),
        "embedded": embedded,
    }


def _held(held: StoreCounts) -> HeldShape:
    return {"stored": held.stored, "missing": held.missing, "unnamed": held.orphaned}


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


def _measures(measures: Measures) -> MeasuresShape:
    waiting = measures.waiting
    return {
        "searches": {str(outcome): count for outcome, count in measures.searches.items()},
        "index_errors": measures.index_errors,
        "searches_per_s": round(measures.searches_per_s, 3),
        "latency_p50_ms": round(measures.latency_p50_ms, 3),
        "latency_p95_ms": round(measures.latency_p95_ms, 3),
        "error_rate": round(measures.error_rate, 6),
        "memory_bytes": measures.memory_bytes,
        "late_loops": measures.late_loops,
        "longest_late_ms": round(measures.longest_late_ms, 1),
        "waiting": {"files": waiting.files, "changes": waiting.changes, "searches": waiting.searches},
    }


def _coverage(coverage: Coverage) -> CoverageShape:
    return {"indexed": coverage.indexed, "total": coverage.total, "complete": coverage.complete}
