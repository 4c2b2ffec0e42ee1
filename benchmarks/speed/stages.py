"""Processor time of searching and indexing by stage, each without the stages within it."""

from __future__ import annotations

import importlib
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from codekin.domain.search import SearchRequest
from codekin.embedding.static import StaticEmbedder
from codekin.files import Found, Rules, scan
from codekin.indexing import EmbedCounts, Indexer, Stores
from codekin.searching import Snapshot, search
from codekin.storage import LexicalIndex
from codekin.storage.vectors.flat import FlatIndex

STAGES = {
    "query": ("searching.search:parse_query", "searching.search:question_of", "searching.search:with_inline_filters"),
    "filters": ("searching.search:node_mask",),
    "embedding": ("embedding.static:StaticEmbedder.embed_query",),
    "nearest": ("searching.ranking.retrieval:search_live",),
    "words": ("storage.lexical.index:LexicalView.search",),
    "definitions": ("searching.ranking.retrieval:_definitions",),
    "vectors": ("searching.ranking.retrieval:vectors_of",),
    "feedback": ("searching.ranking.retrieval:_feedback",),
    "candidates, the rest": ("searching.search:gather",),
    "signals": ("searching.ranking.file_ranking:file_table",),
    "ranking": ("searching.search:rank",),
    "commits and folders": (
        "searching.search:rank_records",
        "searching.search:gather_records",
        "searching.search:mixed",
        "searching.search:identified",
    ),
    "texts of the results": ("searching.search:text_between",),
    "results": ("searching.search:as_result",),
}
"""Functions by stage, under the names by which their callers find them."""
INDEX_STAGES = {
    "reading": ("indexing.pipeline:read_source",),
    "secrets": ("chunking.redacted:redact",),
    "parsing": ("chunking.chunker:found_in",),
    "definitions": ("chunking.finding:definitions",),
    "cutting": ("chunking.redacted:chunked",),
    "keys and nodes": ("indexing.pipeline:prepare_source",),
    "vectors": ("embedding.static:StaticEmbedder.embed_passages",),
    "postings": ("storage.lexical.building:Draft.add", "storage.lexical.building:Draft.arrays"),
    "merging": ("storage.lexical.index:merged", "storage.vectors.flat:FlatIndex.compact"),
    "writing": ("storage.segments:write_segment", "storage.segments:open_segment"),
}
"""The stages of indexing, likewise."""
_BATCH_FILES = 256
_MOST_BYTES = 1_000_000


def stage_us(views: Sequence[Snapshot], queries: Sequence[str], *, rounds: int = 5, limit: int = 10) -> dict[str, int]:
    """Return microseconds per search by stage.

    They are means over all queries, in the fastest of several rounds after a first one that warms
    the caches. "other" is the time outside all stages.
    """
    found = [_round(views, queries, limit) for _ in range(rounds + 1)]
    return min(found[1:], key=lambda spent: spent["all"])


def index_stage_us(folder: Path) -> dict[str, float]:
    """Return microseconds per chunk by stage of indexing a folder in one process, with warm caches.

    "other" is the time outside all stages.
    """
    rules = Rules(folder, include=(), exclude=(), max_file_bytes=_MOST_BYTES)
    paths = [item.path for item in scan(folder, rules, lambda: False) if isinstance(item, Found)]
    _index_round(folder, paths)
    return _index_round(folder, paths)


def _index_round(folder: Path, paths: Sequence[str]) -> dict[str, float]:
    clock, embedder = _Clock(), _bundled()
    with tempfile.TemporaryDirectory() as scratch, clock.watching(INDEX_STAGES):
        vectors = FlatIndex.open(Path(scratch) / "f", dim=embedder.dim, embedder=embedder.name, writable=True)
        lexical = LexicalIndex.open(Path(scratch) / "l", writable=True)
        stores = Stores(embedder, vectors, lexical)
        indexer = Indexer(folder, stores, max_file_bytes=_MOST_BYTES, sources=[], counts=EmbedCounts(), quarantined={})
        started, chunks = time.process_time_ns(), 0
        for start in range(0, len(paths), _BATCH_FILES):
            report = indexer.index_files(paths[start : start + _BATCH_FILES])
            chunks += sum(len(record.nodes) for record in report.changes.written)
        vectors.compact()
        lexical.compact()
        total = time.process_time_ns() - started
    each = max(1, chunks) * 1000
    spent = {stage: round(clock.spent[stage] / each, 1) for stage in INDEX_STAGES}
    return {**spent, "other": round((total - sum(clock.spent.values())) / each, 1), "all": round(total / each, 1)}


@cache
def _bundled() -> StaticEmbedder:
    return StaticEmbedder.bundled()


def _round(views: Sequence[Snapshot], queries: Sequence[str], limit: int) -> dict[str, int]:
    clock = _Clock()
    with clock.watching(STAGES):
        started = time.thread_time_ns()
        for query in queries:
            search(views, SearchRequest(query, limit))
        total = time.thread_time_ns() - started
    searches = len(queries) * 1000
    spent = {stage: round(clock.spent[stage] / searches) for stage in STAGES}
    return {**spent, "other": round((total - sum(clock.spent.values())) / searches), "all": round(total / searches)}


class _Clock:
    """Measures stages; the time of a nested stage is subtracted from the outer one.

    About 1 µs is added per call.
    """

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._of_thread = threading.local()

    @contextmanager
    def watching(self, stages: Mapping[str, Sequence[str]]) -> Iterator[None]:
        """Measure the functions of these stages within the block."""
        taken = [(*_place(name), stage) for stage, names in stages.items() for name in names]
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
            inner = self._of_thread.__dict__.setdefault("inner", [0])
            inner.append(0)
            started = time.thread_time_ns()
            try:
                return function(*given, **named)
            finally:
                took = time.thread_time_ns() - started
                self.spent[stage] += took - inner.pop()
                inner[-1] += took

        return measured


def _place(name: str) -> tuple[Any, str]:
    """Return the module or class that contains a function, and the function's name in it."""
    module, _, path = name.partition(":")
    owner: Any = importlib.import_module(f"codekin.{module}")
    *holders, last = path.split(".")
    for holder in holders:
        owner = getattr(owner, holder)
    return owner, last
