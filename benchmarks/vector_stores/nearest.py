"""Filling stores with a million rows of an index, and searching them, filtered or not.

All stores are filled first. Then they are searched in turns, so that other work on the machine
affects all alike.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import machine, percentiles
from benchmarks.vector_stores.real_rows import (
    EMBEDDER,
    RealRows,
    alike,
    asking,
    kth_products,
    real_rows,
    share_found,
)
from benchmarks.vector_stores.servers import VARIABLES, resources, started
from codekin.domain.ports import Hits, Keys, Vectors, VectorStore
from codekin.errors import StoreAwayError
from codekin.storage import open_vectors

K = 10
_BATCH = 2_000
"""Rows in a call, as when an index is sent to a server."""
_PAUSE_S = 5.0
_FILTERS = ("none", "a tenth", "a tenth, alike", "a hundredth")


@dataclass(frozen=True, slots=True)
class _Filled:
    """A store with its rows, and the exact answers to all queries, by filter."""

    store: VectorStore
    real: RealRows
    allowed: Mapping[str, Keys | None]
    kth: Mapping[str, Vectors]
    report: dict[str, Any]


def measure_nearest(
    folder: Path, rows: int, stores: Sequence[str], queries: int, rounds: int, limit_s: float, keep: Path | None
) -> dict[str, Any]:
    """Fill the stores with rows of an index and search them.

    A store that is not full after `limit_s` is measured with the rows that it has. With `keep`,
    stores remain filled on servers that are named by the environment, and are not filled again.
    """
    real = asking(real_rows(folder, rows), queries)
    servers = {store.partition("-")[0] for store in stores} & VARIABLES.keys()
    with tempfile.TemporaryDirectory() as scratch, started(*sorted(servers)):
        place = keep or Path(scratch)
        filled = {name: _filled(name, place / name, real, limit_s) for name in stores}
        searched = _searched(filled, rounds)
        found = {
            name: {**one.report, **resources(name, place / name), **searched[name]} for name, one in filled.items()
        }
        for one in filled.values():
            one.store.close()
    report = {"machine": machine(), "rows": rows, "queries": len(real.queries), "k": K, "stores": found}
    print(table(report), file=sys.stderr)
    return report


def _filled(name: str, place: Path, real: RealRows, limit_s: float) -> _Filled:
    directory, known = place / "vectors" / "store", place / "filled.json"
    store = open_vectors(name, directory, dim=real.rows.shape[1], embedder=EMBEDDER, writable=True).store
    if not known.exists():
        known.write_text(json.dumps(_fill(store, real, limit_s)), encoding="utf-8")
    report = json.loads(known.read_text(encoding="utf-8"))
    print(f"{name}: {report}", file=sys.stderr, flush=True)
    stored = report["stored"]
    real = RealRows(real.keys[:stored], real.rows[:stored], real.queries)
    chosen = {
        "none": None,
        "a tenth": np.arange(0, stored, 10),
        "a tenth, alike": alike(real),
        "a hundredth": np.arange(0, stored, 100),
    }
    allowed = {what: None if places is None else real.keys[places] for what, places in chosen.items()}
    for keys in allowed.values():
        if keys is not None:
            keys.flags.writeable = False  # As a view's keys are; stores remember such a restriction.
    kth = {
        what: kth_products(real.rows if places is None else real.rows[places], real.queries, K)
        for what, places in chosen.items()
    }
    return _Filled(store, real, allowed, kth, report)


def _fill(store: VectorStore, real: RealRows, limit_s: float) -> dict[str, Any]:
    """Add rows, at most until the limit, and compact. Rows of an interrupted run stay.

    A server that is too busy to answer is asked again, as it is when an index is sent.
    """
    began, before, pauses = time.perf_counter(), _stored(store, real.keys), 0
    stored = before
    while stored < len(real.keys) and time.perf_counter() - began < limit_s:
        here = slice(stored, min(stored + _BATCH, len(real.keys)))
        try:
            store.add(real.keys[here], real.rows[here])
        except StoreAwayError as error:
            pauses += 1
            print(f"asked again: {error}", file=sys.stderr, flush=True)
            time.sleep(_PAUSE_S)
            continue
        stored = here.stop
        if stored % 50_000 == 0:
            print(f"{stored:,} rows after {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    fill_s, load = time.perf_counter() - began, _load()
    began = time.perf_counter()
    store.compact()
    return {
        "stored": stored,
        "rows_per_s": round((stored - before) / fill_s) if stored > before else 0,
        "fill_s": round(fill_s),
        "asked_again": pauses,
        "load_when_filled": load,
        "compacted_s": round(time.perf_counter() - began),
        "load_when_compacted": _load(),
    }


def _stored(store: VectorStore, keys: Keys) -> int:
    """Return how many rows from the first one on are stored without a gap."""
    missing = np.flatnonzero(~store.contains(keys))
    return int(missing[0]) // _BATCH * _BATCH if len(missing) else len(keys)


def _searched(filled: Mapping[str, _Filled], rounds: int) -> dict[str, dict[str, Any]]:
    """Search all stores in turns, and keep the round with the lowest median of each filter."""
    best: dict[str, dict[str, Any]] = {name: {} for name in filled}
    for number in range(rounds):
        for name, one in filled.items():
            for what in _FILTERS:
                found = _round(one, what)
                known = best[name].get(what)
                if known is None or found["p50"] < known["p50"]:
                    best[name][what] = found
                print(f"round {number} {name} {what}: {found}", file=sys.stderr, flush=True)
    return {name: {"search_ms": found} for name, found in best.items()}


def _round(one: _Filled, what: str) -> dict[str, Any]:
    allowed = one.allowed[what]
    times, shares, texts = [], [], len(one.real.queries) // 2
    for number, query in enumerate(one.real.queries):
        began = time.perf_counter()
        hits: Hits = one.store.search(query, K, allowed)
        times.append((time.perf_counter() - began) * 1000)
        shares.append(share_found(one.real, number, hits.keys, float(one.kth[what][number]), K))
    return {
        **percentiles(times),
        "recall": round(float(np.mean(shares)), 4),
        "recall_texts": round(float(np.mean(shares[:texts])), 4),
        "recall_rows": round(float(np.mean(shares[texts:])), 4),
        "load": _load(),
    }


def _load() -> float | None:
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def table(report: Mapping[str, Any]) -> str:
    """Return a Markdown table; a cell of a search has p50 in ms, recall and load."""
    heads = ["store", "rows", "rows/s", "compacted in", "disk", "memory", *_FILTERS]
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for name, found in report["stores"].items():
        cells = [
            f"{found['stored']:,}",
            f"{found['rows_per_s']:,} (load {found['load_when_filled']})",
            f"{found['compacted_s']} s",
            f"{found['disk_mb']:,} MB",
            f"{found['memory_mb']:,} MB",
        ]
        searches: Callable[[str], Mapping[str, Any]] = found["search_ms"].__getitem__
        cells += [f"{one['p50']:g} ms, {one['recall']:.3f} ({one['load']})" for one in map(searches, _FILTERS)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])
