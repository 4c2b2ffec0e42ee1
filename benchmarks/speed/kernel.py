"""What a very large folder costs: the rows of the table in docs/research/large.md.

Every process is a new one, as a user starts it. `rg` searches the same patterns in the same run.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.machine import machine

PATTERNS = (
    ("literal", "mutex_lock_interruptible"),
    ("regex", r"spin_lock_irqsave\(&dev->lock"),
    ("regex", r"EXPORT_SYMBOL_GPL\(pci_"),
    ("literal", "kfree_rcu_mightsleep"),
    ("literal", "there is no such text"),
)
_COMMAND_ROUNDS = 3
_SAMPLE_S = 0.1
_QUESTION = "where is memory allocated"
_MB = 1_000_000


def measure_kernel(folder: Path, home: Path | None = None) -> dict[str, Any]:
    """Return all rows for a folder; `home` is where the index is, or will be."""
    with tempfile.TemporaryDirectory() as scratch:
        place = home or Path(scratch)
        environment = {**os.environ, "CODEKIN_HOME": str(place), "CODEKIN_RECONCILE_INTERVAL_S": "3600"}
        indexed = _indexed(folder, environment)
        alone = [_command(folder, environment) for _ in range(_COMMAND_ROUNDS)]
        with _session(folder, environment) as session:
            asked = [_command(folder, environment) for _ in range(_COMMAND_ROUNDS)]
        return {
            "machine": machine(),
            "index": indexed,
            "disk_mb": _disk_mb(place),
            "command_alone": _median(alone),
            "command_with_server": _median(asked),
            "ratio": round(statistics.median(item["s"] for item in alone) / max(0.01, asked[-1]["s"]), 1),
            **session,
            "rg_ms": {pattern: _rg_ms(folder, pattern, kind) for kind, pattern in PATTERNS},
        }


def _indexed(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "codekin", "index", str(folder), "--json"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with _peak(process.pid) as peak:
        output, _ = process.communicate()
    report = json.loads(output)
    seconds = report["seconds"]
    return {
        **{name: report[name] for name in ("files", "chunks", "embedded")},
        "s": round(seconds, 1),
        "chunks_per_s": round(report["embedded"] / seconds) if report["embedded"] else None,
        **peak,
    }


def _command(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "codekin", "search", _QUESTION, str(folder), "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with _peak(process.pid) as peak:
        process.wait()
    return {"s": round(time.perf_counter() - began, 2), **peak}


def _median(samples: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: statistics.median(item[name] for item in samples) for name in samples[0]}


@contextmanager
def _peak(pid: int) -> Iterator[dict[str, Any]]:
    """Yield a report that has the peak memory of a process and its children at the end."""
    report: dict[str, Any] = {"peak_private_mb": 0, "peak_resident_mb": 0}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_SAMPLE_S):
            try:
                process = psutil.Process(pid)
                family = [item.memory_info() for item in (process, *process.children(recursive=True))]
            except psutil.Error:
                continue
            private = sum(item.rss - getattr(item, "shared", 0) for item in family) // _MB
            report["peak_private_mb"] = max(report["peak_private_mb"], private)
            report["peak_resident_mb"] = max(report["peak_resident_mb"], sum(item.rss for item in family) // _MB)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield report
    finally:
        ended.set()
        thread.join()


@contextmanager
def _session(folder: Path, environment: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what a server measures of itself; it keeps serving until the end."""
    command = [sys.executable, "-m", "benchmarks.speed.kernel_session", str(folder), str(time.time())]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.stdin.close()


def _disk_mb(home: Path) -> dict[str, int]:
    (index,) = (home / "indexes").iterdir()
    sizes = {
        item.name: sum(
            file.stat().st_size for file in ([item] if item.is_file() else item.rglob("*")) if file.is_file()
        )
        for item in index.iterdir()
    }
    return {name: size // _MB for name, size in sorted(sizes.items()) if size >= _MB}


def _rg_ms(folder: Path, pattern: str, kind: str) -> float | None:
    program = shutil.which("rg")
    if program is None:
        return None
    fixed = ["--fixed-strings"] if kind == "literal" else []
    began = time.perf_counter()
    subprocess.run([program, "-l", *fixed, pattern, str(folder)], stdout=subprocess.DEVNULL, check=False)
    return round((time.perf_counter() - began) * 1000)
