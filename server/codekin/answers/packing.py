"""Packing of ranked places into a text that never exceeds a budget of tokens.

The first places are quoted as long as they fit into a share of the budget. Those after them have
one line each until the budget is full. `python -m benchmarks packing` measured the share and the
numbers of lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from codekin.answers.excerpts import Run
from codekin.answers.tokens import count_tokens
from codekin.display import visible

Detail = Literal["places", "lines", "full"]
DEFAULT_TOKENS, MIN_TOKENS, MAX_TOKENS = 2_000, 200, 100_000
_MORE = "More places, best first:"
_MOST_ALIKE = 5
_LEAST_PLACES = 10
"""Places that an answer has, as far as they fit, before weak ones are left out."""
_FOOTER_TOKENS = 24
"""Reserved for the line that says how to continue."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How a budget is divided.

    `share` of it is for quoted lines. `lines` are the numbers of lines of the first places; places
    after them are not quoted. Budgets above the default one have proportionally more lines.
    """

    share: float = 0.4
    lines: tuple[int, ...] = (30,) * 12

    def lines_of(self, number: int, max_tokens: int) -> int:
        """Return the number of lines of the place with this number in the answer."""
        if number >= len(self.lines):
            return 0
        return self.lines[number] * max(DEFAULT_TOKENS, max_tokens) // DEFAULT_TOKENS


DEFAULT_PACKING = Packing()
Quote = Callable[[int], tuple[Run, ...]]
"""Returns the lines of a place that answer, about as many as the argument says."""


@dataclass(frozen=True, slots=True)
class Place:
    """Lines [start_line, end_line) of a file, 0-based, or a commit, which has no lines.

    `role` is "" for code, or a word such as "test". `alike` are places with nearly the same text.
    `note` is added in brackets. `is_weak` is whether it is much less likely than the best place.
    """

    path: str
    start_line: int
    end_line: int
    symbol: str = ""
    role: str = ""
    note: str = ""
    alike: tuple[str, ...] = ()
    is_weak: bool = False
    quote: Quote | None = field(default=None, compare=False)

    @property
    def where(self) -> str:
        """The path with the lines, from 1, such as `a.py:3-9`."""
        if self.end_line <= self.start_line:
            return self.path
        last = f"-{self.end_line}" if self.end_line > self.start_line + 1 else ""
        return f"{self.path}:{self.start_line + 1}{last}"


@dataclass(frozen=True, slots=True)
class Packed:
    """A text of at most the budget, the places in it, and the number to continue from, if any."""

    text: str
    places: tuple[Place, ...]
    next_offset: int | None

    @property
    def tokens(self) -> int:
        """The number of tokens of the text."""
        return count_tokens(self.text)


def pack(
    header: str,
    places: Sequence[Place],
    max_tokens: int,
    *,
    detail: Detail = "lines",
    offset: int = 0,
    more: str = "",
    packing: Packing = DEFAULT_PACKING,
) -> Packed:
    """Return as much of `places` as fits, from number `offset` on.

    Weak places after the first few are left for the next page, or for a larger budget. `more` is
    a line that says how to continue, in which {offset} is replaced.
    """
    rest = list(places[offset:])
    weak = next((at for at, place in enumerate(rest) if place.is_weak and at >= _LEAST_PLACES), len(rest))
    wants_more = offset > 0 or detail == "full" or max_tokens > DEFAULT_TOKENS
    likely = rest if wants_more else rest[:weak]
    budget = _Budget(max_tokens - _FOOTER_TOKENS, header)
    quoted = _quoted(likely, budget, detail, lambda number: packing.lines_of(number, max_tokens), packing.share)
    listed = _listed(likely[quoted:], budget, with_title=quoted > 0)
    return _finished(budget, rest, quoted + listed, max_tokens, offset, more)


class _Budget:
    """The blocks of text so far, and what they cost."""

    def __init__(self, tokens: int, header: str) -> None:
        self.left = tokens
        self.blocks: list[str] = []
        self.add(header)

    def add(self, block: str) -> None:
        """Add a block whether or not it fits."""
        self.blocks.append(block)
        self.left -= count_tokens(block) + 1

    def fits(self, block: str, limit: int = 0) -> bool:
        """Whether a block leaves at least `limit` tokens."""
        return self.left - count_tokens(block) - 1 >= limit


def _quoted(
    places: Sequence[Place], budget: _Budget, detail: Detail, lines_of: Callable[[int], int], share: float
) -> int:
    """Add the places that are quoted and return their number."""
    if detail == "places":
        return 0
    full = detail == "full"
    floor = 0 if full else int(budget.left * (1 - share))
    for number, place in enumerate(places):
        count = _EVERY_LINE if full else lines_of(number)
        if count == 0:
            return number
        block = _fitting(place, count, budget, floor)
        if block is None:
            return number
        budget.add(block)
    return len(places)


_EVERY_LINE = 1_000


def _fitting(place: Place, count: int, budget: _Budget, floor: int) -> str | None:
    """Return the place with as many of its lines as fit, or None if not even one does."""
    while count:
        block = quoted_block(place, count)
        if budget.fits(block, floor):
            return block
        count = count * 2 // 3
    return None


def quoted_block(place: Place, count: int) -> str:
    """Return a place with about `count` of its lines; each run begins with `@` and its line."""
    parts = [head(place)]
    for run in place.quote(count) if place.quote else ():
        parts += (f"@{run.start + 1}", *run.lines)
    return "\n".join(parts)


def head(place: Place) -> str:
    """Return the line of a place: where it is, its symbol, its role, and what is like it."""
    facts = ", ".join(filter(None, (place.role, place.note)))
    line = " ".join(filter(None, (visible(place.where), visible(place.symbol), f"({facts})" if facts else "")))
    if place.alike:
        shown, others = place.alike[:_MOST_ALIKE], len(place.alike) - _MOST_ALIKE
        more = f" and {others:,} more" if others > 0 else ""
        line += f"\nand {len(place.alike):,} like it: {', '.join(map(visible, shown))}{more}"
    return line


def _listed(places: Sequence[Place], budget: _Budget, *, with_title: bool) -> int:
    """Add places of one line each as long as they fit, and return their number."""
    if with_title and places and budget.fits(f"{_MORE}\n{head(places[0])}"):
        budget.add(_MORE)
    for number, place in enumerate(places):
        line = head(place)
        if not budget.fits(line):
            return number
        budget.add(line)
    return len(places)


def _finished(budget: _Budget, rest: Sequence[Place], shown: int, max_tokens: int, offset: int, more: str) -> Packed:
    """Join the blocks, and drop the last ones should the whole count more than its parts."""
    blocks = budget.blocks
    while True:
        following = offset + shown if shown < len(rest) else None
        footer = [more.format(offset=following, count=len(rest) - shown)] if more and following is not None else []
        text = "\n".join([*blocks, *footer])
        if count_tokens(text) <= max_tokens or len(blocks) == 1:
            return Packed(text, tuple(rest[:shown]), following)
        if blocks.pop() != _MORE:
            shown -= 1
