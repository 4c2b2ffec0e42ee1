"""The server on standard input and output.

It runs until the client sends exit, the input ends, SIGTERM arrives or the editor's process is
gone.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from codekin.event_loop import run_async
from codekin.logs import start_logging
from codekin.lsp.application import create_server
from codekin.lsp.framing import Broken, Framer
from codekin.lsp.protocol import ExitRequested
from codekin.process import end_process
from codekin.streams import OutputThread, Streams, chunks

if TYPE_CHECKING:
    from codekin.lsp.server import CodekinServer
    from codekin.metrics import MetricsServer

_PARENT_INTERVAL_S = 1.0


def serve(streams: Streams, metrics: str = "") -> NoReturn:
    """Run until the client is done, then exit with the status that the specification requires.

    `metrics` is the address to serve metrics on, HOST:PORT, or "". Raises SettingsError if it
    cannot be used.
    """
    page = _metrics_server(metrics) if metrics else None
    # pygls logs every refused request with its traceback. Real failures reach
    # `CodekinServer.failed`.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    start_logging(stderr=True)
    end_process(run_async(_live(streams, page)))


async def _live(streams: Streams, page: MetricsServer | None) -> int:
    server = create_server()
    if page:
        page.start(server.session.metrics)
        server.session.metrics_url = page.url
        print(f"codekin: metrics at {page.url}", file=sys.stderr, flush=True)  # noqa: T201 - the log records only warnings
    loop = asyncio.get_running_loop()

    def lost() -> None:
        with suppress(RuntimeError):  # the loop is closed, so the server has ended
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
    finally:  # also on KeyboardInterrupt
        if page:
            await asyncio.to_thread(page.close)
        await server.session.close()
        for task in tasks:
            task.cancel()
        await asyncio.to_thread(output.close)
    code = tasks[0].result() if tasks[0] in done else None
    return int(code) if code is not None else int(not getattr(server.protocol, "shut_down", False))


async def _messages(server: CodekinServer, source: int) -> int | None:
    """Process messages until the input ends. Return the exit status if the client sent exit."""
    framer = Framer()
    try:
        async for data in chunks(source):
            for item in framer.feed(data):
                if isinstance(item, Broken):
                    server.protocol.broken(item.reason)
                elif not server.protocol.receive(item.data):
                    framer.refused(item)
                await asyncio.sleep(0)  # its handler starts before the next message is read
    except ExitRequested as exit_:
        return exit_.code
    return None


async def _parent_gone(server: CodekinServer) -> None:
    """Return once the process that the client named has ended."""
    import psutil  # noqa: PLC0415 - takes 20 ms, and only clients that name a process need it

    # There is no portable notification of the end of another process, so it is polled.
    while (server.process_id or 0) <= 0 or psutil.pid_exists(server.process_id or 0):  # noqa: ASYNC110
        await asyncio.sleep(_PARENT_INTERVAL_S)


def _metrics_server(address: str) -> MetricsServer:
    from codekin.metrics import MetricsServer, parse_address  # noqa: PLC0415 - imported only if metrics are served

    return MetricsServer(parse_address(address))
