"""Filters agree with an independent check on every pair of stores, with and without a query."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekin.domain.search import SearchRequest
from codekin.domain.values import Changes, NodeKind
from codekin.embedding import open_embedder
from codekin.searching import Catalog, search
from codekin.storage import LexicalIndex, open_metadata, open_vectors
from support.filter_oracle import holds, records, wishes

EXAMPLES = 10
"""Examples for each pair of stores. They have few rows; requests to servers take the time."""


class Stores:
    """An index that contains one example at a time."""

    def __init__(self, metadata, backend, folder):
        self._metadata, self._folder = metadata, folder
        self._embedder = open_embedder("hashing", allow_downloads=False)
        name, dim = self._embedder.name, self._embedder.dim
        self._vectors = open_vectors(backend, folder / "v", dim=dim, embedder=name, writable=True).store
        self._lexical = LexicalIndex.open(folder / "l", writable=True)

    def views(self, stored):
        keys = np.array([node.key for record in stored for node in record.nodes], dtype=np.int64)
        rows = np.random.default_rng(0).standard_normal((len(keys), self._embedder.dim)).astype(np.float32)
        self._vectors.delete(self._vectors.keys())
        self._vectors.add(keys, rows / np.linalg.norm(rows, axis=1, keepdims=True))
        loaded = asyncio.run(self._through_the_store(stored))
        return [self._view(loaded, of_records=of_records) for of_records in (False, True)]

    async def _through_the_store(self, stored):
        store = (await open_metadata(self._folder, self._metadata)).store
        try:
            await store.clear()
            await store.apply(Changes(tuple(stored)))
            return (await store.load())[1]
        finally:
            await store.close()

    def _view(self, loaded, of_records):
        catalog = Catalog("/nowhere", of_records=of_records)
        catalog.write([record for record in loaded if record.path.startswith("commit:") is of_records])
        return catalog.view(self._embedder, self._vectors, self._lexical).built()

    def close(self):
        self._vectors.close()
        self._lexical.close()


@pytest.fixture(params=["sqlite", "memory"])
def stores(request, backend, tmp_path):
    opened = Stores(request.param, backend, tmp_path)
    yield opened
    opened.close()


@pytest.mark.slow
@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stored=records(), wanted=st.lists(wishes, min_size=1, max_size=4))
def test_filters_agree_with_brute_force(stores, stored, wanted):
    views = stores.views(stored)
    filters = " ".join(wish.text() for wish in wanted)
    passing = [(record, node) for record in stored for node in record.nodes if holds(wanted, record, node)]
    for query, mode in (("", "hybrid"), ("retry", "semantic")):
        found = search(views, SearchRequest(f"{query} {filters}", limit=1000, mode=mode))
        places = {(item.path, item.kind) for item in found}
        assert {path for path, _ in places} == {record.path for record, _ in passing}
        assert places <= {(record.path, node.kind.value) for record, node in passing}
    chunks = [(record.path, node.start_line) for record, node in passing if is_chunk(record, node)]
    assert sorted((item.path, item.start_line) for item in found if item.kind in ("code", "test")) == sorted(chunks)


def is_chunk(record, node):
    return node.kind in (NodeKind.CODE, NodeKind.TEST)
