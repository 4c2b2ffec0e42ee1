"""Stores without content, for snapshots of given records."""

from __future__ import annotations

import pytest

from codekin.embedding import open_embedder
from codekin.storage import LexicalIndex, open_vectors


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    path = tmp_path_factory.mktemp("s")
    embedder = open_embedder("hashing")
    vectors = open_vectors("flat", path / "v", dim=embedder.dim, embedder=embedder.name, writable=True).store
    return embedder, vectors, LexicalIndex.open(path / "l", writable=True)
