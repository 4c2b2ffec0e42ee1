from __future__ import annotations

import contextlib

import pytest

from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine


@pytest.fixture
def opened():
    """`async with opened(root, ...) as engine`: an engine on the test's own home."""

    @contextlib.asynccontextmanager
    async def open_engine(*roots, watch=False, **settings):
        engine = await Engine.open(load_config({"embedder": "hashing", **settings}), roots, watch=watch)
        try:
            yield engine
        finally:
            await engine.close()

    return open_engine


@pytest.fixture
def paths_of():
    """Paths of the best results of a query."""

    async def search(engine, query, **options):
        response = await engine.search(SearchRequest(query, **options))
        return [result.path for result in response.results]

    return search
