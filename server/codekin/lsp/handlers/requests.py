"""The handlers of codekin's own requests, in the order of docs/reference/protocol.md."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from codekin.domain.search import Filters
from codekin.logs import log_path
from codekin.lsp import encode
from codekin.lsp.params import (
    CommitParams,
    ControlParams,
    DuplicatesParams,
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
from codekin.lsp.server import CodekinServer, Handlers
from codekin.lsp.shapes import (
    Answer,
    Blame,
    CommitText,
    DoctorText,
    Duplicates,
    Explanation,
    FilterValues,
    SemanticMap,
    Status,
    UnchangedMap,
)


async def search(server: CodekinServer, params: Any) -> Answer:
    """Search the index."""
    asked = decode(params, SearchParams)
    request = asked.request()
    answer = await server.session.answering(lambda engine, cancel: engine.search(request, cancel))
    shape = encode.answer(answer)
    if asked.partial_result_token is not None:
        partial = {"results": shape["results"]}
        server.protocol.notify("$/progress", types.ProgressParams(asked.partial_result_token, partial))
        shape["results"] = []
    return shape


async def related(server: CodekinServer, params: Any) -> Answer:
    """Find code that is related to lines of a file."""
    asked = decode(params, RelatedParams)
    path, (start, end), limit = encode.path_of(asked.text_document.uri), asked.lines(), checked_limit(asked.limit)
    if path is None:
        raise invalid(f"{asked.text_document.uri} is not a file.")
    answer = await server.session.answering(lambda engine, cancel: engine.related(path, start, end, limit, cancel))
    return encode.answer(answer)


async def explain(server: CodekinServer, params: Any) -> Explanation:
    """Explain where a file ranks in a search, and why."""
    asked = decode(params, ExplainParams)
    path = encode.path_of(asked.text_document.uri)
    if path is None:
        raise invalid(f"{asked.text_document.uri} is not a file.")
    line = asked.position.line if asked.position else None
    found = await server.session.answering(lambda engine, _: engine.explain(asked.request(), path, line))
    return encode.explanation(found)


async def status(server: CodekinServer, params: Any) -> Status:
    """Report the state of the index, or why there is none."""
    decode(params, NoParams)
    engine = server.session.engine_now()
    shape = (
        encode.status(server.session.described(engine.status()))
        if engine
        else encode.without_engine(server.session.failure)
    )
    if server.session.metrics_url:
        shape["metricsUrl"] = server.session.metrics_url
    return {**shape, "failures": dict(server.failures)}


async def control(server: CodekinServer, params: Any) -> Status:
    """Perform the action, then report the status."""
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
    return encode.status(server.session.described(engine.status()))


async def commit(server: CodekinServer, params: Any) -> CommitText:
    """Show a commit, or a file at a commit."""
    uri = decode(params, CommitParams).uri
    found = encode.commit_of(uri)
    if found is None:
        raise invalid(f"{uri} is not a commit.")
    root, sha, path = found
    answering = server.session.answering
    text = await answering(lambda engine, _: engine.commit(root, sha, path))
    url = "" if path else await answering(lambda engine, _: engine.commit_address(root, sha))
    return {"text": text, "url": url}


async def filters(server: CodekinServer, params: Any) -> FilterValues:
    """List the values that filters can take."""
    decode(params, NoParams)
    return encode.filter_values(await server.session.answering(lambda engine, _: engine.facets_of()))


async def map_(server: CodekinServer, params: Any) -> SemanticMap | UnchangedMap:
    """Lay out the semantic map."""
    asked = decode(params, MapParams)
    found = await server.session.answering(lambda engine, cancel: engine.map(asked.limit, cancel))
    return encode.unchanged_map(found) if found.revision == asked.known else encode.semantic_map(found)


async def duplicates(server: CodekinServer, params: Any) -> Duplicates:
    """List code that is nearly the same, in groups."""
    asked = decode(params, DuplicatesParams)
    from codekin.searching import DuplicatesRequest  # noqa: PLC0415 - imported after initialize

    filters = asked.filters.filters() if asked.filters else Filters()
    least = server.session.duplicates_threshold if asked.threshold is None else asked.threshold
    request = DuplicatesRequest(asked.limit, least, filters)
    engine = await server.session.engine()
    coverage = engine.coverage()
    found = await server.session.answering(lambda engine, cancel: engine.duplicates(request, cancel))
    return encode.duplicates(found, coverage)


async def blame(server: CodekinServer, params: Any) -> Blame:
    """Return the commits that last changed lines of a file."""
    asked = decode(params, LinesParams)
    path, (start, end) = encode.path_of(asked.text_document.uri), asked.lines()
    if path is None:
        raise invalid(f"{asked.text_document.uri} is not a file.")
    root, found = await server.session.answering(lambda engine, _: engine.blame(path, start, end))
    return {"lines": [encode.blamed(root, item) for item in found]}


async def doctor(server: CodekinServer, params: Any) -> DoctorText:
    """Describe the state of the index in words, with what is wrong and how to fix it."""
    decode(params, NoParams)
    engine = await server.session.engine()
    from codekin.engine import doctor_text  # noqa: PLC0415 - the engine is imported after initialize

    lines = [doctor_text(server.session.described(engine.status()))]
    if server.failures:
        failed = ", ".join(f"{method} {count:,}" for method, count in sorted(server.failures.items()))
        lines.append(f"Unexpected failures: {failed}. To fix: report them with the log, {log_path()}")
    return {"text": "\n".join(lines)}


HANDLERS: Handlers = {
    "search": search,
    "related": related,
    "explain": explain,
    "status": status,
    "control": control,
    "commit": commit,
    "map": map_,
    "duplicates": duplicates,
    "filters": filters,
    "blame": blame,
    "doctor": doctor,
}
