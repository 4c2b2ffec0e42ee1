"""The few shapes that the plots of the benchmarks are drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

GRID = "#e5e7eb"
COLOURS = ("#1f6feb", "#d4572a", "#2da44e", "#8250df", "#bf8700", "#cf222e", "#6e7781", "#0a7ea4", "#b35900")


def page(width: int, height: int, parts: Sequence[str]) -> str:
    """Return an SVG with a white background."""
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str = GRID, *, dashed: bool = False) -> str:
    """Return a straight line."""
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashes}/>'


def text(x: float, y: float, shown: str, colour: str = "#24292f", size: int = 11) -> str:
    """Return a text that begins at a point."""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}">{escape(shown)}</text>'


def curve(points: Sequence[tuple[float, float]], colour: str) -> list[str]:
    """Return a curve through points, which are marked."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points),
    ]
