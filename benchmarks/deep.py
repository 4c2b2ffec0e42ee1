"""The latency of requests while the deep tier fills a large index in the background."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import machine, percentiles
from benchmarks.queries import QUERIES
from benchmarks.synthetic import make_workspace
from benchmarks.vector_stores.away import Witness
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.memory import own_process

_BETWEEN_REQUESTS_S = 1.0
"""Pause between requests.

The tier pauses for 0.3 s after each, so without it the tier would never begin.
"""
_BEFORE_S = 20.0
_TICK_S = 0.002

_Interval = tuple[float, float]
"""Begin and end, by `time.monotonic`."""


async def measure_deep(source: Path, chunks: int, limit_s: float) -> dict[str, Any]:
    """Measure searches while the deep tier fills, and for some time after, at most `limit_s`.

    The baseline is the same requests in the same process without filling.
    """
    own_process()  # as a server does, whose garbage collector leaves the index alone
    with tempfile.TemporaryDirectory() as scratch:
        home, workspace = Path(scratch, "home"), Path(scratch, "workspace")
        make_workspace(source, workspace, chunks)
        engine = await _opened(home, workspace, "off")
        try:
            await engine.index()
            before = await _asked(engine, _BEFORE_S, lambda: False)
        finally:
            await engine.close()
        engine = await _opened(home, workspace, "on")
        try:
            await _filling(engine)
            started, processor = time.perf_counter(), time.process_time()
            during = await _asked(engine, limit_s, lambda: engine.status().deep.state == "complete")
            took, processor = time.perf_counter() - started, time.process_time() - processor
            deep = engine.status().deep
            filled = await _asked(engine, _BEFORE_S, lambda: False) if deep.state == "complete" else None
        finally:
            await engine.close()
    return {
        "machine": machine(),
        "chunks": deep.total,
        "filled": deep.covered,
        "wall_s": round(took, 1),
        "filled_per_s": round(deep.covered / took, 1),
        "filled_per_processor_s": round(deep.covered / processor, 1),
        "without": before,
        "while_filling": during,
        "complete": filled,
        "longest_wait_over_without": round(during["search_ms"]["max"] / before["search_ms"]["max"], 2),
    }


async def _opened(home: Path, workspace: Path, deep: str) -> Engine:
    config = load_config({"home": str(home), "deep": deep})
    return await Engine.open(config, [workspace], watch=deep == "on")


async def _filling(engine: Engine) -> None:
    deadline = time.monotonic() + 60
    while engine.status().deep.covered == 0:
        if engine.status().deep.state == "failed" or time.monotonic() > deadline:
            raise SystemExit("; ".join(engine.status().reasons) or "the deep tier does not begin")
        await asyncio.sleep(0.1)


async def _asked(engine: Engine, limit_s: float, done: Callable[[], bool]) -> dict[str, Any]:
    """Search in a steady rhythm, and measure how long the event loop delays others."""
    searches: list[_Interval] = []
    ticks: list[_Interval] = []
    ticking = asyncio.create_task(_ticks(ticks))
    ends = time.monotonic() + limit_s
    with Witness() as witness:
        while time.monotonic() < ends and not done():
            started = time.monotonic()
            await engine.search(SearchRequest(QUERIES[len(searches) % len(QUERIES)]))
            searches.append((started, time.monotonic()))
            await asyncio.sleep(_BETWEEN_REQUESTS_S)
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    return {
        "searches": len(searches),
        "search_ms": {**percentiles([_ms(end - begin) for begin, end in searches]), **_over(searches, 100, witness)},
        "event_loop_stall_ms": _over([(begin + _TICK_S, end) for begin, end in ticks], 50, witness),
        "machine_away_ms": _over(witness.away, 50, None),
    }


def _over(found: list[_Interval], limit_ms: float, witness: Witness | None) -> dict[str, float]:
    """Return the maximum and the number of intervals above a limit.

    With a witness, both also without the time in which the machine was away.
    """
    took = [_ms(end - begin) for begin, end in found]
    figures: dict[str, float] = {
        "max": round(max(took, default=0.0), 1),
        f"over_{limit_ms:.0f}": sum(ms > limit_ms for ms in took),
    }
    if witness:
        # There may be a hundred thousand intervals, and those within the limit need no lookup.
        own = [
            ms - _ms(witness.within(*interval)) if ms > limit_ms else ms
            for ms, interval in zip(took, found, strict=True)
        ]
        figures |= {
            "max_less_away": round(max(own), 1),
            f"over_{limit_ms:.0f}_less_away": sum(ms > limit_ms for ms in own),
        }
    return figures


def _ms(seconds: float) -> float:
    return seconds * 1000


async def _ticks(ticks: list[_Interval]) -> None:
    while True:
        started = time.monotonic()
        await asyncio.sleep(_TICK_S)
        ticks.append((started, time.monotonic()))
