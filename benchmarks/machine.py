"""The description of the machine in every report, and summaries of samples."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil


def machine() -> str:
    """Return the processor, its cores, their recent load, and the relevant versions."""
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    python = f"Python {platform.python_version()}, numpy {np.__version__}"
    return f"{_processor()}, {os.cpu_count()} cores, {load}, {platform.system()}, {python}"


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return p50 and p95."""
    return {"p50": round(statistics.median(values), 2), "p95": round(statistics.quantiles(values, n=20)[-1], 2)}


def private_mb() -> float:
    """Return the memory of this process that it shares with no other, nor with files."""
    memory = psutil.Process().memory_info()
    return float(memory.rss - getattr(memory, "shared", 0)) / 1e6


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{named[0] if named else 'unknown'} ({platform.machine()})"
