"""What a request waits for while the deep tier fills a large index in the background."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import machine, percentiles
from benchmarks.queries import QUERIES
from benchmarks.synthetic import make_workspace
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine

_BETWEEN_REQUESTS_S = 1.0
"""The tier rests for 0.3 s after each: asked without a pause, it would never begin."""
_BEFORE_S = 20.0
_TICK_S = 0.002


async def measure_deep(source: Path, chunks: int, models: Path, limit_s: float) -> dict[str, Any]:
    """`models` is the folder `models` of a home where `codekin deep install` was run. Ends some time after all is filled, or after
    `limit_s`. The baseline is the same requests in the same process without any filling.
    """
    with tempfile.TemporaryDirectory() as scratch:
        home, workspace = Path(scratch, "home"), Path(scratch, "workspace")
        shutil.copytree(models, home / "models")
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
    """Searches in an even rhythm; beside them, how long the event loop keeps anyone else waiting."""
    searches: list[float] = []
    stalls: list[float] = []
    ticking = asyncio.create_task(_ticks(stalls))
    ends = time.monotonic() + limit_s
    while time.monotonic() < ends and not done():
        started = time.perf_counter()
        await engine.search(SearchRequest(QUERIES[len(searches) % len(QUERIES)]))
        searches.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(_BETWEEN_REQUESTS_S)
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    return {
        "searches": len(searches),
        "search_ms": {**percentiles(searches), "max": round(max(searches), 1)},
        "event_loop_stall_ms": {"max": round(max(stalls), 1), "over_50": sum(stall > 50 for stall in stalls)},
    }


async def _ticks(stalls: list[float]) -> None:
    while True:
        started = time.perf_counter()
        await asyncio.sleep(_TICK_S)
        stalls.append((time.perf_counter() - started - _TICK_S) * 1000)
