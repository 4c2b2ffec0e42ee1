"""The searches of one engine, on threads, over all of its roots."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from codekin.domain.search import (
    LONGEST_QUERY,
    Filters,
    ReadQuery,
    Refinement,
    SearchRequest,
    SearchResponse,
    SearchResult,
)
from codekin.engine.aggregate_status import Overview, covered
from codekin.engine.deep.model import DeepModel
from codekin.engine.root.revisions import Revision
from codekin.engine.roots import Roots
from codekin.engine.status.monitor import Monitor
from codekin.errors import CancelledError, SettingsError
from codekin.searching import Explanation, PendingSnapshot, Snapshot, explain, related, search
from codekin.searching.existing import existing
from codekin.searching.notes import notes_on
from codekin.searching.query.inline_filters import Reading, read_query, with_filters

SEARCH_THREADS = 2
"""Number of threads in each of two lanes.

One lane is for index searches, the other for requests that read files or everything.
"""
_READING_FILES = ("regex", "literal")
_OUTSIDE = "The file is in none of the indexed folders."
_ABSENT = "The file is not in the index. It may be new, empty, too large or not text."
_USED_RESULTS = 3
"""Number of results that count as used; the deep model reads what people search for first."""
NO_FILTERS, UNREFINED = Filters(), Refinement()
T = TypeVar("T")


class Searches:
    """Answers searches, on the engine's loop.

    Once `closed` is set, no further search starts.
    """

    def __init__(self, roots: Roots, overview: Overview, monitor: Monitor, deep_model: DeepModel) -> None:
        self._roots = roots
        self._overview = overview
        self._monitor = monitor
        self._deep_model = deep_model
        self._searchers = ThreadPoolExecutor(SEARCH_THREADS, thread_name_prefix="codekin-search")
        self._slow_searchers = ThreadPoolExecutor(SEARCH_THREADS, thread_name_prefix="codekin-slow-search")
        self.closed = False

    def end_threads(self) -> None:
        """End the threads after their current searches, without waiting."""
        for pool in (self._searchers, self._slow_searchers):
            pool.shutdown(wait=False)

    def views(self) -> list[PendingSnapshot]:
        """Return the current snapshots of all roots: of their files and of their other records."""
        indexes = [root.index for root in self._roots.all()]
        return [view for index in indexes for view in (index.view(), index.record_view()) if view is not None]

    async def search(self, request: SearchRequest, cancel: threading.Event | None = None) -> SearchResponse:
        """Answer from what is indexed now, and report the coverage.

        Raises SettingsError, EmbedderError, CancelledError.
        """
        if len(request.query) > LONGEST_QUERY and request.mode not in _READING_FILES:
            answer = await self.search(replace(request, query=request.query[:LONGEST_QUERY]), cancel)
            cut = f"The query has {len(request.query):,} characters. Only the first {LONGEST_QUERY:,} were searched."
            return replace(answer, reasons=(cut, *answer.reasons))
        reading = read_query(request)
        if at := with_filters(request, reading).filters.at:
            try:
                revisions = await self._at(at)
            except SettingsError as error:
                named = [item for item in reading.inline if item.name == "at"]
                if not named:
                    raise
                reading = reading.without(named, f"{error} {named[0].typed} was searched as text.")
            else:
                return await self._search_revisions(revisions, request, reading, cancel)
        pending = self.views()
        return await self._read_and_search(lambda: built(pending), request, reading, cancel)

    async def _search_revisions(
        self, revisions: Sequence[Revision], request: SearchRequest, reading: Reading, cancel: threading.Event | None
    ) -> SearchResponse:
        views = [revision.view for revision in revisions]
        answer = await self._read_and_search(lambda: views, request, reading, cancel)
        return replace(answer, coverage=covered([revision.coverage for revision in revisions]))

    async def _read_and_search(
        self,
        views: Callable[[], list[Snapshot]],
        request: SearchRequest,
        reading: Reading,
        cancel: threading.Event | None,
    ) -> SearchResponse:
        notes: tuple[str, ...] = ()
        parsed: ReadQuery | None = None

        def find() -> list[SearchResult]:
            nonlocal notes, parsed
            snapshots = views()
            read = existing(snapshots, reading)
            asked = with_filters(request, read)
            results = search(snapshots, asked, cancel, self._monitor.recorder.vector_searches.add)
            notes = (*read.notes, *notes_on(snapshots, asked, results))
            parsed = ReadQuery(read.text, read.inline, read.notes)
            return results

        answer = await self._answer(find, slow=request.mode in _READING_FILES)
        return replace(answer, reasons=(*notes, *answer.reasons), parsed=parsed)

    async def related(
        self,
        path: Path,
        start_line: int,
        end_line: int,
        limit: int = 20,
        cancel: threading.Event | None = None,
        *,
        filters: Filters = NO_FILTERS,
        refinement: Refinement = UNREFINED,
    ) -> SearchResponse:
        """Return tests, commits and similar code of lines [start_line, end_line) of a file.

        The response is empty if the file is not indexed; `reasons` then says why.
        """
        if filters.at:
            raise SettingsError("`at:` is not supported for related code. Remove it from the filters.")
        owner = self._roots.owner(path)
        if owner is None:
            return SearchResponse((), self._overview.coverage(), 0.0, (_OUTSIDE,))
        index, relative = owner
        verdict = index.rules.verdict(relative, is_dir=False)
        if verdict is not None:
            return SearchResponse((), self._overview.coverage(), 0.0, (f"The file is not indexed: {verdict}.",))
        views = [index.view(), *(root.index.view() for root in self._roots.all() if root.index is not index)]
        records = index.record_view()
        observe = self._monitor.recorder.vector_searches.add

        absent: list[str] = []

        def find() -> list[SearchResult]:
            origin, *others = built(views)
            if relative not in origin.file_of_path:
                absent.append(_ABSENT)
            history = records.built() if records else None
            of_lines = partial(
                related, [origin, *others], origin, relative, start_line, end_line, limit, cancel, history
            )
            return of_lines(filters=filters, refinement=refinement, observe=observe)

        response = await self._answer(find)
        return replace(response, reasons=(*absent, *response.reasons))

    async def explain(self, request: SearchRequest, path: Path, line: int | None = None) -> Explanation:
        """Return why a file has its rank for a query, or why it is not found.

        Raises SettingsError.
        """
        if with_filters(request, read_query(request)).filters.at:
            raise SettingsError("`at:` is not supported for explanations. Remove it from the query.")
        owner = self._roots.owner(path)
        if owner is None:
            return Explanation(found=False, path=str(path), reason=_OUTSIDE)
        pending, relative = owner[0].view(), owner[1]
        verdict = owner[0].rules.verdict(relative, is_dir=False)
        if verdict is not None:
            return Explanation(found=False, path=relative, reason=f"The file is not indexed: {verdict}.")
        views = self.views()
        return await self.run(lambda: explain(built(views), request, pending.built(), relative, line), slow=True)

    async def run(self, work: Callable[[], T], *, slow: bool = False) -> T:
        """Run a search on a thread. Raises CancelledError once closed.

        Slow searches have separate threads, so that they delay nothing else.
        """
        if self.closed:
            raise CancelledError("The engine is closed.")
        self._monitor.loop_watch.touch()
        with self._deep_model.request():
            pool = self._slow_searchers if slow else self._searchers
            return await asyncio.get_running_loop().run_in_executor(pool, work)

    async def over_all(self, work: Callable[[list[Snapshot]], T], *, slow: bool = False) -> T:
        """Run work on the current snapshots of all roots, as `run` does."""
        pending = self.views()
        return await self.run(lambda: work(built(pending)), slow=slow)

    async def _at(self, name: str) -> list[Revision]:
        """Return each root's files at a revision, for the roots that know it."""
        found, unknown = [], SettingsError(f'Nothing is indexed. "{name}" cannot be searched.')
        for root in self._roots.all():
            try:
                found.append(await root.revisions.at(name))
            except SettingsError as error:
                unknown = error
        if not found:
            raise unknown
        return found

    async def _answer(self, work: Callable[[], list[SearchResult]], *, slow: bool = False) -> SearchResponse:
        results, took_ms = await self._monitor.timed(self.run(work, slow=slow), slow=slow)
        reasons, deep = self._overview.reasons(), self._overview.deep()
        if deep.state in ("loading", "filling"):
            reasons = (*reasons, f"The deep model has embedded {deep.covered:,} of {deep.total:,} chunks.")
        self._deep_model.uses.update((result.root, result.path) for result in results[:_USED_RESULTS])
        return SearchResponse(tuple(results), self._overview.coverage(), took_ms, reasons)


def built(views: Sequence[PendingSnapshot]) -> list[Snapshot]:
    """Return the snapshots, built now if they are new. Blocking, for a search thread."""
    return [view.built() for view in views]
