"""The server on standard input and output: one folder, one engine, three tools, until the client closes the input."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mcp.server import MCPServer
from mcp_types import ToolAnnotations

from codekin import __version__
from codekin.config import load_config
from codekin.engine import Engine
from codekin.mcp.tools import Tools

_INSTRUCTIONS = """\
Finds code in this workspace by meaning, by name and by text, from a local index that follows every saved file. Ask \
`search` a question in plain words or give it an identifier before you grep or read whole files; `related` finds code \
like a place you know: duplicates, sibling implementations, tests. Lines count from 1 and the end is included."""


def serve(root: Path) -> None:
    """Runs until the client is done. Raises CodekinError when the index of `root` cannot be opened."""
    asyncio.run(_live(root.resolve()))


async def _live(root: Path) -> None:
    engine = await Engine.open(load_config(), [root], watch=True)
    try:
        await _server(Tools(engine, root)).run_stdio_async()
    finally:
        await engine.close()


def _server(tools: Tools) -> MCPServer[None]:
    # Warnings alone go to standard error: clients show it to people as the server's log.
    server: MCPServer[None] = MCPServer(
        "codekin", title="codekin", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING"
    )
    reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    server.add_tool(tools.search, title="Search code", annotations=reads)
    server.add_tool(tools.related, title="Find related code", annotations=reads)
    server.add_tool(tools.status, title="State of the index", annotations=reads)
    return server
