"""The complete language server: the server object with a handler for every message."""

from __future__ import annotations

from functools import partial

from codekin.lsp.handlers import documents, features, lenses, lifecycle, requests
from codekin.lsp.protocol import COMMAND_PREFIX, REQUEST_PREFIX
from codekin.lsp.server import CodekinServer


def create_server() -> CodekinServer:
    """Return a server that is ready to read messages.

    It opens an index only once the client has named its folders.
    """
    server = CodekinServer()
    for module in (lifecycle, documents, features, lenses):
        for method, handler in module.HANDLERS.items():
            server.feature(method, module.OPTIONS.get(method))(partial(handler, server))
    for name, request in requests.HANDLERS.items():
        answer = partial(request, server)
        server.feature(REQUEST_PREFIX + name)(answer)
        # The protocol turns the command into the request. It is registered to be advertised.
        server.command(COMMAND_PREFIX + name)(answer)
    return server
