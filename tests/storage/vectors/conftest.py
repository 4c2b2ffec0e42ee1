"""Vector stores that are opened again and again, and servers of their own."""

from __future__ import annotations

import contextlib

import pytest

from codekin.storage.vectors.remote.server_address import without_secrets
from support import servers
from support.rows import store_opener


@pytest.fixture(scope="session")
def own_elasticsearch():
    """(server, URL) of a node for tests that stop it; they share it, since it starts slowly."""
    with servers.elasticsearch() as started:
        yield started


@contextlib.contextmanager
def running_again(server, url):
    """Start a shared server after a test that left it stopped."""
    try:
        yield server, url
    finally:
        if server is not None and not server.is_running():
            server.start()


@pytest.fixture(params=sorted(servers.OF_STORES))
def own_server(request, monkeypatch):
    """(store, server) for a test that stops it."""
    variable, start = servers.OF_STORES[request.param]
    shared = request.param == "elasticsearch"
    with running_again(*request.getfixturevalue("own_elasticsearch")) if shared else start() as (server, url):
        if server is None:
            pytest.skip(f"{request.param} at {without_secrets(url)} is not ours to stop")
        monkeypatch.setenv(variable, url)
        yield request.param, server


@pytest.fixture
def reopen(backend, tmp_path):
    """Opens the same store again and again; what a test leaves open is closed."""
    with store_opener(backend, tmp_path / "v") as opened:
        yield opened
