"""codekin/search and its twins."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from support.git.repository import init_repository


async def test_answers_the_documented_question(client, ask):
    answer = await ask(client, "codekin/search", {"query": "where is the retry logic?", "explain": True})
    best = answer.results[0]
    assert best.uri.endswith("/api/parcelpost/carriers.py")
    assert best.symbol == "call_with_retry"
    assert best.range.start.character == best.range.end.character == 0
    assert "def call_with_retry" in best.snippet
    assert answer.coverage.complete
    assert answer.tookMs < 5_000
    assert sum(best.parts) == pytest.approx(best.score)


async def test_command_is_the_same_request(client, ask):
    arguments = [{"query": "where is the retry logic?", "limit": 1}]
    answer = await ask(
        client, "workspace/executeCommand", types.ExecuteCommandParams("codekin.server.search", arguments)
    )
    assert answer["results"][0]["symbol"] == "call_with_retry"
    assert "codekin.server.search" in client.answer.capabilities.execute_command_provider.commands


async def test_filters_and_modes(client, paths):
    assert all(path.endswith(".go") for path in await paths(client, "limit", filters={"languages": ["go"]}))
    assert await paths(client, r"def \w+_pdf", mode="regex") == ["api/parcelpost/labels.py"]
    assert not await paths(client, "retry", filters={"paths": ["nowhere/**"]})


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("codekin/search", None),
        ("codekin/search", {}),
        ("codekin/search", {"query": 5}),
        ("codekin/search", {"query": "x", "limit": 0}),
        ("codekin/search", {"query": "x", "limit": 1_001}),
        ("codekin/search", {"query": "x", "mode": "psychic"}),
        ("codekin/search", {"query": "x", "filters": {"colour": ["red"]}}),
        ("codekin/search", {"query": "x", "filters": {"after": "yesterday"}}),
        ("codekin/search", {"query": "x", "filters": {"kinds": ["poem"]}}),
        ("codekin/search", {"query": "(", "mode": "regex"}),
        ("codekin/related", {"textDocument": {"uri": "file:///x.py"}}),
        ("codekin/related", {"textDocument": {"uri": "untitled:x"}, "position": {"line": 0}}),
        ("codekin/explain", {"query": "x"}),
        ("codekin/blame", {"textDocument": {"uri": "file:///x.py"}}),
        ("codekin/blame", {"textDocument": {"uri": "untitled:x"}, "position": {"line": 0}}),
        ("codekin/control", {"action": "explode"}),
        ("codekin/status", [1]),
    ],
)
async def test_bad_parameters_answer_invalid_params(start, sample, ask, method, params):
    client = await start(sample, ready=False)
    with pytest.raises(JsonRpcException) as failure:
        await ask(client, method, params)
    assert failure.value.code == -32602
    assert str(sample) not in str(failure.value)
    assert failure.value.data is None


async def test_unknown_method_is_told_apart(start, sample, ask):
    client = await start(sample, ready=False)
    with pytest.raises(JsonRpcException) as failure:
        await ask(client, "codekin/nonsense", {})
    assert failure.value.code == -32601


async def test_cancelled_search_answers_cancelled(start, sample, ask):
    (sample / "big.txt").write_text("aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 20_000)
    client = await start(sample)
    future = client.protocol.send_request("codekin/search", {"query": "(a+)+b", "mode": "regex"}, msg_id="slow-1")
    client.cancel_request(types.CancelParams("slow-1"))
    with pytest.raises(JsonRpcException) as failure:
        await ask_future(future)
    assert failure.value.code == -32800
    assert (await ask(client, "codekin/search", {"query": "retry"})).results


async def ask_future(future):
    import asyncio

    return await asyncio.wait_for(asyncio.wrap_future(future) if not asyncio.isfuture(future) else future, 20)


async def test_blame_names_the_commit_of_a_line(start, sample, ask, git):
    init_repository(sample, "Begin")
    client = await start(sample)
    file = sample / "api/parcelpost/carriers.py"
    file.write_text("# new\n" + file.read_text())
    where = {"textDocument": {"uri": file.as_uri()}, "range": {"start": {"line": 0}, "end": {"line": 3}}}
    new, old = (await ask(client, "codekin/blame", where)).lines
    assert (new.committed, new.range.start.line, new.range.end.line) == (False, 0, 1)
    assert (old.title, old.author, old.commit) == ("Begin", "Ann", git(sample, "rev-parse", "HEAD").strip())
    assert (await ask(client, "codekin/commit", {"uri": old.uri})).text
    (sample / "fresh.py").write_text("x = 1\n")
    unknown = {"textDocument": {"uri": (sample / "fresh.py").as_uri()}, "position": {"line": 0}}
    with pytest.raises(JsonRpcException, match="in no commit"):
        await ask(client, "codekin/blame", unknown)


async def test_the_query_sets_the_mode_unless_the_client_does(client, ask, paths):
    assert await paths(client, "mode:literal def call_with_retry(request") == ["api/parcelpost/carriers.py"]
    regex = await ask(client, "codekin/search", {"query": "call_with_\\w+ry mode:regex"})
    assert regex.results
    assert all("call_with_retry" in result.snippet for result in regex.results)
    assert not await paths(client, "def call_with_retry( mode:literal", mode="literal")


async def test_places_of_a_file_are_limited(client, ask):
    many = await ask(client, "codekin/search", {"query": "carrier", "limit": 100, "perFile": 2})
    paths = [place.path for place in many.results if place.kind in ("code", "test")]
    assert max(paths.count(path) for path in paths) == 2
    with pytest.raises(JsonRpcException):
        await ask(client, "codekin/search", {"query": "carrier", "perFile": 0})
