"""What every editor knows without being taught: hover, workspace symbols, code actions, documents, folders, settings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from codekin.display import code_span, markdown, visible
from codekin.domain.search import SIMILAR
from codekin.lsp import encode
from codekin.lsp.server import CodekinServer

if TYPE_CHECKING:
    from codekin.domain.search import SearchResult
    from codekin.engine import Engine

_HOVER_RESULTS = 5
_SYMBOL_KINDS = {
    "function": types.SymbolKind.Function,
    "method": types.SymbolKind.Method,
    "constructor": types.SymbolKind.Constructor,
    "class": types.SymbolKind.Class,
    "struct": types.SymbolKind.Struct,
    "interface": types.SymbolKind.Interface,
    "trait": types.SymbolKind.Interface,
    "enum": types.SymbolKind.Enum,
    "constant": types.SymbolKind.Constant,
    "module": types.SymbolKind.Module,
    "namespace": types.SymbolKind.Namespace,
    "property": types.SymbolKind.Property,
    "section": types.SymbolKind.String,
}


def register(server: CodekinServer) -> None:
    """Everything that the specification names."""
    _register_requests(server)
    _register_documents(server)
    _register_workspace(server)


def _register_requests(server: CodekinServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        path, line = encode.path_of(params.text_document.uri), params.position.line
        if path is None:
            return None
        answer = await server.session.answering(
            lambda engine, cancel: engine.related(path, line, line + 1, _HOVER_RESULTS, cancel)
        )
        if not answer.results:
            return None
        text = "**Related code**\n\n" + "\n".join(_hover_line(item) for item in answer.results)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))

    @server.feature(types.WORKSPACE_SYMBOL)
    async def symbols(params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
        async def find(engine: Engine, _cancel: Any) -> list[types.SymbolInformation]:
            return [
                types.SymbolInformation(
                    name=visible(item.name),
                    kind=_SYMBOL_KINDS.get(item.kind, types.SymbolKind.Variable),
                    location=types.Location(
                        encode.uri_of(item.root, item.path),
                        types.Range(types.Position(item.line, 0), types.Position(item.line + 1, 0)),
                    ),
                    container_name=visible(item.container) or None,
                )
                for item in await engine.symbols(params.query)
            ]

        return await server.session.answering(find)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.Empty])
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        where = {"textDocument": {"uri": params.text_document.uri}, "range": _plain(params.range)}
        command = types.Command("Find related code", "codekin.findRelated", arguments=[where])
        return [types.CodeAction("Find related code", kind=types.CodeActionKind.Empty, command=command)]


def _register_documents(server: CodekinServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        path = encode.path_of(document.uri)
        if path is not None:
            server.session.serve_file(path)
            server.session.opened(path, document.text, document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        path = encode.path_of(params.text_document.uri)
        if path is not None and params.content_changes:
            server.session.typed(path, params.content_changes[-1].text, params.text_document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        path = encode.path_of(params.text_document.uri)
        if path is not None:
            server.session.saved(path)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        path = encode.path_of(params.text_document.uri)
        if path is not None:
            server.session.closed(path)


def _register_workspace(server: CodekinServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        options = params.initialization_options
        server.session.configure(options if isinstance(options, dict) else {})

    @server.feature(types.INITIALIZED)
    def initialized(_params: types.InitializedParams) -> None:
        roots = _roots(server)
        if roots:
            server.session.start(roots, given=True)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        await server.session.change_folders(_paths(params.event.added), _paths(params.event.removed))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        paths = [path for change in params.changes if (path := encode.path_of(change.uri)) is not None]
        server.session.changed_on_disk(paths)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: types.DidChangeConfigurationParams) -> None:
        settings = params.settings if isinstance(params.settings, dict) else {}
        own = settings.get("codekin")
        if isinstance(own, dict):
            shown = server.session.code_lens
            await server.session.reconfigure(own)
            if server.session.code_lens != shown:
                server.lens_refresh.ask()

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    async def cancelled(_params: types.WorkDoneProgressCancelParams) -> None:
        engine = await server.session.engine()
        await asyncio.shield(engine.pause())


def _roots(server: CodekinServer) -> list[Path]:
    workspace = server.workspace
    folders = _paths(list(workspace.folders.values()))
    if folders:
        return folders
    path = encode.path_of(workspace.root_uri) if workspace.root_uri else None
    return [path] if path is not None else []


def _paths(folders: Sequence[types.WorkspaceFolder]) -> list[Path]:
    found = (encode.path_of(folder.uri) for folder in folders)
    return [path for path in found if path is not None]


def _hover_line(item: SearchResult) -> str:
    relation = f"{item.relation}: " if item.relation != SIMILAR else ""
    if item.commit:
        number = f" (#{item.pull_request})" if item.pull_request else ""
        author = ", ".join(filter(None, (markdown(item.author), item.day)))
        return f"- {relation}{markdown(item.symbol)}{number} {code_span(item.commit[:10])} {author}"
    name = code_span(item.symbol or item.path.rpartition("/")[2])
    link = f"<{encode.uri_of(item.root, item.path)}#L{item.start_line + 1}>"
    return f"- {relation}[{name}]({link}) {code_span(f'{item.path}:{item.start_line + 1}')} {item.score:.0%}"


def _plain(value: types.Range) -> dict[str, Any]:
    return {
        "start": {"line": value.start.line, "character": value.start.character},
        "end": {"line": value.end.line, "character": value.end.character},
    }
