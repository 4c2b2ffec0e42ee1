"""When what is measured is worse than the settings allow: the reason, and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from codekin.config import Config
from codekin.engine.status.measures import RECENT_S, Measures

_FEWEST_SEARCHES = 10
"""Below this many recent searches, one that was slow or failed says nothing of the others."""
_GIB = 1 << 30

AlertName = Literal["latency", "errors", "memory"]


@dataclass(frozen=True, slots=True)
class Alert:
    """`reason` says what is wrong and how to mend it, for people."""

    name: AlertName
    reason: str


def alerts(measures: Measures, config: Config) -> tuple[Alert, ...]:
    """Those that hold now; a limit of 0 turns one off."""
    found: list[Alert] = []
    enough = measures.judged >= _FEWEST_SEARCHES
    if enough and 0 < config.latency_limit_ms < measures.latency_p95_ms:
        found.append(Alert("latency", _slow(measures, config.latency_limit_ms)))
    if enough and 0 < config.error_rate_limit < measures.error_rate:
        found.append(Alert("errors", _failing(measures, config.error_rate_limit)))
    if 0 < config.memory_limit_bytes < measures.memory_bytes:
        found.append(Alert("memory", _large(measures, config.memory_limit_bytes)))
    return tuple(found)


def _slow(measures: Measures, limit_ms: float) -> str:
    return (
        f"Searches are slow: of the last {measures.judged:,}, one in twenty took {measures.latency_p95_ms:,.0f} ms or more "
        f'(limit {limit_ms:,g} ms). Remedy: leave out folders with "exclude", choose the static model and the flat index, '
        'or raise "latencyLimitMs".'
    )


def _failing(measures: Measures, limit: float) -> str:
    return (
        f"{measures.error_rate:.0%} of the {measures.judged:,} searches of the last {RECENT_S / 60:.0f} minutes failed "
        f"(limit {limit:.0%}), the latest with: {measures.last_error} Remedy: mend what it names; the log has the rest."
    )


def _large(measures: Measures, limit_bytes: int) -> str:
    return (
        f"The process holds {measures.memory_bytes / _GIB:.2f} GiB of memory (limit {limit_bytes / _GIB:.2f} GiB). Remedy: "
        'leave out folders with "exclude", choose a smaller model, or raise "memoryLimitBytes".'
    )
