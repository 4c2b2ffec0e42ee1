"""A workspace of many chunks: the first index, and a process that opens it and searches."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.machine import machine, percentiles
from benchmarks.queries import QUERIES
from benchmarks.speed.engine import save, search_times
from benchmarks.synthetic import make_workspace
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine

SEARCHES = 300
SAVES = 40
RATE_PER_S = 100
LOAD_S = 10
_WARM = len(QUERIES)


def measure_scale(source: Path, chunks: int, place: Path | None) -> dict[str, Any]:
    """Measure a workspace of `chunks` chunks.

    `place` keeps workspace and index for the next run; without it both are created and removed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = place or Path(scratch)
        workspace, home = folder / "workspace", folder / "home"
        if not workspace.is_dir():
            make_workspace(source, workspace, chunks)
        index = _child("index", workspace, home)
        return {
            "machine": machine(),
            "source": source.name,
            "index": index,
            "reopened": _child("open", workspace, home),
        }


def _child(what: str, workspace: Path, home: Path) -> dict[str, Any]:
    """Run a part in its own process, so that its memory and caches are its own."""
    command = [sys.executable, "-m", "benchmarks.speed.scale", what, str(workspace), str(home)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


async def index(workspace: Path, home: Path) -> dict[str, Any]:
    """Measure the first index; the baseline is reading all files."""
    started = time.process_time()
    _bytes_in(workspace)
    reading = time.process_time() - started
    engine = await Engine.open(load_config({"home": str(home)}), [workspace], watch=False)
    try:
        processor = time.process_time()
        report = await engine.index()
        processor = time.process_time() - processor
    finally:
        await engine.close()
    return {
        "files": report.files,
        "chunks": report.chunks,
        "embedded": report.embedded,
        "wall_s": round(report.seconds, 1),
        "chunks_per_processor_s": round(report.chunks / processor),
        "processor_over_reading": round(processor / reading, 1),
        "index_mb": round(_bytes_in(home) / 1e6),
        "resident_mb": _resident_mb(),
    }


async def reopen(workspace: Path, home: Path) -> dict[str, Any]:
    """Measure opening the index, searches in a row, searches at a fixed rate, and saves."""
    wall, processor = time.perf_counter(), time.process_time()
    engine = await Engine.open(load_config({"home": str(home)}), [workspace], watch=False)
    try:
        await engine.search(SearchRequest(QUERIES[0]))
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        resident_mb = _resident_mb()
        await search_times(engine, _WARM)
        started = time.process_time()
        searches = await search_times(engine, SEARCHES)
        search_processor = time.process_time() - started
        load = await _load(engine)
        saves = [await save(engine, workspace, number) for number in range(SAVES)]
        searched_mb = _resident_mb()
        baseline = _matrix_product_ms(engine.status().chunks, engine.status().embedder_dim)
    finally:
        await engine.close()
        for number in range(SAVES):
            (workspace / f"saved_{number}.py").unlink(missing_ok=True)
    median = percentiles(searches)["p50"]
    return {
        "to_first_answer_s": round(wall, 2),
        "to_first_answer_processor_s": round(processor, 2),
        "resident_mb": {"after the first answer": resident_mb, "after all searches and saves": searched_mb},
        "search_ms": percentiles(searches),
        "search_processor_ms": round(search_processor / SEARCHES * 1000, 1),
        "search_p50_over_matrix_product": round(median / baseline, 2),
        "load": load,
        "saved_to_searchable_ms": percentiles(saves),
    }


async def _load(engine: Engine) -> dict[str, Any]:
    """Send requests at fixed times whether or not earlier ones are answered.

    Times count from when each request was due.
    """
    started = time.perf_counter()

    async def one(number: int) -> float:
        due = started + number / RATE_PER_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await engine.search(SearchRequest(QUERIES[number % len(QUERIES)]))
        return (time.perf_counter() - due) * 1000

    times = await asyncio.gather(*(one(number) for number in range(RATE_PER_S * LOAD_S)))
    answered_per_s = len(times) / (time.perf_counter() - started)
    return {"asked_per_s": RATE_PER_S, "answered_per_s": round(answered_per_s, 1), "ms": percentiles(times)}


def _matrix_product_ms(rows: int, dim: int) -> float:
    """Return the baseline of a search: numpy's `V @ q` over as many rows, in this process."""
    vectors = np.random.default_rng(0).random((rows, dim), dtype=np.float32)
    times = []
    for _ in range(20):
        started = time.perf_counter()
        np.argpartition(vectors @ vectors[0], rows - 10)
        times.append((time.perf_counter() - started) * 1000)
    return float(np.median(times))


def _bytes_in(folder: Path) -> int:
    """Read all files and return their size."""
    return sum(len(path.read_bytes()) for path in folder.rglob("*") if path.is_file())


def _resident_mb() -> int:
    return round(psutil.Process().memory_info().rss / 1e6)


if __name__ == "__main__":
    part = {"index": index, "open": reopen}[sys.argv[1]]
    print(json.dumps(asyncio.run(part(Path(sys.argv[2]), Path(sys.argv[3])))))
