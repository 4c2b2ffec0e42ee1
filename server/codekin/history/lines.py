"""Which lines of a text are lines of an earlier one: a patience diff, linear in the length of both for any text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

_WINDOWS_LINES = (1, 2, 4, 8, 16, 32)
"""Where no single line is unique, so many in a row may be."""
_EXACT_PAIRS = 40_000
"""Up to this product of two lengths, all pairs of lines are compared."""
_PASSES = 60
"""Lines looked at, in lengths of the texts; beyond it, what is left is matched in order."""
_LOOKAHEAD_LINES = 64

Region = tuple[int, int, int, int]


def matching_lines(before: Sequence[Hashable], now: Sequence[Hashable]) -> list[int | None]:
    """For each line of `now`, the place in `before` of the line that it is; None for a new one. Places ascend."""
    found: list[int | None] = [None] * len(now)
    waiting: list[Region] = [(0, len(before), 0, len(now))]
    budget = _PASSES * (len(before) + len(now) + 1)
    while waiting:
        region = _trimmed(before, now, waiting.pop(), found)
        start, end, now_start, now_end = region
        if start == end or now_start == now_end:
            continue
        if (end - start) * (now_end - now_start) <= _EXACT_PAIRS:
            _match_exactly(before, now, region, found)
            continue
        anchors, looked_at = _anchors(before, now, region) if budget > 0 else ([], 0)
        budget -= looked_at
        if not anchors:
            _match_in_order(before, now, region, found)
        for place, now_place in [*anchors, (end, now_end)]:
            waiting.append((start, place, now_start, now_place))
            start, now_start = place, now_place
    return found


def _trimmed(before: Sequence[Hashable], now: Sequence[Hashable], region: Region, found: list[int | None]) -> Region:
    """The region without the equal lines at its beginning and its end, which are noted."""
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
    """Each line is the next equal one that is near."""
    start, end, now_start, now_end = region
    for number in range(now_start, now_end):
        for place in range(start, min(end, start + _LOOKAHEAD_LINES)):
            if before[place] == now[number]:
                found[number] = place
                start = place + 1
                break


def _anchors(before: Sequence[Hashable], now: Sequence[Hashable], region: Region) -> tuple[list[tuple[int, int]], int]:
    """Pairs of places of what is in both texts exactly once, ascending in both; and how many lines were looked at."""
    start, end, now_start, now_end = region
    looked_at = 0
    for size in _WINDOWS_LINES:
        looked_at += size * (end - start + now_end - now_start)
        once = _unique(before, start, end, size)
        now_once = _unique(now, now_start, now_end, size)
        pairs = sorted((now_once[key], place) for key, place in once.items() if key in now_once)
        if pairs:
            return [(place, number) for number, place in _ascending(pairs)], looked_at
    return [], looked_at


def _unique(lines: Sequence[Hashable], start: int, end: int, size: int) -> dict[Hashable, int]:
    places: dict[Hashable, int] = {}
    for number in range(start, end - size + 1):
        key = lines[number] if size == 1 else tuple(lines[number : number + size])
        places[key] = -1 if key in places else number
    return {key: number for key, number in places.items() if number >= 0}


def _ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs, not necessarily neighbours, whose second parts ascend."""
    tops: list[int] = []  # the smallest end of a run of each length
    last: list[int] = []  # which pair that is
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
