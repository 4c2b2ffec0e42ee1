"""A server on a large folder that measures itself, prints one line of JSON and serves commands."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from benchmarks.machine import private_mb
from benchmarks.queries import QUERIES
from benchmarks.speed.kernel import PATTERNS
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.memory import own_process
from codekin.serving.server import QueryServer

_SAVES = 20
_MOST_LOOKS = 1_000
_COMPLETE_S = 600.0


async def main(folder: Path, started: float) -> None:
    """Measure, print, and serve until standard input ends.

    `started` is when the process was started. psutil derives it from the time at which the machine
    started, which the system rounds to seconds.
    """
    config = load_config()
    began = time.time()
    engine = await Engine.open(config, [folder], watch=True)
    await engine.search(SearchRequest(QUERIES[0]))
    first_s = time.time() - started
    opened_s = time.time() - began
    server = QueryServer(engine, config)
    server.start()
    await engine.roots.is_current(folder, _COMPLETE_S)
    report = {
        "reopened_to_first_answer_s": round(first_s, 2),
        "of_which_without_imports_s": round(opened_s, 2),
        "search_first_time_ms": await _searches(engine),
        "search_again_ms": await _searches(engine),
        "symbols_ms": {name: await _ms(engine.symbols(name)) for name in ("alloc", "")},
        "exact_ms": {
            pattern: await _ms(engine.search(SearchRequest(pattern, 100_000, kind))) for kind, pattern in PATTERNS
        },
        "saved_to_found_ms": await _saves(engine, folder),
        "private_mb": int(private_mb()),
    }
    print(json.dumps(report), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.close()
    await engine.close()


async def _searches(engine: Engine) -> dict[str, float]:
    taken = [await _ms(engine.search(SearchRequest(query))) for query in QUERIES]
    return {"p50": statistics.median(taken), "max": max(taken)}


async def _ms(work: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await work
    return round((time.perf_counter() - began) * 1000, 1)


async def _saves(engine: Engine, folder: Path) -> dict[str, float]:
    """Return how long a file takes from being written to being found by its only word."""
    file, taken = folder / "codekin_saved_by_the_benchmark.c", []
    try:
        for number in range(_SAVES):
            word = "quokka" + "".join(chr(ord("a") + int(digit)) for digit in str(time.time_ns()))
            file.write_text(f"int {word}(void) {{ return {number}; }}\n", encoding="utf-8")
            began = time.perf_counter()
            for _ in range(_MOST_LOOKS):
                if (await engine.search(SearchRequest(word, 1, "lexical"))).results:
                    break
                await asyncio.sleep(0.01)
            taken.append(round((time.perf_counter() - began) * 1000))
    finally:
        file.unlink(missing_ok=True)
    return {"p50": statistics.median(taken), "p95": statistics.quantiles(taken, n=20)[-1], "max": max(taken)}


if __name__ == "__main__":
    own_process()  # as the server does
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
