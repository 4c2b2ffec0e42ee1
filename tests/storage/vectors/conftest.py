"""A vector store that is opened again and again."""

from __future__ import annotations

import pytest

from codekin.storage.vectors import open_vectors

DIM = 16


@pytest.fixture
def reopen(backend, tmp_path):
    """Opens the same store again and again; what a test leaves open is closed."""
    opened = []

    def open_store(*, writable=True, embedder="test-1", dim=DIM):
        opened.append(open_vectors(backend, tmp_path / "v", dim=dim, embedder=embedder, writable=writable).store)
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()
