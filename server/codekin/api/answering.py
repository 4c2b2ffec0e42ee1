"""Queries on an engine, for programs and for the command line."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from codekin.answers import AgentAnswer, Answers, Budget
from codekin.api.query import Place, Query
from codekin.domain.search import Filters, SearchResponse
from codekin.engine import Engine
from codekin.errors import SettingsError
from codekin.shapes import DuplicatesShape, duplicates_shape

_TO_THE_END = 1_000_000_000


async def respond(engine: Engine, root: Path, query: Query) -> SearchResponse:
    """Run a query on the current index.

    Relative paths in the query are relative to `root`. When the caller is cancelled, the search
    stops. Raises SettingsError, EmbedderError, IndexUnavailableError.
    """
    cancel = threading.Event()
    try:
        if isinstance(query.ask, Place):
            return await _related(engine, root, query.ask, query, cancel)
        return await engine.search(query.request(), cancel)
    except asyncio.CancelledError:
        cancel.set()
        raise


async def answered(answers: Answers, query: Query, budget: Budget) -> AgentAnswer:
    """Run a query and return its answer for a model.

    The limit of the query does not apply: the budget decides. Raises what `respond` raises.
    """
    if isinstance(query.ask, Place):
        place = query.ask
        filters, refinement = query.engine_filters(), query.refinement()
        return await answers.related(
            place.path, place.line, place.end_line, budget, filters=filters, refinement=refinement
        )
    return await answers.ask(replace(query.request(), limit=answers.limit(budget.checked())), budget)


async def listed_duplicates(
    engine: Engine, limit: int, threshold: float | None, *, languages: Sequence[str] = (), paths: Sequence[str] = ()
) -> DuplicatesShape:
    """Return groups of duplicates. Without a threshold, that of the settings applies.

    When the caller is cancelled, the comparison stops. Raises SettingsError.
    """
    from codekin.searching import DuplicatesRequest  # noqa: PLC0415 - a query is sent without the engine

    filters = Filters(languages=tuple(languages), paths=tuple(paths))
    request = DuplicatesRequest(limit, engine.config.duplicates_threshold if threshold is None else threshold, filters)
    cancel = threading.Event()
    coverage = engine.coverage()
    try:
        return duplicates_shape(await engine.duplicates(request, cancel), coverage)
    except asyncio.CancelledError:
        cancel.set()
        raise


async def _related(engine: Engine, root: Path, place: Place, query: Query, cancel: threading.Event) -> SearchResponse:
    file = root / place.path
    if not await asyncio.to_thread(os.path.isfile, file):  # unlike Path.is_file, it raises for no name
        raise SettingsError(f"{place.path} is not a file in {root}.")
    start = (place.line or 1) - 1
    end = place.end_line or place.line or _TO_THE_END
    filters, refinement = query.engine_filters(), query.refinement()
    return await engine.related(file, start, end, query.count, cancel, filters=filters, refinement=refinement)
