"""The lines of a place that answer a query: its signature and the window with the rarest words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codekin.display import visible
from codekin.storage import stem

LONGEST_LINE = 200
"""Characters of a line that are shown."""
_MAX_SCORED = 2_000
_MIN_STEM = 3
_SLACK = 2
"""Lines that are shown beyond the count rather than left out."""
_NAME_WEIGHT = 2.0
"""Weight of an identifier of the query, relative to a word that is as rare."""


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive lines, without their ends; `start` is 0-based."""

    start: int
    lines: tuple[str, ...]

    @property
    def end(self) -> int:
        """The line after the last one."""
        return self.start + len(self.lines)


@dataclass(frozen=True, slots=True)
class Sought:
    """The words and the identifiers of a query."""

    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def excerpt(lines: Sequence[str], start: int, end: int, focus: int, sought: Sought, count: int) -> tuple[Run, ...]:
    """Return about `count` of the lines [start, end) that answer best.

    They are the line `focus`, where the result opens, and the window with the rarest words of the
    query. Blank lines at the edges of a run are left out. Lines outside the text are ignored.
    """
    end = min(end, len(lines))
    start = min(max(start, 0), end)
    if end - start <= count + _SLACK:
        return _runs(lines, range(start, end))
    focus = min(max(focus, start), end - 1)
    scored_end = min(end, start + _MAX_SCORED)
    scores = line_scores(lines[start:scored_end], sought)
    first = start + _best_window(scores, count, focus - start)
    if first <= focus < first + count:
        return _runs(lines, range(first, min(first + count, end)))
    first = start + _best_window(scores, count - 1, focus - start)
    return _runs(lines, sorted({focus, *range(first, min(first + count - 1, end))}))


def line_scores(lines: Sequence[str], sought: Sought) -> list[float]:
    """Return for each line the sum of the rarities of the sought words that it contains."""
    lowered = [line.lower() for line in lines]
    weights = {name.lower(): _NAME_WEIGHT for name in sought.names if len(name) >= _MIN_STEM}
    weights |= {found: 1.0 for word in sought.words if len(found := stem(word)) >= _MIN_STEM and found not in weights}
    rarity = {}
    for word, weight in weights.items():
        count = sum(word in line for line in lowered)
        if count:
            rarity[word] = weight / (1 + count)
    return [sum(weight for word, weight in rarity.items() if word in line) for line in lowered]


def _best_window(scores: Sequence[float], count: int, focus: int) -> int:
    """Return the start of the best window.

    Of equal ones, it is the one that begins at the focus, or else the middle one.
    """
    total = sum(scores[:count])
    sums = [total]
    for first in range(1, max(1, len(scores) - count + 1)):
        total += scores[first + count - 1] - scores[first - 1]
        sums.append(total)
    most = max(sums) - 1e-9
    equal = [at for at, value in enumerate(sums) if value >= most]
    around = [at for at in equal if at <= focus < at + count]
    return max(around) if around else equal[len(equal) // 2]


def _runs(lines: Sequence[str], numbers: Sequence[int]) -> tuple[Run, ...]:
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number - groups[-1][-1] <= 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    runs = []
    for group in groups:
        while group and not lines[group[-1]].strip():
            group.pop()
        while group and not lines[group[0]].strip():
            group.pop(0)
        if group:
            runs.append(Run(group[0], tuple(shown_line(lines[number]) for number in group)))
    return tuple(runs)


def shown_line(line: str) -> str:
    """Return a line without its end, cut at a limit, with invisible characters escaped."""
    text = line.rstrip()
    return visible(text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…", tabs=True)
