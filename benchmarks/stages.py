"""Where the time of a search goes: processor time of the searching thread by stage, each without the stages within it."""

from __future__ import annotations

import importlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from codekin.domain.search import SearchRequest
from codekin.searching import SearchView, search

STAGES = {
    "query": ("searching.search:parse_query", "searching.search:asked", "searching.search:with_inline_filters"),
    "filters": ("searching.search:node_mask",),
    "embedding": ("embedding.static:StaticEmbedder.embed_query",),
    "nearest": ("searching.candidates:search_live",),
    "words": ("storage.lexical:LexicalView.search",),
    "kin words": ("searching.candidates:_kin",),
    "definitions": ("searching.candidates:_definitions",),
    "vectors": ("searching.candidates:vectors_of",),
    "feedback": ("searching.candidates:_feedback",),
    "candidates, the rest": ("searching.search:gather",),
    "signals": ("searching.ranking:file_table",),
    "ranking": ("searching.search:rank",),
    "commits and folders": (
        "searching.search:rank_aside",
        "searching.search:gather_aside",
        "searching.search:mixed",
        "searching.search:identified",
    ),
    "texts of the results": ("searching.search:snippet",),
    "results": ("searching.search:as_result",),
}
"""Functions by stage: what calls them finds them there by name."""


def stage_us(
    views: Sequence[SearchView], queries: Sequence[str], *, rounds: int = 5, limit: int = 10
) -> dict[str, int]:
    """Microseconds a search, the mean over all queries in the round that the machine disturbed least; "other" is what no stage
    takes. Each query is asked once before.
    """
    found = [_round(views, queries, limit) for _ in range(rounds + 1)]
    return min(found[1:], key=lambda spent: spent["all"])


def _round(views: Sequence[SearchView], queries: Sequence[str], limit: int) -> dict[str, int]:
    clock = _Clock()
    with clock.watching():
        started = time.thread_time_ns()
        for query in queries:
            search(views, SearchRequest(query, limit))
        whole = time.thread_time_ns() - started
    searches = len(queries) * 1000
    spent = {stage: round(clock.spent[stage] / searches) for stage in STAGES}
    return {**spent, "other": round((whole - sum(clock.spent.values())) / searches), "all": round(whole / searches)}


class _Clock:
    """What a stage within another takes is taken off the outer one's time. Some 1 µs is added a call."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._inner = [0]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within, the functions of `STAGES` are timed."""
        taken = [(*_place(name), stage) for stage, names in STAGES.items() for name in names]
        originals = [(owner, name, getattr(owner, name)) for owner, name, _ in taken]
        try:
            for owner, name, stage in taken:
                setattr(owner, name, self._timed(stage, getattr(owner, name)))
            yield
        finally:
            for owner, name, original in originals:
                setattr(owner, name, original)

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*given: Any, **named: Any) -> Any:
            self._inner.append(0)
            started = time.thread_time_ns()
            try:
                return function(*given, **named)
            finally:
                took = time.thread_time_ns() - started
                self.spent[stage] += took - self._inner.pop()
                self._inner[-1] += took

        return measured


def _place(name: str) -> tuple[Any, str]:
    """The module or class that holds a function, and its name there."""
    module, _, path = name.partition(":")
    owner: Any = importlib.import_module(f"codekin.{module}")
    *holders, last = path.split(".")
    for holder in holders:
        owner = getattr(owner, holder)
    return owner, last
