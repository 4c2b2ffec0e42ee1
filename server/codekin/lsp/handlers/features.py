"""Standard requests that answer from the index: hover, symbols, outlines, code actions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from codekin.display import code_span, markdown, short_sha, visible
from codekin.domain.search import SIMILAR
from codekin.lsp import encode
from codekin.lsp.server import CodekinServer, Handlers, Options

if TYPE_CHECKING:
    from codekin.chunking import OutlineItem
    from codekin.domain.search import SearchResult
    from codekin.engine import Engine
    from codekin.searching import SymbolResult

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
    "type": types.SymbolKind.Class,
    "record": types.SymbolKind.Struct,
    "union": types.SymbolKind.Struct,
    "table": types.SymbolKind.Struct,
    "view": types.SymbolKind.Struct,
    "field": types.SymbolKind.Field,
    "macro": types.SymbolKind.Function,
    "procedure": types.SymbolKind.Function,
    "trigger": types.SymbolKind.Event,
    "declaration": types.SymbolKind.Function,
    "service": types.SymbolKind.Interface,
    "test": types.SymbolKind.Method,
    "target": types.SymbolKind.Function,
    "job": types.SymbolKind.Function,
    "task": types.SymbolKind.Function,
    "script": types.SymbolKind.Function,
    "stage": types.SymbolKind.Module,
    "resource": types.SymbolKind.Object,
    "extension": types.SymbolKind.Module,
}


async def hover(server: CodekinServer, params: types.HoverParams) -> types.Hover | None:
    """List the code most related to the line under the pointer."""
    path, line = encode.path_of(params.text_document.uri), params.position.line
    if path is None:
        return None

    async def find(engine: Engine, cancel: Any) -> list[str]:
        found = await engine.related(path, line, line + 1, _HOVER_RESULTS, cancel)
        return [_hover_line(item, await _address(engine, item)) for item in found.results]

    lines = await server.session.answering(find)
    if not lines:
        return None
    text = "**Related code**\n\n" + "\n".join(lines)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))


async def workspace_symbol(server: CodekinServer, params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
    """Find definitions by name."""

    async def find(engine: Engine, _cancel: Any) -> list[types.SymbolInformation]:
        return [_symbol(item) for item in await engine.symbols(params.query)]

    return await server.session.answering(find)


async def document_symbol(server: CodekinServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """Return the outline of a document; none unless the client asks for it by a setting."""
    path = encode.path_of(params.text_document.uri)
    if path is None or not server.session.document_symbols:
        return []
    found = await server.session.answering(lambda engine, _: engine.outline(path))
    return [_document_symbol(item) for item in found]


def code_action(_server: CodekinServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Offer the client's command that shows related code."""
    where = {"textDocument": {"uri": params.text_document.uri}, "range": _plain(params.range)}
    command = types.Command("Find related code", "codekin.findRelated", arguments=[where])
    return [types.CodeAction("Find related code", kind=types.CodeActionKind.Empty, command=command)]


HANDLERS: Handlers = {
    types.TEXT_DOCUMENT_HOVER: hover,
    types.WORKSPACE_SYMBOL: workspace_symbol,
    types.TEXT_DOCUMENT_CODE_ACTION: code_action,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: document_symbol,
}
OPTIONS: Options = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.Empty])
}


async def _address(engine: Engine, item: SearchResult) -> str:
    """Return the web address of a result that is a commit, or "" if there is none."""
    return await engine.commit_address(Path(item.root), item.commit) if item.commit else ""


def _hover_line(item: SearchResult, address: str) -> str:
    relation = f"{item.relation}: " if item.relation != SIMILAR else ""
    if item.commit:
        number = f" (#{item.pull_request})" if item.pull_request else ""
        author = ", ".join(filter(None, (markdown(item.author), item.day)))
        sha = code_span(short_sha(item.commit))
        return f"- {relation}{markdown(item.symbol)}{number} {f'[{sha}](<{address}>)' if address else sha} {author}"
    name = code_span(item.symbol or item.path.rpartition("/")[2])
    link = f"<{encode.uri_of(item.root, item.path)}#L{item.start_line + 1}>"
    return f"- {relation}[{name}]({link}) {code_span(f'{item.path}:{item.start_line + 1}')} {item.score:.0%}"


def _symbol(item: SymbolResult) -> types.SymbolInformation:
    return types.SymbolInformation(
        name=visible(item.name),
        kind=_SYMBOL_KINDS.get(item.kind, types.SymbolKind.Variable),
        location=types.Location(
            encode.uri_of(item.root, item.path),
            types.Range(types.Position(item.line, 0), types.Position(item.line + 1, 0)),
        ),
        container_name=visible(item.container) or None,
    )


def _document_symbol(item: OutlineItem) -> types.DocumentSymbol:
    name = types.Range(types.Position(item.line, 0), types.Position(item.line, 0))
    return types.DocumentSymbol(
        name=visible(item.name) or "?",  # the protocol does not allow an empty name
        kind=_SYMBOL_KINDS.get(item.kind, types.SymbolKind.Variable),
        range=types.Range(types.Position(item.start_line, 0), types.Position(max(item.end_line, item.line + 1), 0)),
        selection_range=name,
        detail=item.kind,
        children=[_document_symbol(child) for child in item.children],
    )


def _plain(value: types.Range) -> dict[str, Any]:
    return {
        "start": {"line": value.start.line, "character": value.start.character},
        "end": {"line": value.end.line, "character": value.end.character},
    }
