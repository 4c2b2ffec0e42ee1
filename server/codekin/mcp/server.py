"""The server on standard input and output: one folder, one engine, three tools.

It runs until the client closes the input.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from mcp.server import MCPServer
from mcp.server.stdio import stdio_server
from mcp_types import ToolAnnotations

from codekin import __version__
from codekin.config import Config, load_config
from codekin.engine import Engine
from codekin.logs import start_logging
from codekin.mcp.lines import Input, Output
from codekin.mcp.tools import Tools
from codekin.process import run_async
from codekin.streams import Streams

_INSTRUCTIONS = """\
Finds code in this workspace by meaning, by name and by text. The index is local and is updated whenever a file is \
saved. Before you grep or read entire files, give `search` a question in plain words or an identifier. `related` finds \
code similar to a known place: duplicates, sibling implementations, tests. Lines count from 1, and the end is included."""


def serve(root: Path, streams: Streams) -> None:
    """Run until the client is done. Raises CodekinError if the index of `root` cannot be opened."""
    config = load_config()
    start_logging(stderr=True)
    run_async(_live(config, root.resolve(), streams))


async def _live(config: Config, root: Path, streams: Streams) -> None:
    engine = await Engine.open(config, [root], watch=True)
    output = Output(streams.output)
    tasks = [
        asyncio.create_task(_messages(_server(Tools(engine, root)), Input(streams.source, output), output)),
        asyncio.create_task(output.lost.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await engine.close()
        await output.close()


async def _messages(server: MCPServer[None], source: Input, output: Output) -> None:
    # Only the low-level server of the SDK runs on streams other than its own.
    lowlevel = server._lowlevel_server  # noqa: SLF001
    async with stdio_server(source, output) as (reading, writing):  # type: ignore[arg-type] # they have the methods of files that it uses
        await lowlevel.run(reading, writing, lowlevel.create_initialization_options())


def _server(tools: Tools) -> MCPServer[None]:
    server: MCPServer[None] = MCPServer(
        "codekin", title="codekin", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING"
    )
    reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    server.add_tool(tools.search, title="Search code", annotations=reads)
    server.add_tool(tools.related, title="Find related code", annotations=reads)
    server.add_tool(tools.status, title="State of the index", annotations=reads)
    return server
