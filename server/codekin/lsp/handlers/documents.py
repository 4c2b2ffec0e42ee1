"""Notifications about open documents: unsaved text is searchable as it is typed."""

from __future__ import annotations

from lsprotocol import types

from codekin.lsp import encode
from codekin.lsp.server import CodekinServer, Handlers, Options


def did_open(server: CodekinServer, params: types.DidOpenTextDocumentParams) -> None:
    """Open a document, and index its project if the client named no folders."""
    document = params.text_document
    path = encode.path_of(document.uri)
    if path is not None:
        server.session.serve_file(path)
        server.session.opened(path, document.text, document.version)


def did_change(server: CodekinServer, params: types.DidChangeTextDocumentParams) -> None:
    """Update a document; the last change contains the full text."""
    path = encode.path_of(params.text_document.uri)
    if path is not None and params.content_changes:
        server.session.typed(path, params.content_changes[-1].text, params.text_document.version)


def did_save(server: CodekinServer, params: types.DidSaveTextDocumentParams) -> None:
    """Mark a document as saved."""
    path = encode.path_of(params.text_document.uri)
    if path is not None:
        server.session.saved(path)


def did_close(server: CodekinServer, params: types.DidCloseTextDocumentParams) -> None:
    """Close a document and drop its unsaved text."""
    path = encode.path_of(params.text_document.uri)
    if path is not None:
        server.session.closed(path)


HANDLERS: Handlers = {
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_SAVE: did_save,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
}
OPTIONS: Options = {}
