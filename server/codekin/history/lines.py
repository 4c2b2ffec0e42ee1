"""Matching the lines of a text to those of an earlier one.

Uses a patience diff, which is linear in the length of both texts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

_WINDOWS_LINES = (1, 2, 4, 8, 16, 32)
"""Numbers of consecutive lines to look for, used where no single line is unique."""
_EXACT_PAIRS = 40_000
"""Maximum product of two lengths up to which all pairs of lines are compared."""
_PASSES = 60
"""Maximum number of lines examined, in multiples of the lengths of the texts.

Beyond it, the remaining lines are matched in order.
"""
_LOOKAHEAD_LINES = 64

Region = tuple[int, int, int, int]


def matching_lines(before: Sequence[Hashable], now: Sequence[Hashable]) -> list[int | None]:
    """Return for each line of `now` the index of the same line in `before`, None for a new line.

    Indexes ascend.
    """
    found: list[int | None] = [None] * len(now)
    pending: list[Region] = [(0, len(before), 0, len(now))]
    budget = _PASSES * (len(before) + len(now) + 1)
    while pending:
        region = _trimmed(before, now, pending.pop(), found)
        start, end, now_start, now_end = region
        if start == end or now_start == now_end:
            continue
        if (end - start) * (now_end - now_start) <= _EXACT_PAIRS:
            _match_exactly(before, now, region, found)
            continue
        anchors, examined = _anchors(before, now, region) if budget > 0 else ([], 0)
        budget -= examined
        if not anchors:
            _match_in_order(before, now, region, found)
        for place, now_place in [*anchors, (end, now_end)]:
            pending.append((start, place, now_start, now_place))
            start, now_start = place, now_place
    return found


def _trimmed(before: Sequence[Hashable], now: Sequence[Hashable], region: Region, found: list[int | None]) -> Region:
    """Return the region without the equal lines at both ends, which are recorded in `found`."""
    start, end, now_start, now_end = region
    while start < end and now_start < now_end and before[start] == now[now_start]:
        found[now_start] = start
        start, now_start = start + 1, now_start + 1
    while start < end and now_start < now_end and before[end - 1] == now[now_end - 1]:
        end, now_end = end - 1, now_end - 1
        found[now_end] = end
    return start, end, now_start, now_end


def _match_exactly(
    before: Sequence[Hashable], now: Sequence[Hashable], region: Region, found: list[int | None]
) -> None:
    start, end, now_start, now_end = region
    matcher = SequenceMatcher(None, before[start:end], now[now_start:now_end], autojunk=False)
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            found[now_start + block.b + offset] = start + block.a + offset


def _match_in_order(
    before: Sequence[Hashable], now: Sequence[Hashable], region: Region, found: list[int | None]
) -> None:
    """Match each line to the next equal one within a short distance."""
    start, end, now_start, now_end = region
    for number in range(now_start, now_end):
        for place in range(start, min(end, start + _LOOKAHEAD_LINES)):
            if before[place] == now[number]:
                found[number] = place
                start = place + 1
                break


def _anchors(before: Sequence[Hashable], now: Sequence[Hashable], region: Region) -> tuple[list[tuple[int, int]], int]:
    """Return pairs of positions of unique lines, and the number of lines examined.

    Each line or run of lines occurs exactly once in both texts. The pairs ascend in both.
    """
    start, end, now_start, now_end = region
    examined = 0
    for size in _WINDOWS_LINES:
        examined += size * (end - start + now_end - now_start)
        once = _unique(before, start, end, size)
        now_once = _unique(now, now_start, now_end, size)
        pairs = sorted((now_once[key], place) for key, place in once.items() if key in now_once)
        if pairs:
            return [(place, number) for number, place in _ascending(pairs)], examined
    return [], examined


def _unique(lines: Sequence[Hashable], start: int, end: int, size: int) -> dict[Hashable, int]:
    places: dict[Hashable, int] = {}
    for number in range(start, end - size + 1):
        key = lines[number] if size == 1 else tuple(lines[number : number + size])
        places[key] = -1 if key in places else number
    return {key: number for key, number in places.items() if number >= 0}


def _ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence of pairs whose second parts ascend."""
    tops: list[int] = []  # smallest last position of a run of each length
    last: list[int] = []  # index of that pair
    previous: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        previous.append(last[length - 1] if length else -1)
        if length == len(tops):
            tops.append(place)
            last.append(index)
        else:
            tops[length], last[length] = place, index
    run = []
    index = last[-1] if last else -1
    while index >= 0:
        run.append(pairs[index])
        index = previous[index]
    return run[::-1]
