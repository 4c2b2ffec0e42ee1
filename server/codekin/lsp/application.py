"""The complete language server: the server object with a handler for every request and notification."""

from __future__ import annotations

from codekin.lsp import features, lenses, requests
from codekin.lsp.server import CodekinServer


def create_server() -> CodekinServer:
    """Return a server that is ready to read messages; it opens no index before the client names its folders."""
    server = CodekinServer()
    requests.register(server)
    features.register(server)
    lenses.register(server)
    return server
