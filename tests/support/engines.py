"""Engines on the home folder of the test, with the hashing embedder unless another one is named."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager

from codekin.config import load_config
from codekin.domain.search import Filters, SearchRequest
from codekin.engine import Engine
from support.waiting import until


@asynccontextmanager
async def open_engine(*roots, watch=False, **settings):
    """`async with open_engine(root, ...) as engine`: it is closed at the end.

    `settings` are named as a client names them.
    """
    engine = await Engine.open(load_config({"embedder": "hashing", **settings}), roots, watch=watch)
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def open_indexed(*roots, watch=False, **settings):
    """The same with a finished index; one that watches its files indexes them by itself."""
    async with open_engine(*roots, watch=watch, **settings) as engine:
        if not watch:
            await engine.index()
        yield engine


@asynccontextmanager
async def engine_opener(opening=open_engine, **defaults):
    """Yield a function that opens engines with these settings, and close all of them at the end."""
    async with AsyncExitStack() as engines:

        async def opened(*roots, **settings):
            return await engines.enter_async_context(opening(*roots, **{**defaults, **settings}))

        yield opened


async def until_ready(engine, *, also=lambda: True):
    """Waits for a complete index, and for what else has to hold."""

    def is_ready():
        return engine.coverage().complete and engine.status().state in ("ready", "degraded") and also()

    await until(is_ready, engine.status)


async def search_paths(engine, query, **options):
    """Paths of the best results of a query."""
    response = await engine.search(SearchRequest(query, **options))
    return [result.path for result in response.results]


async def find_history(engine, query, *kinds, **filters):
    """Results of a query among commits and pull requests, or among the kinds given."""
    wanted = Filters(kinds=kinds or ("commit", "pull_request"), **filters)
    return (await engine.search(SearchRequest(query, filters=wanted))).results
