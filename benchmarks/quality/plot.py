"""Plot quality against indexing time as an SVG; published results have no time and are lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.svg import GRID, line, page, text

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 60, 250, 30, 50
_MARK = "#1f6feb"
_PEER = "#8b949e"


@dataclass(frozen=True, slots=True)
class Published:
    """NDCG@10 as its authors publish it, over all 63 repositories, not measured here."""

    name: str
    ndcg: float


PUBLISHED = (
    Published("semble, static code model (published)", 0.854),
    Published("137M-parameter transformer + BM25 (published)", 0.862),
)


def draw(found: Mapping[str, Any]) -> str:
    """Draw the rows of `quality.json` that have an indexing time."""
    rows = [row for row in found["rows"] if row["index_s"] and row["all"]["ndcg"]]
    times = [row["index_s"] for row in rows] or [1.0]
    first, last = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)) + 0.01)
    values = [row["all"]["ndcg"] for row in rows] + [peer.ndcg for peer in PUBLISHED]
    low, high = math.floor(min(values) * 10) / 10, math.ceil(max(values) * 10) / 10

    def across(seconds: float) -> float:
        return LEFT + (math.log10(seconds) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def up(ndcg: float) -> float:
        return HEIGHT - BOTTOM - (ndcg - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [text(LEFT, 18, "NDCG@10 against seconds to index all repositories", size=14)]
    for step in range(round((high - low) * 20) + 1):
        level = low + step / 20
        parts.append(line(LEFT, up(level), WIDTH - RIGHT, up(level), GRID))
        parts.append(text(LEFT - 38, up(level) + 4, f"{level:.2f}"))
    for power in range(first, last + 1):
        parts.append(line(across(10**power), TOP, across(10**power), HEIGHT - BOTTOM, GRID))
        parts.append(text(across(10**power) - 10, HEIGHT - BOTTOM + 18, f"{10**power:g} s"))
    for peer in PUBLISHED:
        parts.append(line(LEFT, up(peer.ndcg), WIDTH - RIGHT, up(peer.ndcg), _PEER, dashed=True))
        parts.append(text(WIDTH - RIGHT + 6, up(peer.ndcg) + (10 if peer is PUBLISHED[0] else -2), peer.name, _PEER))
    for row in rows:
        x, y = across(row["index_s"]), up(row["all"]["ndcg"])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{_MARK}"/>')
        parts.append(text(x + 8, y - 6, f"{row['name']} {row['all']['ndcg']:.3f}"))
    return page(WIDTH, HEIGHT, parts)
