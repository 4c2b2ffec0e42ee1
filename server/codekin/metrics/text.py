"""The text format of Prometheus, version 0.0.4. It contains no paths and no queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING

from codekin import __version__

if TYPE_CHECKING:  # importing the engine takes 0.3 s, and metrics are requested before it is open
    from codekin.engine import Histogram, Status
    from codekin.engine.status.alerts import AlertName
    from codekin.engine.status.measures import Outcome
    from codekin.engine.status.status import State

STATES: tuple[State, ...] = ("starting", "indexing", "ready", "paused", "degraded")
OUTCOMES: tuple[Outcome, ...] = ("answered", "refused", "failed", "cancelled")
ALERTS: tuple[AlertName, ...] = ("latency", "errors", "memory")

Samples = Mapping[str, float]
"""Values by their formatted labels, "" for none."""


def metrics_text(status: Status | None) -> str:
    """Return the page. Without a status, it says that the engine is being opened."""
    return "".join(f"{line}\n" for line in _lines(status))


def _lines(status: Status | None) -> Iterator[str]:
    yield from _metric("codekin_build_info", "gauge", "Version of codekin.", {_label("version", __version__): 1})
    state: State = status.state if status else "starting"
    states = {_label("state", name): float(name == state) for name in STATES}
    yield from _metric("codekin_state", "gauge", "1 for the current state.", states)
    if status is not None:
        yield from _searches(status)
        yield from _index(status)


def _searches(status: Status) -> Iterator[str]:
    measures = status.measures
    # Published dashboards use this name, so it has no prefix and is in milliseconds.
    yield from _histogram(
        "vector_search_duration_ms", "Duration of each query to the vector store.", measures.vector_search_ms
    )
    yield from _histogram("codekin_search_duration_ms", "Duration of a search, including queueing.", measures.search_ms)
    ended = {_label("outcome", name): measures.searches.get(name, 0) for name in OUTCOMES}
    yield from _metric("codekin_searches_total", "counter", "Searches by outcome.", ended)
    yield from _gauge(
        "codekin_searches_per_second", "Searches per second over the last minute.", measures.searches_per_s
    )
    yield from _gauge(
        "codekin_search_latency_p95_ms",
        "95th percentile of the search duration over the last five minutes.",
        measures.latency_p95_ms,
    )
    yield from _gauge(
        "codekin_search_error_ratio", "Share of failed searches over the last five minutes.", measures.error_rate
    )
    firing = {_label("alert", name): float(name in status.alerts) for name in ALERTS}
    yield from _metric("codekin_alert", "gauge", "1 while a configured limit is exceeded.", firing)


def _index(status: Status) -> Iterator[str]:
    measures, coverage = status.measures, status.coverage
    failures = {"": measures.index_errors}
    yield from _metric("codekin_index_errors_total", "counter", "Failures of background indexing.", failures)
    late = {"": measures.late_loops}
    yield from _metric("codekin_late_loops_total", "counter", "Delays of the event loop over 50 ms.", late)
    yield from _gauge("codekin_longest_late_loop_ms", "Longest delay of the event loop.", measures.longest_late_ms)
    yield from _gauge(
        "codekin_resident_memory_bytes", "Resident memory, including mapped files.", measures.memory_bytes
    )
    waiting = measures.waiting
    queues = {"files": waiting.files, "changes": waiting.changes, "searches": waiting.searches}
    lengths = {_label("queue", name): count for name, count in queues.items()}
    yield from _metric("codekin_queue_length", "gauge", "Length of each queue.", lengths)
    share = coverage.indexed / coverage.total if coverage.total else float(coverage.complete)
    yield from _gauge("codekin_coverage_ratio", "Share of the known files that are indexed.", share)
    yield from _gauge("codekin_files", "Files in the index.", status.files)
    yield from _gauge("codekin_chunks", "Chunks in the index.", status.chunks)
    texts = {_label("source", "model"): status.computed, _label("source", "index"): status.reused}
    yield from _metric(
        "codekin_embedded_texts_total", "counter", "Texts with a new vector, by the source of the vector.", texts
    )


def _gauge(name: str, meaning: str, value: float) -> Iterator[str]:
    return _metric(name, "gauge", meaning, {"": value})


def _metric(name: str, kind: str, meaning: str, samples: Samples) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples.items():
        yield f"{name}{labels} {value:.17g}"


def _histogram(name: str, meaning: str, values: Histogram) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} histogram"
    bounds = [*(f"{bound:g}" for bound in values.bounds_ms), "+Inf"]
    for bound, count in zip(bounds, accumulate(values.counts), strict=True):
        yield f"{name}_bucket{_label('le', bound)} {count}"
    yield f"{name}_sum {values.sum_ms:.17g}"
    yield f"{name}_count {sum(values.counts)}"


def _label(name: str, value: str) -> str:
    """Return one formatted label. The value must not need escaping."""
    return f'{{{name}="{value}"}}'
