"""Reports of vector stores for people: tables against the targets, slopes, a plot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from benchmarks.svg import COLOURS, curve, line, page, text

_HEADS = ("insert_one", "insert_100", "search", "search_tenth", "update_100", "delete_100", "reopen")
_TARGETS = {"insert_one": 10.0, "insert_100": 100.0, "search": 50.0, "search_tenth": 50.0}
_SEARCHES_PER_S = 100.0
_SERVED = {"hybrid_ms": 100.0, "sync_check_ms": 5.0}
_FAR = (1_000_000, 10_000_000, 100_000_000)
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 420, 60, 130, 30, 50
Report = Mapping[str, Any]


def joined(first: Report, second: Report) -> dict[str, Any]:
    """Merge two reports; the second one takes precedence."""
    rows = {size: dict(stores) for size, stores in first["rows"].items()}
    for size, stores in second["rows"].items():
        rows.setdefault(size, {}).update(stores)
    return {**first, **second, "rows": rows, "served": {**first["served"], **second["served"]}}


def tables(report: Report) -> str:
    """Return Markdown tables; a figure that misses its target has an exclamation mark."""
    parts = [
        _table(int(size), stores) for size, stores in sorted(report["rows"].items(), key=lambda item: int(item[0]))
    ]
    return "\n".join([*parts, _served(report["served"]), _slopes(report)])


def _table(size: int, stores: Mapping[str, Any]) -> str:
    heads = [*_HEADS, "searches/s", "recall, filtered", "times numpy", "disk, peak MB", "load"]
    lines = [f"{size:,} rows, p50 in ms (processor time of codekin's own process)", "", *_head(["store", *heads])]
    for store, found in stores.items():
        if "error" in found:
            lines.append(f"| {store} | {found['error']} |")
            continue
        cells = [
            f"{_cell(found['ms'][head]['p50'], _TARGETS.get(head))} ({found['ms'][head]['processor']:g})"
            for head in _HEADS
        ]
        per_s = found["searches_per_s"]
        cells += [
            f"{per_s:g}{'' if per_s >= _SEARCHES_PER_S else ' !'}",
            f"{found['recall']:.3f}, {found['recall_tenth']:.3f}",
        ]
        cells += [
            f"{found['search_over_numpy']}",
            f"{found['disk_mb'] or 'server'}, {found['peak_mb']}",
            f"{found['load']}",
        ]
        lines.append(f"| {store} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _served(served: Mapping[str, Any]) -> str:
    lines = ["In an index: p50 in ms", "", *_head(["store", "chunks", "hybrid search (processor time)", "sync check"])]
    for store, found in served.items():
        if "error" in found:
            lines.append(f"| {store} | {found['error']} |")
            continue
        hybrid, check = (_cell(found[name]["p50"], target) for name, target in _SERVED.items())
        lines.append(f"| {store} | {found['chunks']:,} | {hybrid} ({found['hybrid_ms']['processor']:g}) | {check} |")
    return "\n".join([*lines, ""])


def _slopes(report: Report) -> str:
    """Return how much a search costs per million rows, by the two largest sizes measured."""
    lines = ["Search by the slope between the two largest sizes, ms", ""]
    lines += _head(["store", "sizes", "ms a million rows", *(f"{far:,}" for far in _FAR)])
    for store in _stores(report):
        points = _points(report, store)
        if len(points) > 1:
            (small, fast), (large, slow) = points[-2:]
            slope = (slow - fast) / (large - small)
            far = [f"{slow + slope * (rows - large):,.0f}" for rows in _FAR]
            lines.append(f"| {store} | {small:,}, {large:,} | {slope * 1e6:.1f} | {' | '.join(far)} |")
    return "\n".join([*lines, ""])


def _head(names: list[str]) -> list[str]:
    return [f"| {' | '.join(names)} |", "| --- " * len(names) + "|"]


def _cell(value: float, target: float | None) -> str:
    return f"{value:g}{' !' if target is not None and value > target else ''}"


def _stores(report: Report) -> list[str]:
    return list(dict.fromkeys(store for stores in report["rows"].values() for store in stores))


def _points(report: Report, store: str) -> list[tuple[int, float]]:
    """Return (rows, p50 of a search in ms), by rows."""
    found = [(int(size), stores.get(store, {})) for size, stores in report["rows"].items()]
    return sorted((size, one["ms"]["search"]["p50"]) for size, one in found if "ms" in one)


def draw(report: Report) -> str:
    """Return an SVG with milliseconds of a search against rows, both logarithmic."""
    lines = {store: _points(report, store) for store in _stores(report)}
    lines = {store: points for store, points in lines.items() if points}
    sizes = [math.log10(rows) for points in lines.values() for rows, _ in points]
    times = [math.log10(ms) for points in lines.values() for _, ms in points]
    first, last, low, high = (
        math.floor(min(sizes)),
        math.ceil(max(sizes)),
        math.floor(min(times)),
        math.ceil(max(times)),
    )

    def across(rows: float) -> float:
        return _LEFT + (math.log10(rows) - first) / max(1, last - first) * (_WIDTH - _LEFT - _RIGHT)

    def up(ms: float) -> float:
        return _HEIGHT - _BOTTOM - (math.log10(ms) - low) / max(1, high - low) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [text(_LEFT, 18, f"a search (k = 10, {report['dim']} dimensions) by number of rows", size=14)]
    for power in range(low, high + 1):
        parts += [
            line(_LEFT, up(10.0**power), _WIDTH - _RIGHT, up(10.0**power)),
            text(4, up(10.0**power) + 4, f"{10.0**power:g} ms"),
        ]
    for power in range(first, last + 1):
        x = across(10.0**power)
        parts += [line(x, _TOP, x, _HEIGHT - _BOTTOM), text(x - 20, _HEIGHT - _BOTTOM + 18, f"{10**power:,}")]
    for (store, points), colour in zip(lines.items(), COLOURS * 2, strict=False):
        parts += curve([(across(rows), up(ms)) for rows, ms in points], colour)
        parts.append(text(across(points[-1][0]) + 8, up(points[-1][1]) + 4, store, colour))
    return page(_WIDTH, _HEIGHT, parts)
