"""The flat index at sizes up to ten million rows: one query on one core, and where its time goes.

Rows beyond those of the given index are copies to which noise was added.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import machine
from benchmarks.vector_stores.real_rows import EMBEDDER, RealRows, blocks, kth_products, real_rows, share_found
from codekin.domain.ports import Keys, Vectors
from codekin.storage.vectors.flat import FlatIndex

_KS = (10, 400)
"""What a request by itself, and a signal of a hybrid search, ask for."""
_NOISE = 0.03
"""Standard deviation of each component of the noise; a copy has a cosine of 0.9 with its row."""
_ADDED_ROWS = 200_000
_TIMED = 50
_ROUNDS = 3


def measure_flat(folder: Path, sizes: Sequence[int], keep: Path | None) -> dict[str, Any]:
    """Measure a flat index of each size; `keep` keeps the indexes for the next run."""
    with tempfile.TemporaryDirectory() as scratch:
        place = keep or Path(scratch)
        found = {f"{size} rows": _measured(folder, place / str(size), size) for size in sizes}
    return {"machine": machine(), "sizes": found}


def _measured(folder: Path, place: Path, size: int) -> dict[str, Any]:
    real = noisy_copies(folder, size)
    if not place.is_dir():
        _fill(place, real)
    index = FlatIndex.open(place, dim=real.rows.shape[1], embedder=EMBEDDER, writable=False)
    try:
        recall = {f"recall_at_{k}": _recall(index, real, k) for k in _KS}
        tenth = real.keys[::10].copy()
        tenth.flags.writeable = False
        times = {
            "search, a tenth": _times(real.queries, lambda query: index.search(query, _KS[0], tenth)),
            **{
                f"search, k = {k}": _times(real.queries, lambda query, k=k: index.search(query, k))  # type: ignore[misc]
                for k in _KS
            },
        }
    finally:
        index.close()
    disk = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    report = {**recall, "disk_mb": round(disk / 1e6), "ms": times}
    print(f"{size:,} rows: {report}", file=sys.stderr, flush=True)
    return report


def _recall(index: FlatIndex, real: RealRows, k: int) -> float:
    kth = kth_products(real.rows, real.queries, k)
    found = [index.search(query, k).keys for query in real.queries]
    shares = [share_found(real, number, keys, float(kth[number]), k) for number, keys in enumerate(found)]
    return round(float(np.mean(shares)), 4)


def noisy_copies(folder: Path, size: int) -> RealRows:
    """Return as many rows as wanted, of which those that the index lacks are copies with noise."""
    chance = np.random.default_rng(0)
    real = real_rows(folder, min(size, 1_000_000))
    count, dim = real.rows.shape
    if size == count:
        return real
    rows = np.empty((size, dim), np.float32)
    rows[:count] = real.rows
    for here in blocks(size - count):
        block = real.rows[np.arange(here.start, here.stop) % count]
        block += chance.standard_normal(block.shape, dtype=np.float32) * np.float32(_NOISE)
        rows[count + here.start : count + here.stop] = block / np.linalg.norm(block, axis=1, keepdims=True)
    return RealRows(_keys(size), rows, real.queries)


def _keys(count: int) -> Keys:
    """Return ascending keys that are spread as those of contents."""
    return np.arange(count, dtype=np.int64) * (2**62 // count)


def _fill(place: Path, real: RealRows) -> None:
    writer = FlatIndex.open(place, dim=real.rows.shape[1], embedder=EMBEDDER, writable=True)
    try:
        for start in range(0, len(real.keys), _ADDED_ROWS):
            here = slice(start, start + _ADDED_ROWS)
            writer.add(real.keys[here], real.rows[here])
        writer.compact()
    finally:
        writer.close()


def _times(queries: Vectors, search: Callable[[Vectors], object]) -> dict[str, float | None]:
    """Return the median over rounds of the mean processor time of a query, and the lowest p50."""
    processor, walls = [], []
    for _ in range(_ROUNDS):
        taken, before = [], time.thread_time()
        for query in queries[:: len(queries) // _TIMED]:
            began = time.perf_counter()
            search(query)
            taken.append((time.perf_counter() - began) * 1000)
        processor.append((time.thread_time() - before) / len(taken) * 1000)
        walls.append(statistics.median(taken))
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    return {"processor": round(statistics.median(processor), 2), "p50": round(min(walls), 2), "load": load}
