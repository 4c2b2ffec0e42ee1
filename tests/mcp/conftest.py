"""A real server process on standard input and output, with the SDK's own client."""

from __future__ import annotations

import json
import os
import sys
from contextlib import asynccontextmanager

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from support.commands import run_codekin
from support.waiting import DEADLINE_S


@pytest.fixture
def agent(sample):
    """Connects to a server on the sample workspace; leaving the context ends both."""

    @asynccontextmanager
    async def connect(root=sample, *, mode="auto"):
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "codekin", "mcp", str(root)], env=dict(os.environ)
        )
        async with Client(command, mode=mode, read_timeout_seconds=DEADLINE_S) as client:
            yield client

    return connect


@pytest.fixture
def codekin(sample):
    """The JSON that a command prints for the sample workspace."""

    def run(*arguments):
        return json.loads(run_codekin(*arguments, "--json", cwd=sample, check=True).stdout)

    return run
