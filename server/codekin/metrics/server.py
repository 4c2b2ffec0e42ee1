"""A small HTTP server on a thread, with one page.

The page is generated on the event loop for each request.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from codekin.errors import SettingsError
from codekin.metrics.address import Address, parse_address

_PATH = "/metrics"
_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TIMEOUT_S = 5.0
_log = logging.getLogger(__name__)


class MetricsServer:
    """A server that binds its address on construction and answers between `start` and `close`.

    Construction raises SettingsError if the address is in use.
    """

    def __init__(self, address: Address) -> None:
        try:
            self._server = _Server(address)
        except OSError as error:
            raise SettingsError(
                f"Could not serve metrics on {address.host}:{address.port} ({error.strerror}). "
                "To fix: use another port, or 0 for any free one."
            ) from error
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """URL of the page."""
        host, port = self._server.server_address[:2]
        name = host.decode() if isinstance(host, bytes) else host
        return f"http://{f'[{name}]' if ':' in name else name}:{port}{_PATH}"

    def start(self, text: Callable[[], str]) -> None:
        """Start answering requests with the result of `text`, called on the running event loop."""
        loop = asyncio.get_running_loop()

        async def make() -> str:
            return text()

        self._server.page = lambda: asyncio.run_coroutine_threadsafe(make(), loop).result(_TIMEOUT_S)
        self._thread = threading.Thread(target=self._server.serve_forever, name="codekin-metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the server. Blocks for less than a second. Idempotent."""
        if self._thread:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # elsewhere it lets a second process take an address that is in use

    def __init__(self, address: Address) -> None:
        self.address_family = socket.AF_INET6 if address.is_ipv6 else socket.AF_INET
        self.page: Callable[[], str]
        super().__init__((address.host, address.port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the library's signature
        gone = isinstance(sys.exc_info()[1], ConnectionError | TimeoutError)
        level = logging.DEBUG if gone else logging.ERROR
        _log.log(level, "Could not deliver the metrics to %s", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "codekin"
    sys_version = ""
    timeout = _TIMEOUT_S

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        _log.debug(format, *args)

    def _answer(self, *, body: bool) -> None:
        if not _names_this_machine(self.headers.get("Host", "")):
            self.send_error(421, "Not for this host")  # such as a web page that uses DNS rebinding
            return
        if self.path.partition("?")[0] != _PATH:
            self.send_error(404, f"The metrics are at {_PATH}")
            return
        try:
            page = self.server.page().encode()
        except FutureTimeoutError:
            self.send_error(503, "The server is busy")
            return
        except Exception:  # noqa: BLE001 - see below
            # The client needs an answer even if generating the page fails in an unexpected way.
            _log.exception("Could not generate the metrics")
            self.send_error(500, "Could not generate the metrics")
            return
        self.send_response(200)
        self.send_header("Content-Type", _TYPE)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if body:
            self.wfile.write(page)


def _names_this_machine(host: str) -> bool:
    if not host:
        return True  # HTTP/1.0 does not require it
    try:
        parse_address(host if host.rpartition(":")[2].isdecimal() else f"{host}:80")
    except SettingsError:
        return False
    return True
