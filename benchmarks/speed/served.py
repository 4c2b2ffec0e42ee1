"""The time of a search with vectors in a given store, and of the check that it is in sync."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import percentiles
from benchmarks.queries import QUERIES
from benchmarks.speed.engine import search_times
from benchmarks.synthetic import make_workspace
from codekin.config import load_config
from codekin.engine import Engine

_SAMPLE = Path(__file__).parents[2] / "sample_workspace"
_CHECKS = 10


async def measure_served(store: str, chunks: int) -> dict[str, Any]:
    """Measure the bundled model on a workspace of about `chunks` chunks."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "workspace"
        make_workspace(_SAMPLE, root, chunks)
        config = load_config({"home": str(Path(scratch) / "home"), "vectors": store, "watch": False})
        engine = await Engine.open(config, [root], watch=False)
        try:
            report = await engine.index()
            await search_times(engine, len(QUERIES))
            processor = time.process_time()
            hybrid = await search_times(engine, 3 * len(QUERIES))
            processor = time.process_time() - processor
            checks = [(await engine.compare())[0].took_ms for _ in range(_CHECKS)]
            active = engine.status().stores["vectors"].active
        finally:
            await engine.close()
    if active != store:
        raise SystemExit(f"{active} answered instead of {store}")
    return {
        "chunks": report.chunks,
        "hybrid_ms": {**percentiles(hybrid), "processor": round(processor / len(hybrid) * 1000, 2)},
        "sync_check_ms": percentiles(checks),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure_served(sys.argv[1], int(sys.argv[2])))))
