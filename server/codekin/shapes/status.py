"""The state of the index as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.shapes.results import CoverageShape, coverage_shape
from codekin.shapes.typed import TypedDict

if TYPE_CHECKING:
    from codekin.engine import Measures, Status


class StoreShape(TypedDict):
    """A store: `active` is the implementation, `why` the reason for it, `path` its location."""

    active: str
    why: str
    path: str


class WaitingShape(TypedDict):
    """Queue lengths: files to index, batches of changes to apply, searches waiting for a thread."""

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
    """Progress of the deep model: it has embedded `covered` of `total` chunks.

    `state` is off, loading, filling, complete or failed. `remaining_s` is how long the rest takes
    at the speed so far, None if that is unknown. `installed` is whether the server's Python has
    codekin's own model.
    """

    state: str
    model: str
    covered: int
    total: int
    remaining_s: float | None
    installed: bool


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


def status_shape(status: Status, *, exact: bool = False) -> StatusShape:
    """Return the status; `exact` keeps all decimals of measurements."""
    return {
        "state": status.state,
        "reasons": list(status.reasons),
        "roots": list(status.roots),
        "files": status.files,
        "chunks": status.chunks,
        "commits": status.commits,
        "coverage": coverage_shape(status.coverage),
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
            "remaining_s": status.deep.remaining_s,
            "installed": status.deep.installed,
        },
        "metrics": _measures(status.measures, exact=exact),
        "alerts": list(status.alerts),
    }


def _measures(measures: Measures, *, exact: bool) -> MeasuresShape:
    waiting = measures.waiting

    def shown(value: float, decimals: int) -> float:
        return value if exact else round(value, decimals)

    return {
        "searches": {str(outcome): count for outcome, count in measures.searches.items()},
        "index_errors": measures.index_errors,
        "searches_per_s": shown(measures.searches_per_s, 3),
        "latency_p50_ms": shown(measures.latency_p50_ms, 3),
        "latency_p95_ms": shown(measures.latency_p95_ms, 3),
        "error_rate": shown(measures.error_rate, 6),
        "memory_bytes": measures.memory_bytes,
        "late_loops": measures.late_loops,
        "longest_late_ms": round(measures.longest_late_ms, 1),
        "waiting": {"files": waiting.files, "changes": waiting.changes, "searches": waiting.searches},
    }
