"""The cost of filling, searching, changing and opening each vector store, in separate processes.

The baseline is an exact scan by numpy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.machine import machine, percentiles
from benchmarks.vector_stores import stores_report
from benchmarks.vector_stores.servers import VARIABLES, index_mb, started
from codekin.domain.ports import Keys, Vectors, VectorStore
from codekin.storage import open_vectors

DIM = 256
K = 10
_CLUSTERS = 200
_BATCH = 1_000
_QUERIES = 40
_CHANGES = 10
_THREADS = 4
_LOAD_S = 3.0


def measure_stores(
    stores: Sequence[str], sizes: Sequence[int], chunks: int, joined: Sequence[Path], plot: Path | None
) -> dict[str, Any]:
    """Measure stores by size, and each store in an index of `chunks`.

    A store that cannot be used has a reason instead. `joined` are reports of earlier runs, oldest
    first, which are merged, so that not everything has to be measured at once.
    """
    servers = {store.partition("-")[0] for store in stores} & VARIABLES.keys()
    with started(*sorted(servers)):
        rows = {
            str(size): {store: _child("benchmarks.vector_stores.stores", store, str(size)) for store in stores}
            for size in sizes
        }
        served = {store: _child("benchmarks.speed.served", store, str(chunks)) for store in stores if chunks}
    report = {"machine": machine(), "dim": DIM, "rows": rows, "served": served}
    for earlier in reversed(joined):
        report = stores_report.joined(json.loads(earlier.read_text(encoding="utf-8")), report)
    print(stores_report.tables(report), file=sys.stderr)
    if plot:
        plot.write_text(stores_report.draw(report), encoding="utf-8")
    return report


def _child(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module in its own process, so that its memory peak is its own."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ)
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["ended without a word"])[-1]}
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def measure_one(name: str, count: int) -> dict[str, Any]:
    """Return the wall-clock time of each kind of call, and this process's processor time for it.

    The processor time of a server is not included.
    """
    keys, rows, queries = _made(count)
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "a" / "vectors" / "b"

        def opened() -> VectorStore:
            return open_vectors(name, directory, dim=DIM, embedder="m", writable=True).store

        store = opened()
        started_at = time.perf_counter()
        for at in range(0, count, _BATCH):
            store.add(keys[at : at + _BATCH], rows[at : at + _BATCH])
        fill_s = time.perf_counter() - started_at
        untidied_mb = _disk_mb(Path(scratch), name)
        tidied_at = time.perf_counter()
        store.compact()
        tidied_s = time.perf_counter() - tidied_at
        tidied_mb = _disk_mb(Path(scratch), name)
        tenth = keys[::10]
        ms: dict[str, Any] = {}
        ms["search"] = _each(queries, lambda query: store.search(query, K))
        ms["search_tenth"] = _each(queries, lambda query: store.search(query, K, tenth))
        exact = _each(queries, lambda query: _exact(rows, query))
        recalls = [_recall(store, keys, rows, queries, None), _recall(store, keys, rows, queries, tenth)]
        per_s = _under_load(store, queries)
        new, extra = keys[-1] + 1 + np.arange(_CHANGES * 101, dtype=np.int64), rows[: _CHANGES * 101]
        ones = [(new[at : at + 1], extra[at : at + 1]) for at in range(_CHANGES)]
        hundreds = [(new[at : at + 100], extra[at : at + 100]) for at in range(_CHANGES, _CHANGES * 101, 100)]
        ms["insert_one"] = _each(ones, lambda pair: store.add(*pair))
        ms["insert_100"] = _each(hundreds, lambda pair: store.add(*pair))
        ms["update_100"] = _each(hundreds, lambda pair: store.add(pair[0], pair[1][::-1].copy()))
        ms["delete_100"] = _each(hundreds, lambda pair: store.delete(pair[0]))
        store.close()
        ms["reopen"] = _each([0, 1, 2], lambda _: _opened_and_asked(opened, queries[0]))
        if name.partition("-")[0] in VARIABLES:
            store = opened()
            store.delete(store.keys())
            store.close()
    return {
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "filled_rows_per_s": round(count / fill_s),
        "tidied_s": round(tidied_s, 1),
        "ms": ms,
        "numpy_ms": exact,
        "search_over_numpy": round(ms["search"]["p50"] / exact["p50"], 2),
        "searches_per_s": round(per_s, 1),
        "recall": recalls[0],
        "recall_tenth": recalls[1],
        "disk_mb": tidied_mb,
        "disk_untidied_mb": untidied_mb,
        "peak_mb": _peak_mb(),
    }


def _disk_mb(scratch: Path, name: str) -> float:
    """Return the size of the files of a store, or 0 if its server does not tell it."""
    if name.partition("-")[0] == "elasticsearch":
        return index_mb()
    files = sum(file.stat().st_size for file in scratch.rglob("*") if file.is_file())
    return round(files / 1e6, 1)


def _made(count: int) -> tuple[Keys, Vectors, Vectors]:
    """Return rows in clusters like those of code, and queries near some of them.

    They are the same in every process.
    """
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((_CLUSTERS, DIM), dtype=np.float32)
    rows = centres[rng.integers(0, _CLUSTERS, count + _CHANGES * 101)]
    rows += rng.standard_normal(rows.shape, dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    queries = rows[rng.integers(0, count, _QUERIES)] + rng.standard_normal((_QUERIES, DIM), dtype=np.float32) * 0.03
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    keys = np.sort(rng.choice(2**61, count, replace=False)).astype(np.int64)
    return keys, rows[:count], np.ascontiguousarray(queries, dtype=np.float32)


def _each(items: Sequence[Any] | Vectors, call: Callable[[Any], object]) -> dict[str, float]:
    times, processor = [], time.process_time()
    for item in items:
        began = time.perf_counter()
        call(item)
        times.append((time.perf_counter() - began) * 1000)
    return {**percentiles(times), "processor": round((time.process_time() - processor) / len(items) * 1000, 2)}


def _exact(rows: Vectors, query: Vectors) -> Keys:
    best: Keys = np.argpartition(-np.vecdot(rows, query), K)[:K]
    return best


def _recall(store: VectorStore, keys: Keys, rows: Vectors, queries: Vectors, allowed: Keys | None) -> float:
    places = np.arange(len(keys)) if allowed is None else np.searchsorted(keys, allowed)
    found = []
    for query in queries:
        true = set(keys[places[_exact(rows[places], query)]].tolist())
        found.append(len(true & set(store.search(query, K, allowed).keys.tolist())) / K)
    return round(float(np.mean(found)), 4)


def _under_load(store: VectorStore, queries: Vectors) -> float:
    """Return the number of searches answered per second for several threads."""
    deadline = time.perf_counter() + _LOAD_S

    def ask(number: int) -> int:
        done = 0
        while time.perf_counter() < deadline:
            store.search(queries[(number + done) % len(queries)], K)
            done += 1
        return done

    with ThreadPoolExecutor(_THREADS) as pool:
        return sum(pool.map(ask, range(_THREADS))) / _LOAD_S


def _opened_and_asked(opened: Callable[[], VectorStore], query: Vectors) -> None:
    store = opened()
    store.search(query, K)
    store.close()


def _peak_mb() -> int:
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return round(psutil.Process().memory_info().peak_wset / 1e6)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6)


if __name__ == "__main__":
    print(json.dumps(measure_one(sys.argv[1], int(sys.argv[2]))))
