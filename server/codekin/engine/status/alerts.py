"""Alerts for measures that exceed the limits in the settings, with the cause and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from codekin.config import Config
from codekin.engine.status.measures import RECENT_S, Measures

_MIN_SEARCHES = 10
"""Minimum number of recent searches, below which one slow or failed search means nothing."""
_GIB = 1 << 30

AlertName = Literal["latency", "errors", "memory"]


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert; `reason` says what is wrong and how to fix it."""

    name: AlertName
    reason: str


def alerts(measures: Measures, config: Config) -> tuple[Alert, ...]:
    """Return the active alerts; a limit of 0 turns one off."""
    found: list[Alert] = []
    enough = measures.judged >= _MIN_SEARCHES
    if enough and 0 < config.latency_limit_ms < measures.latency_p95_ms:
        found.append(Alert("latency", _slow(measures, config.latency_limit_ms)))
    if enough and 0 < config.error_rate_limit < measures.error_rate:
        found.append(Alert("errors", _failing(measures, config.error_rate_limit)))
    if 0 < config.memory_limit_bytes < measures.memory_bytes:
        found.append(Alert("memory", _large(measures, config.memory_limit_bytes)))
    return tuple(found)


def _slow(measures: Measures, limit_ms: float) -> str:
    return (
        f"Searches are slow: 5% of the last {measures.judged:,} took {measures.latency_p95_ms:,.0f} ms or more "
        f'(limit {limit_ms:,g} ms). To fix: exclude folders with "exclude", use the static model and the flat index, '
        'or raise "latencyLimitMs".'
    )


def _failing(measures: Measures, limit: float) -> str:
    return (
        f"{measures.error_rate:.0%} of the {measures.judged:,} searches of the last {RECENT_S / 60:.0f} minutes failed "
        f"(limit {limit:.0%}). Latest error: {measures.last_error} To fix: resolve that error; see the log for the others."
    )


def _large(measures: Measures, limit_bytes: int) -> str:
    return (
        f"The process uses {measures.memory_bytes / _GIB:.2f} GiB of memory (limit {limit_bytes / _GIB:.2f} GiB). To fix: "
        'exclude folders with "exclude", use a smaller model, or raise "memoryLimitBytes".'
    )
