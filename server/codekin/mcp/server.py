"""The server on standard input and output: some folders, one engine, six tools.

It runs until the client closes the input.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.tools import Tool
from mcp.server.stdio import stdio_server
from mcp_types import ToolAnnotations

from codekin import __version__
from codekin.answers import Answers
from codekin.config import Config, load_config
from codekin.engine import Engine
from codekin.event_loop import run_async
from codekin.logs import start_logging
from codekin.mcp.lines import Input, Output
from codekin.mcp.plain_tool import PlainTool
from codekin.mcp.tools import Tools
from codekin.serving.server import QueryServer
from codekin.streams import Streams

_INSTRUCTIONS = """\
A local index of this workspace, updated on every save. `search` before you grep or read files, `expand` what it \
found, `related` and `references` before you change code. The first line of an answer names folder and revision."""


_NOTHING = {"type": "null"}
_LIMITS = ("maxLength", "maxItems", "maximum", "minimum")


def serve(roots: Sequence[Path], streams: Streams) -> None:
    """Run until the client is done. Raises CodekinError if no index can be opened."""
    config = load_config()
    start_logging(stderr=True)
    run_async(_live(config, [root.resolve() for root in roots], streams))


async def _live(config: Config, roots: Sequence[Path], streams: Streams) -> None:
    engine = await Engine.open(config, roots, watch=True)
    commands = QueryServer(engine, config)
    commands.start()
    output = Output(streams.output)
    tasks = [
        asyncio.create_task(
            _messages(_server(Tools(engine, Answers(engine, roots))), Input(streams.source, output), output)
        ),
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
        await commands.close()
        await engine.close()
        await output.close()


async def _messages(server: MCPServer[None], source: Input, output: Output) -> None:
    # Only the low-level server of the SDK runs on streams other than its own.
    lowlevel = server._lowlevel_server  # noqa: SLF001
    async with stdio_server(source, output) as (reading, writing):  # type: ignore[arg-type] # they have the methods of files that it uses
        await lowlevel.run(reading, writing, lowlevel.create_initialization_options())


def _server(tools: Tools) -> MCPServer[None]:
    server: MCPServer[None] = MCPServer(
        "codekin",
        title="codekin",
        version=__version__,
        instructions=_INSTRUCTIONS,
        log_level="WARNING",
        tools=_tools(tools),
    )
    return server


def _tools(tools: Tools) -> list[Tool]:
    reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    adds = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    made: list[Tool] = []
    for work in (tools.search, tools.expand, tools.related, tools.references, tools.status, tools.roots):
        annotations = adds if work == tools.roots else reads
        tool = PlainTool.from_function(work, annotations=annotations, structured_output=False)
        tool.parameters = _brief(tool.parameters)
        tool.description = " ".join(tool.description.split())
        made.append(tool)
    return made


def _brief(schema: Any) -> Any:
    """Return a schema without what costs a model tokens and tells it nothing.

    That is titles that repeat names, empty defaults, and limits, which are checked anyway.
    """
    if isinstance(schema, list):
        return [_brief(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    optional = schema.get("anyOf")
    if optional and _NOTHING in optional:
        return _brief(next(item for item in optional if item != _NOTHING))
    return {key: _brief(value) for key, value in schema.items() if not _is_noise(key, value)}


def _is_noise(key: str, value: Any) -> bool:
    if key == "default":
        return value in ("", None, [])
    return key in _LIMITS or (key == "title" and isinstance(value, str))
