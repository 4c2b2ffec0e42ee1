"""A real server process and a real client, with each position encoding."""

from __future__ import annotations

import pytest

from support.clients.lsp import request as request_with_deadline
from support.clients.lsp import search_paths, start_client, stop_client
from support.clients.raw import Raw
from support.waiting import until

CLIENTS = ["visual-studio-code", "neovim", "emacs"]


@pytest.fixture
async def start(home):
    """Starts servers; each is stopped at the end of the test. See `start_client`."""
    clients = []

    async def start_server(root, **options):
        clients.append(await start_client(root, home, **options))
        return clients[-1]

    yield start_server
    for client in clients:
        await stop_client(client)


@pytest.fixture(params=CLIENTS)
async def client(request, start, sample):
    """A server on a copy of the sample workspace, ready."""
    return await start(sample, client_name=request.param)


@pytest.fixture
def ask():
    return request_with_deadline


@pytest.fixture
def wait_until():
    return until


@pytest.fixture
def paths():
    return search_paths


@pytest.fixture
def raw():
    """Starts servers without a client library; all are gone at the end of the test."""
    servers = []

    def start_raw(**options):
        servers.append(Raw(**options))
        return servers[-1]

    yield start_raw
    for server in servers:
        server.stop()
