"""The cost of indexing, searching and saving in a folder."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.machine import machine, percentiles
from benchmarks.queries import QUERIES
from benchmarks.speed.stages import index_stage_us, stage_us
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine

SEARCHES = 200
LIMIT = 10
SAVES = 40
SETTLED_S = 2.5
"""Pause between indexing and searching.

Texts of files written in the last two seconds are not cached, and all files have just been copied.
"""


async def measure_engine(folder: Path) -> dict[str, Any]:
    """Measure a copy of a folder, with an index of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "workspace"
        shutil.copytree(folder, root, symlinks=True)
        started = time.perf_counter()
        size_bytes = sum(len(path.read_bytes()) for path in root.rglob("*") if path.is_file())
        read_s = time.perf_counter() - started
        config = load_config({"home": str(Path(scratch) / "home")})
        engine = await Engine.open(config, [root], watch=False)
        processor, helpers_s = time.process_time(), children_s()
        report = await engine.index()
        helpers_s = children_s() - helpers_s
        processor = time.process_time() - processor + helpers_s
        await asyncio.sleep(SETTLED_S)
        await search_times(engine, len(QUERIES))
        searching = time.process_time()
        searches = await search_times(engine, SEARCHES)
        searching = time.process_time() - searching
        stages = stage_us(engine.views(), QUERIES)
        saves = [await save(engine, root, number) for number in range(SAVES)]
        await engine.close()
        started = time.perf_counter()
        engine = await Engine.open(config, [root], watch=False)
        await engine.search(SearchRequest(QUERIES[0]))
        reopen_s = time.perf_counter() - started
        again = await engine.index()
        await engine.close()
    return {
        "machine": machine(),
        "folder": folder.name,
        "files": report.files,
        "chunks": report.chunks,
        "megabytes": round(size_bytes / 1e6, 2),
        "chunks_per_s": round(report.chunks / report.seconds),
        "chunks_per_processor_s": round(report.chunks / processor),
        "helper_processor_s": round(helpers_s, 2),
        "stages_us": index_stage_us(folder),
        "index_s_over_reading_s": round(report.seconds / read_s, 1),
        "search_ms": percentiles(searches),
        "search_processor_ms": round(searching / SEARCHES * 1000, 1),
        "search_stages_us": stages,
        "saved_to_searchable_ms": percentiles(saves),
        "reopen_to_first_answer_ms": round(reopen_s * 1000, 1),
        "embedded_on_reopen": again.embedded,
        "resident_mb": round(psutil.Process().memory_info().rss / 1e6),
    }


def children_s() -> float:
    """Return the processor time of child processes that have ended."""
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


async def search_times(engine: Engine, count: int) -> list[float]:
    """Return the milliseconds of successive searches within the engine."""
    return [(await engine.search(SearchRequest(QUERIES[at % len(QUERIES)], LIMIT))).took_ms for at in range(count)]


async def save(engine: Engine, root: Path, number: int) -> float:
    """Return the milliseconds from writing a file until a search finds it, without the debounce."""
    file = root / f"saved_{number}.py"
    file.write_text(f"def freshly_saved_function_{number}():\n    return {number}\n", encoding="utf-8")
    started = time.perf_counter()
    await engine.files_changed([file])
    response = await engine.search(SearchRequest(f"freshly_saved_function_{number}", limit=1))
    if response.results[0].path != file.name:
        raise SystemExit(f"{file.name} was not found")
    return (time.perf_counter() - started) * 1000
