"""Plot quality against indexing time as an SVG; published results have no time and are lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

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

    parts = [_text(LEFT, 18, "NDCG@10 against seconds to index all repositories", size=14)]
    for step in range(round((high - low) * 20) + 1):
        level = low + step / 20
        parts.append(_line(LEFT, up(level), WIDTH - RIGHT, up(level), "#e5e7eb"))
        parts.append(_text(LEFT - 38, up(level) + 4, f"{level:.2f}"))
    for power in range(first, last + 1):
        parts.append(_line(across(10**power), TOP, across(10**power), HEIGHT - BOTTOM, "#e5e7eb"))
        parts.append(_text(across(10**power) - 10, HEIGHT - BOTTOM + 18, f"{10**power:g} s"))
    for peer in PUBLISHED:
        parts.append(_line(LEFT, up(peer.ndcg), WIDTH - RIGHT, up(peer.ndcg), _PEER, dashed=True))
        parts.append(_text(WIDTH - RIGHT + 6, up(peer.ndcg) + (10 if peer is PUBLISHED[0] else -2), peer.name, _PEER))
    for row in rows:
        x, y = across(row["index_s"]), up(row["all"]["ndcg"])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{_MARK}"/>')
        parts.append(_text(x + 8, y - 6, f"{row['name']} {row['all']['ndcg']:.3f}"))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashes}/>'


def _text(x: float, y: float, text: str, colour: str = "#24292f", size: int = 11) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}">{escape(text)}</text>'
