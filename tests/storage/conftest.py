"""Every registered vector store, with the server it needs running on loopback in a directory of its own."""

from __future__ import annotations

import pytest

import servers
from codekin.storage.vectors import VECTOR_STORES, open_vectors

DIM = 16
SERVERS = {
    "elasticsearch": {"CODEKIN_ELASTICSEARCH_URL": "elasticsearch"},
    "pgvector": {"CODEKIN_POSTGRES_URL": "postgres"},
    "redis": {"CODEKIN_REDIS_URL": "redis"},
}
"""Store → environment variable → fixture that gives its value."""


@pytest.fixture(scope="session")
def postgres():
    with servers.postgres() as (_, url):
        yield url


@pytest.fixture(scope="session")
def elasticsearch():
    with servers.elasticsearch() as (server, url):
        print(f"Elasticsearch: {'an emulator' if server else 'the server that the environment names'}")
        yield url


@pytest.fixture(scope="session")
def redis():
    with servers.redis() as (_, url):
        yield url


@pytest.fixture(params=sorted(VECTOR_STORES))
def backend(request, monkeypatch):
    """The name of a store that can be opened now."""
    for variable, server in SERVERS.get(request.param, {}).items():
        monkeypatch.setenv(variable, request.getfixturevalue(server))
    return request.param


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
