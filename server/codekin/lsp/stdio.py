"""The server's life on standard input and output: until exit, end of input, SIGTERM, or the death of the editor."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from codekin.logs import start_logging
from codekin.lsp.application import create_server
from codekin.lsp.framing import Broken, Framer
from codekin.lsp.protocol import ExitRequested
from codekin.streams import OutputThread, Streams, chunks

if TYPE_CHECKING:
    from codekin.lsp.server import CodekinServer
    from codekin.metrics import MetricsServer

_PARENT_INTERVAL_S = 1.0


def serve(streams: Streams, metrics: str = "") -> int:
    """Runs until the client is done; returns the exit status that the specification wants. `metrics` is the address where
    its numbers may be had, HOST:PORT. Raises SettingsError for one that cannot be used.
    """
    page = _metrics_server(metrics) if metrics else None
    # pygls logs every refused request with its traceback; what is worth knowing comes through `CodekinServer.failed`.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    start_logging(stderr=True)
    code = asyncio.run(_live(streams, page))
    logging.shutdown()
    # A thread may still wait for input that never comes; the index is closed, so nothing is lost.
    os._exit(code)


async def _live(streams: Streams, page: MetricsServer | None) -> int:
    server = create_server()
    if page:
        page.start(server.session.metrics)
        server.session.metrics_url = page.url
        print(f"codekin: metrics at {page.url}", file=sys.stderr, flush=True)  # noqa: T201 - the log keeps no news
    loop = asyncio.get_running_loop()

    def lost() -> None:
        with suppress(RuntimeError):  # the loop is closed: the server is ending anyway
            loop.call_soon_threadsafe(server.disconnected.set)

    output = OutputThread(streams.output, lost)
    server.protocol.set_writer(output)
    ended = asyncio.Event()
    with suppress(NotImplementedError):  # Windows has no signal handlers on the loop
        loop.add_signal_handler(signal.SIGTERM, ended.set)
    tasks = [
        asyncio.create_task(_messages(server, streams.source)),
        asyncio.create_task(ended.wait()),
        asyncio.create_task(_parent_gone(server)),
        asyncio.create_task(server.disconnected.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:  # also where a person interrupts it
        if page:
            await asyncio.to_thread(page.close)
        await server.session.close()
        for task in tasks:
            task.cancel()
        await asyncio.to_thread(output.close)
    code = tasks[0].result() if tasks[0] in done else None
    return int(code) if code is not None else int(not getattr(server.protocol, "shut_down", False))


async def _messages(server: CodekinServer, source: int) -> int | None:
    """Takes messages until the input ends; returns the exit status if the client asked to end."""
    framer = Framer()
    try:
        async for data in chunks(source):
            for item in framer.feed(data):
                if isinstance(item, Broken):
                    server.protocol.broken(item.reason)
                elif not server.protocol.receive(item.data):
                    framer.refused(item)
                await asyncio.sleep(0)  # what it asked for begins before the next message is read
    except ExitRequested as exit_:
        return exit_.code
    return None


async def _parent_gone(server: CodekinServer) -> None:
    """Returns when the process that the client named is no longer there."""
    import psutil  # noqa: PLC0415 - takes 20 ms, and only clients that name a process need it

    # Nothing tells us when another process ends: it has to be asked for.
    while (server.process_id or 0) <= 0 or psutil.pid_exists(server.process_id or 0):  # noqa: ASYNC110
        await asyncio.sleep(_PARENT_INTERVAL_S)


def _metrics_server(address: str) -> MetricsServer:
    from codekin.metrics import MetricsServer, parse_address  # noqa: PLC0415 - only for those who ask

    return MetricsServer(parse_address(address))
