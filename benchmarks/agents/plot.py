"""Plot the share of complete questions against the budget as an SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping

from benchmarks.svg import COLOURS, curve, line, page, text

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 400, 50, 210, 34, 50
_LABEL = 13
"""Height of a label; labels of curves that end together are written below each other."""


def draw(complete: Mapping[str, Mapping[int, float]]) -> str:
    """Draw the share of complete questions, 0 to 1, by method and budget in tokens."""
    budgets = sorted({budget for shares in complete.values() for budget in shares})
    first, last = math.log2(budgets[0]), math.log2(budgets[-1])

    def across(budget: float) -> float:
        return _LEFT + (math.log2(budget) - first) / max(1.0, last - first) * (_WIDTH - _LEFT - _RIGHT)

    def up(share: float) -> float:
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    parts = [text(_LEFT, 18, "issues with all changed files in the answer, by its budget of tokens", size=14)]
    for fifth in range(6):
        level = up(fifth / 5)
        parts += [line(_LEFT, level, _WIDTH - _RIGHT, level), text(8, level + 4, f"{20 * fifth}%")]
    for budget in budgets:
        parts += [
            line(across(budget), _TOP, across(budget), _HEIGHT - _BOTTOM),
            text(across(budget) - 14, _HEIGHT - _BOTTOM + 18, f"{budget:,}"),
        ]
    ends: list[float] = []
    for (method, shares), colour in zip(complete.items(), COLOURS, strict=False):
        points = [(across(budget), up(share)) for budget, share in sorted(shares.items())]
        below = points[-1][1] + 4
        while any(abs(below - other) < _LABEL for other in ends):
            below += _LABEL
        ends.append(below)
        parts += [*curve(points, colour), text(points[-1][0] + 8, below, method, colour)]
    return page(_WIDTH, _HEIGHT, parts)
