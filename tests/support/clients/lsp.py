"""A real server process on standard input and output, with a real client."""

from __future__ import annotations

import asyncio
import os

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, client_capabilities

from support.commands import codekin_command
from support.waiting import DEADLINE_S, until


async def start_client(
    root,
    home,
    *,
    client_name="visual-studio-code",
    process_id=None,
    options=None,
    ready=True,
    arguments=(),
    program=None,
):
    """Connect a client to a server on `root` whose indexes are in `home`.

    Its name is that of one of pytest-lsp's editors. With `ready` the index is complete.
    `client.statuses` has the notified statuses, `client.answer` the answer to initialize.
    """
    environment = {**os.environ, "CODEKIN_HOME": str(home), "CODEKIN_EMBEDDER": "static"}
    command = codekin_command("serve", "--stdio", *arguments, program=program)
    config = ClientServerConfig(command, server_env=environment)
    client = pytest_lsp.make_test_lsp_client()
    await client.start_io(*config.server_command, env=environment)
    client.root, client.statuses = root, []

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
    if ready:
        await until_ready(client)
    return client


async def until_ready(client):
    async def is_ready():
        status = await request(client, "codekin/status", {})
        return status.state in ("ready", "degraded") and status.coverage.complete

    await until(is_ready)


async def stop_client(client):
    if client._server is not None and client._server.returncode is None:
        await asyncio.wait_for(client.shutdown_session(), DEADLINE_S)
    await client.stop()


async def request(client, method, params):
    """A request with a deadline."""
    return await asyncio.wait_for(client.protocol.send_request_async(method, params), DEADLINE_S)


async def search_paths(client, query, **options):
    """Paths of the best results of a search."""
    answer = await request(client, "codekin/search", {"query": query, **options})
    return [result.path for result in answer.results]
