"""Code lenses: the number of similar places of a definition, and its tests.

They are off by default, and computed only for the definitions on the screen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from codekin.display import visible
from codekin.domain.search import DUPLICATE, SIMILAR
from codekin.lsp import encode
from codekin.lsp.params import LensData, decode
from codekin.lsp.server import CodekinServer, Handlers, Options

if TYPE_CHECKING:
    from codekin.domain.search import SearchResult
    from codekin.engine import Engine

_KINDS = frozenset(("function", "method", "constructor", "class"))
_MAX_LENSES = 300
_MAX_RESULTS = 30
_MIN_SIMILARITY = 0.75
"""Least cosine of similar code. In three Python projects, one chunk in four has similar code."""


async def code_lens(server: CodekinServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return a lens for each definition; its text is computed once the lens is on the screen."""
    uri = params.text_document.uri
    path = encode.path_of(uri)
    if path is None or not server.session.code_lens:
        return []

    async def find(engine: Engine, _cancel: Any) -> list[types.CodeLens]:
        found = [item for item in engine.definitions(path) if item.kind in _KINDS]
        return [types.CodeLens(_at(item.line), data={"uri": uri}) for item in found[:_MAX_LENSES]]

    return await server.session.answering(find)


async def code_lens_resolve(server: CodekinServer, lens: types.CodeLens) -> types.CodeLens:
    """Return a lens with its text and the command that it runs."""
    uri, line = decode(lens.data, LensData).uri, lens.range.start.line
    path = encode.path_of(uri) or Path()
    answer = await server.session.answering(
        lambda engine, cancel: engine.related(path, line, line + 1, _MAX_RESULTS, cancel)
    )
    where = {"textDocument": {"uri": uri}, "range": encode.line_range(line, line + 1)}
    lens.command = types.Command(lens_text(answer.results), "codekin.findRelated", arguments=[where])
    return lens


HANDLERS: Handlers = {types.TEXT_DOCUMENT_CODE_LENS: code_lens, types.CODE_LENS_RESOLVE: code_lens_resolve}
OPTIONS: Options = {types.TEXT_DOCUMENT_CODE_LENS: types.CodeLensOptions(resolve_provider=True)}


def lens_text(results: tuple[SearchResult, ...]) -> str:
    """Return a text such as "3 similar · tested by test_retry", or "related code" for neither."""
    candidates = [item for item in results if item.relation in (SIMILAR, DUPLICATE)]
    similar = sum(item.score >= _MIN_SIMILARITY for item in candidates)
    more = "+" if similar == len(candidates) and len(results) >= _MAX_RESULTS else ""
    count = f"{similar}{more} similar" if similar else ""
    tests = [item for item in results if item.relation == "tested by"]
    tested = f"tested by {_name(tests[0])}{f' and {len(tests) - 1} more' if len(tests) > 1 else ''}" if tests else ""
    return " · ".join(filter(None, (count, tested))) or "related code"


def _name(item: SearchResult) -> str:
    return visible(item.symbol.rpartition(".")[2] or item.path.rpartition("/")[2])


def _at(line: int) -> types.Range:
    return types.Range(types.Position(line, 0), types.Position(line, 0))
