"""`python -m benchmarks endurance PATH`: a server under saves, typing and searches for a long time.

The server runs on a copy of the folder, with hostile files in it. Memory, descriptors and threads
are sampled. The slope of memory excludes the first five minutes, or the first sixth of a shorter
run. Late event loops are counted by the server, in `codekin/status`.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.machine import machine, percentiles
from benchmarks.queries import QUERIES
from benchmarks.robustness.peer import Peer
from codekin.api import Query, Workspace
from codekin.memory import own_process

_SETTLED_SHARE = 1 / 6
_SAMPLE_S = 5.0
_REOPENINGS = 40


async def measure_endurance(folder: Path, minutes: float) -> dict[str, Any]:
    """Run one server for `minutes`, then one process that opens and closes the index 40 times."""
    with tempfile.TemporaryDirectory() as scratch:
        root, home = Path(scratch) / "workspace", Path(scratch) / "home"
        shutil.copytree(folder, root, symlinks=True)
        (root / "slow.hs").write_text("let a =\n" * 20_000)
        (root / "deep.py").write_text("(" * 100_000)
        (root / "odd.txt").write_text("password=" * 50_000)
        lived = await _live(root, home, minutes)
        return {"machine": machine(), "minutes": minutes, **lived, "reopened": await _reopen(root, home)}


async def _live(root: Path, home: Path, minutes: float) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "codekin", "serve"),
        env={**os.environ, "CODEKIN_HOME": str(home)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=1 << 26,
    )
    peer = Peer(process, framed=True)
    await peer.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
    peer.notify("initialized", {})
    draw, ends = random.Random(1), time.monotonic() + 60 * minutes
    files = [
        path for path in sorted(root.rglob("*")) if path.suffix in {".py", ".java", ".cc", ".h"} and path.is_file()
    ]
    samples: list[tuple[float, float, int, int]] = []
    saved, searches, number = [], [], 0
    watched = psutil.Process(process.pid)
    while time.monotonic() < ends:
        number += 1
        saved.append(await _save(peer, draw.choice(files), number))
        for _ in range(2):
            began = time.perf_counter()
            await peer.ask("codekin/search", {"query": draw.choice(QUERIES)})
            searches.append((time.perf_counter() - began) * 1000)
        if not samples or time.monotonic() - samples[-1][0] > _SAMPLE_S:
            used = watched.memory_info().rss / 1e6
            samples.append((time.monotonic(), used, watched.num_fds(), watched.num_threads()))
        await asyncio.sleep(0.05)
    status = (await peer.ask("codekin/status", {}))["result"]
    await peer.end(kill=False)
    log = home / "codekin.log"  # made by the first message
    late = [text for text in (log.read_text() if log.exists() else "").split("\n20") if "late" in text]
    return {**_summed(samples, status, saved, searches), "late": late}


async def _save(peer: Peer, file: Path, number: int) -> float:
    """Type into a document, save it, and search for the new text.

    Returns the milliseconds until the search finds it.
    """
    uri, text = file.as_uri(), file.read_text(errors="replace")
    name = f"endured_{number}"
    peer.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "x", "version": 1, "text": text}})
    typed = f"{text}\n// {name}\n"
    changed = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": typed}]}
    peer.notify("textDocument/didChange", changed)
    if number % 4 == 0:
        file.write_text(text.rsplit("// endured_", 1)[0] + f"// {name}\n")
        peer.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    began = time.perf_counter()
    await peer.ask("codekin/search", {"query": name, "mode": "lexical", "limit": 1})
    took_ms = (time.perf_counter() - began) * 1000
    peer.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    return took_ms


def _summed(
    samples: list[tuple[float, float, int, int]], status: Any, saved: list[float], searches: list[float]
) -> Any:
    times, used, descriptors, threads = (np.array(column) for column in zip(*samples, strict=True))
    settled = times - times[0] >= (times[-1] - times[0]) * _SETTLED_SHARE
    slope = float(np.polyfit((times[settled] - times[0]) / 3600, used[settled], 1)[0]) if settled.sum() > 1 else 0.0
    return {
        "saves": len(saved),
        "searches": len(searches),
        "search_ms": percentiles(searches),
        "memory_mb": {"start": round(float(used[0])), "end": round(float(used[-1])), "slope_per_hour": round(slope, 1)},
        "descriptors": {"settled": int(descriptors[settled][0]), "end": int(descriptors[-1])},
        "threads": {"settled": int(threads[settled][0]), "end": int(threads[-1])},
        "late_loops": status["metrics"]["lateLoops"],
        "longest_late_ms": status["metrics"]["longestLateMs"],
        "state": status["state"],
        "reasons": status["reasons"],
    }


async def _reopen(root: Path, home: Path) -> dict[str, float]:
    """Return megabytes of this process after the first, the fifth and the last of 40 openings.

    Its malloc is configured like a server's.
    """
    own_process()
    used = []
    for _ in range(_REOPENINGS):
        async with Workspace.open(root, settings={"home": str(home), "watch": False}) as workspace:
            await workspace.run(Query().hybrid(QUERIES[0]))
        used.append(psutil.Process().memory_info().rss / 1e6)
    return {"first_mb": round(used[0]), "fifth_mb": round(used[4]), "last_mb": round(used[-1])}
