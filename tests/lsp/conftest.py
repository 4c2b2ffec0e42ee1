"""A real server process on standard input and output, with a real client; under each position encoding."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from support.raw_server import Raw
from support.waiting import DEADLINE_S, until

CLIENTS = ["visual-studio-code", "neovim", "emacs"]


@pytest.fixture
async def start(home):
    """Starts servers; each is stopped at the end of the test."""
    clients: list[LanguageClient] = []

    async def start_server(
        root,
        *,
        client_name="visual-studio-code",
        process_id=None,
        options=None,
        ready=True,
        arguments=(),
        program=None,
    ):
        environment = {**os.environ, "CODEKIN_HOME": str(home), "CODEKIN_EMBEDDER": "static"}
        start = ["-c", program] if program else ["-m", "codekin"]
        command = [sys.executable, *start, "serve", "--stdio", *arguments]
        config = ClientServerConfig(command, server_env=environment)
        client = pytest_lsp.make_test_lsp_client()
        await client.start_io(*config.server_command, env=environment)
        client.statuses = []

        @client.feature("codekin/statusChanged")
        def status_changed(params):
            client.statuses.append(params)

        parameters = types.InitializeParams(
            capabilities=client_capabilities(client_name),
            process_id=process_id,
            workspace_folders=[types.WorkspaceFolder(root.as_uri(), root.name)],
            initialization_options=options,
        )
        client.answer = await client.initialize_session(parameters)
        clients.append(client)
        client.root = root

        async def is_ready():
            status = await request(client, "codekin/status", {})
            return status.state in ("ready", "degraded") and status.coverage.complete

        if ready:
            await until(is_ready)
        return client

    yield start_server
    for client in clients:
        if client._server is not None and client._server.returncode is None:
            await asyncio.wait_for(client.shutdown_session(), DEADLINE_S)
        await client.stop()


@pytest.fixture(params=CLIENTS)
async def client(request, start, sample):
    """A server on a copy of the sample workspace, ready."""
    return await start(sample, client_name=request.param)


async def request(client, method, params):
    """A request with a deadline."""
    return await asyncio.wait_for(client.protocol.send_request_async(method, params), DEADLINE_S)


@pytest.fixture
def ask():
    return request


@pytest.fixture
def wait_until():
    return until


@pytest.fixture
def paths():
    """Paths of the best results of a search."""

    async def search(client, query, **options):
        answer = await request(client, "codekin/search", {"query": query, **options})
        return [result.path for result in answer.results]

    return search


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
