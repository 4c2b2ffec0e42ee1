"""Counts and durations since the process started, and the searches of the last minutes."""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

RECENT_S = 300.0
"""Period of quantiles and the error rate.

It is long enough for one person's searches to be meaningful.
"""
_RATE_S = 60.0
_MAX_RECENT = 10_000
_BOUNDS_MS = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0)

Outcome = Literal["answered", "refused", "failed", "cancelled"]
"""How a search ended.

Refused means that the request was invalid, failed that the index or the model failed.
"""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Durations in buckets.

    `counts` has one more entry than `bounds_ms`: durations up to each bound but above the one
    before, and the rest.
    """

    bounds_ms: tuple[float, ...]
    counts: tuple[int, ...]
    sum_ms: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """Queue lengths: files to be indexed, unprocessed changes, searches without a thread."""

    files: int
    changes: int
    searches: int


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts and durations.

    `searches` by outcome and `index_errors` are since the process started. The quantiles,
    `error_rate` (failed of answered and failed) and `judged` (their number) are of the last
    RECENT_S; `searches_per_s` is of the last minute.
    """

    searches: dict[Outcome, int]
    index_errors: int
    searches_per_s: float
    latency_p50_ms: float
    latency_p95_ms: float
    error_rate: float
    judged: int
    last_error: str
    memory_bytes: int
    waiting: Waiting
    search_ms: Histogram
    vector_search_ms: Histogram
    late_loops: int = 0
    """Number of times that the event loop was late by more than 50 ms since the process started."""
    longest_late_ms: float = 0.0


class Durations:
    """Durations counted by bucket. Any thread may add."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS_MS) + 1)
        self._sum_ms = 0.0
        self._lock = threading.Lock()

    def add(self, ms: float) -> None:
        """Add one duration."""
        with self._lock:
            self._counts[bisect_left(_BOUNDS_MS, ms)] += 1
            self._sum_ms += ms

    def histogram(self) -> Histogram:
        """Return the current histogram."""
        with self._lock:
            return Histogram(_BOUNDS_MS, tuple(self._counts), self._sum_ms)


@dataclass(slots=True)
class Recorder:
    """Records searches; owned by one thread, except `vector_searches`. `clock` counts seconds."""

    clock: Callable[[], float] = time.monotonic
    searches: Counter[Outcome] = field(default_factory=Counter)
    search_durations: Durations = field(default_factory=Durations)
    vector_searches: Durations = field(default_factory=Durations)
    last_error: str = ""
    index_errors: int = 0
    _recent: deque[tuple[float, float, bool]] = field(default_factory=lambda: deque(maxlen=_MAX_RECENT))
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def record(self, outcome: Outcome, ms: float, error: str = "") -> None:
        """Record the end of one search."""
        self.searches[outcome] += 1
        if outcome in ("answered", "failed"):
            self.search_durations.add(ms)
            self._recent.append((self.clock(), ms, outcome == "failed"))
        if outcome == "failed":
            self.last_error = error

    def measures(self, memory_bytes: int, waiting: Waiting) -> Measures:
        """Return the current measures."""
        now = self.clock()
        while self._recent and self._recent[0][0] < now - RECENT_S:
            self._recent.popleft()
        durations = sorted(ms for _, ms, _ in self._recent)
        failed = sum(bad for _, _, bad in self._recent)
        return Measures(
            searches=dict(self.searches),
            index_errors=self.index_errors,
            searches_per_s=self._per_s(now),
            latency_p50_ms=quantile(durations, 0.5),
            latency_p95_ms=quantile(durations, 0.95),
            error_rate=failed / len(durations) if durations else 0.0,
            judged=len(durations),
            last_error=self.last_error if failed else "",
            memory_bytes=memory_bytes,
            waiting=waiting,
            search_ms=self.search_durations.histogram(),
            vector_search_ms=self.vector_searches.histogram(),
        )

    def _per_s(self, now: float) -> float:
        since = max(now - _RATE_S, self._started)
        if len(self._recent) == _MAX_RECENT:
            since = max(since, self._recent[0][0])
        return sum(at >= since for at, _, _ in self._recent) / max(now - since, 1.0)


def quantile(ascending: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all do not exceed; 0 for none."""
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)] if ascending else 0.0
