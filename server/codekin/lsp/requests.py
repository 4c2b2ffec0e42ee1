"""The own requests: search, related, explain, status, control, commits, the map, filters, doctor."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from codekin.logs import log_path
from codekin.lsp import encode
from codekin.lsp.params import (
    CommitParams,
    ControlParams,
    ExplainParams,
    LinesParams,
    MapParams,
    NoParams,
    RelatedParams,
    SearchParams,
    checked_limit,
    decode,
    invalid,
)
from codekin.lsp.protocol import COMMAND_PREFIX, REQUEST_PREFIX
from codekin.lsp.server import CodekinServer


def register(server: CodekinServer) -> None:
    """Each request, and a command of the same meaning for editors without custom requests."""
    for name, handler in _HANDLERS.items():
        _register_one(server, name, handler)


def _register_one(server: CodekinServer, name: str, handler: Any) -> None:
    async def answer(params: Any) -> Any:
        return await handler(server, params)

    server.feature(REQUEST_PREFIX + name)(answer)
    # The protocol turns the command into the request; registering it is what advertises it.
    server.command(COMMAND_PREFIX + name)(answer)


async def _search(server: CodekinServer, params: Any) -> dict[str, Any]:
    asked = decode(params, SearchParams)
    request = asked.request()
    answer = await server.session.answering(lambda engine, cancel: engine.search(request, cancel))
    shape = encode.response(answer)
    if asked.partial_result_token is not None:
        partial = {"results": shape["results"]}
        server.protocol.notify("$/progress", types.ProgressParams(asked.partial_result_token, partial))
        shape["results"] = []
    return shape


async def _related(server: CodekinServer, params: Any) -> dict[str, Any]:
    asked = decode(params, RelatedParams)
    path, (start, end), limit = encode.path_of(asked.text_document.uri), asked.lines(), checked_limit(asked.limit)
    if path is None:
        raise invalid(f"{asked.text_document.uri} is not a file.")
    answer = await server.session.answering(lambda engine, cancel: engine.related(path, start, end, limit, cancel))
    return encode.response(answer)


async def _explain(server: CodekinServer, params: Any) -> dict[str, Any]:
    asked = decode(params, ExplainParams)
    path = encode.path_of(asked.text_document.uri)
    if path is None:
        raise invalid(f"{asked.text_document.uri} is not a file.")
    line = asked.position.line if asked.position else None
    found = await server.session.answering(lambda engine, _: engine.explain(asked.request(), path, line))
    return {
        "found": found.found,
        "range": encode.line_range(found.start_line, found.end_line),
        "rank": found.rank,
        "score": found.score,
        "parts": found.parts,
        "reason": found.reason,
    }


async def _status(server: CodekinServer, params: Any) -> dict[str, Any]:
    decode(params, NoParams)
    engine = server.session.engine_now()
    shape = encode.status(engine.status()) if engine else encode.without_engine(server.session.failure)
    if server.session.metrics_url:
        shape["metricsUrl"] = server.session.metrics_url
    return {**shape, "failures": dict(server.failures)}


async def _control(server: CodekinServer, params: Any) -> dict[str, Any]:
    action = decode(params, ControlParams).action
    engine = await server.session.engine()
    if action == "pause":
        await engine.pause()
    elif action == "resume":
        await engine.resume()
    elif action == "clear":
        await engine.clear()
    elif action == "sync":
        await engine.repair()
    else:
        await engine.index(rebuild=True)
    return encode.status(engine.status())


async def _doctor(server: CodekinServer, params: Any) -> dict[str, Any]:
    decode(params, NoParams)
    engine = await server.session.engine()
    from codekin.engine import doctor_text  # noqa: PLC0415 - the engine is imported after initialize

    lines = [doctor_text(engine.status())]
    if server.failures:
        failed = ", ".join(f"{method} {count:,}" for method, count in sorted(server.failures.items()))
        lines.append(f"Unexpected failures: {failed}. To fix: report them with the log, {log_path()}")
    return {"text": "\n".join(lines)}


async def _commit(server: CodekinServer, params: Any) -> dict[str, Any]:
    uri = decode(params, CommitParams).uri
    found = encode.commit_of(uri)
    if found is None:
        raise invalid(f"{uri} is not a commit.")
    root, sha, path = found
    answering = server.session.answering
    text = await answering(lambda engine, _: engine.commit(root, sha, path))
    url = "" if path else await answering(lambda engine, _: engine.commit_address(root, sha))
    return {"text": text, "url": url}


async def _filters(server: CodekinServer, params: Any) -> dict[str, Any]:
    decode(params, NoParams)
    return encode.known_values(await server.session.answering(lambda engine, _: engine.known_values()))


async def _map(server: CodekinServer, params: Any) -> dict[str, Any]:
    asked = decode(params, MapParams)
    found = await server.session.answering(lambda engine, cancel: engine.map(asked.limit, cancel))
    return encode.unchanged_map(found) if found.revision == asked.known else encode.semantic_map(found)


async def _blame(server: CodekinServer, params: Any) -> dict[str, Any]:
    asked = decode(params, LinesParams)
    path, (start, end) = encode.path_of(asked.text_document.uri), asked.lines()
    if path is None:
        raise invalid(f"{asked.text_document.uri} is not a file.")
    root, found = await server.session.answering(lambda engine, _: engine.blame(path, start, end))
    return {"lines": [encode.blamed(root, item) for item in found]}


_HANDLERS = {
    "search": _search,
    "related": _related,
    "explain": _explain,
    "status": _status,
    "control": _control,
    "commit": _commit,
    "map": _map,
    "filters": _filters,
    "blame": _blame,
    "doctor": _doctor,
}
