"""Settings of the client: each one that cannot be used is named, and has its default."""

from __future__ import annotations

import pytest
from lsprotocol import types

from support.clients.lsp import until_ready


async def test_bad_settings_are_told_and_the_others_hold(start, sample, ask):
    client = await start(sample, options={"debounceMs": "soon", "exclude": ["*.go"], "colour": 1})
    told = " ".join(message.message for message in client.messages)
    assert "debounceMs" in told
    assert "colour" in told
    answer = await ask(client, "codekin/search", {"query": "token bucket", "limit": 100})
    assert not any(result.uri.endswith(".go") for result in answer.results)


@pytest.mark.parametrize(
    "options",
    [
        {"maxFileBytes": -5, "reconcileIntervalS": 0, "exclude": "**/*.ts"},
        {"debounceMs": -100, "historyCommits": -1, "include": 5},
        {"deepBudget": 2, "historyDays": "all", "overlayDebounceMs": None},
    ],
)
async def test_a_setting_out_of_range_is_named_and_its_default_is_used(start, sample, ask, options):
    client = await start(sample, options=options)
    told = [message.message for message in client.messages]
    for name in options:
        assert any(f'The setting "{name}" cannot be' in text and "The default is used." in text for text in told), told
    reasons = (await ask(client, "codekin/status", {})).reasons
    assert [f"codekin: {reason}" for reason in reasons] == told
    answer = await ask(client, "codekin/search", {"query": "where is the retry logic?"})
    assert answer.results


@pytest.mark.parametrize(
    ("settings", "named", "instead"),
    [
        ({"embedder": "gpt-4"}, 'Unknown embedder "gpt-4"', 'the model "static"'),
        ({"embedder": "sentence-transformers:"}, "No model is named", 'the model "static"'),
        ({"vectors": "pinecone"}, 'Unknown vector store "pinecone"', 'the vector store "flat"'),
        ({"vectors": "pgvector"}, "CODEKIN_POSTGRES_URL", 'the vector store "flat"'),
        ({"dualWrite": "pinecone"}, 'Unknown vector store "pinecone"', "no second vector store"),
        ({"vectors": "flat", "dualWrite": "flat"}, "already answers", "no second vector store"),
    ],
)
async def test_what_cannot_be_used_is_replaced_by_the_default_and_named_in_the_status(
    start, sample, ask, paths, settings, named, instead
):
    client = await start(sample, options=settings)
    assert (await paths(client, "where is the retry logic?"))[0] == "api/parcelpost/carriers.py"
    status = await ask(client, "codekin/status", {})
    (reason,) = status.reasons
    assert status.state == "degraded"
    assert named in reason
    assert f"Until then, searches use {instead}" in reason or f"Until then, {instead}" in reason
    assert [message.message for message in client.messages] == [f"codekin: {reason}"]
    assert reason in (await ask(client, "codekin/doctor", {})).text
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"codekin": {}}))
    await until_ready(client)
    assert (await ask(client, "codekin/status", {})).state == "ready"


@pytest.mark.parametrize(
    ("store", "module", "named"),
    [
        ("sqlite-vec", "sqlite_vec", "pip install 'codekin[sqlite-vec]'"),
        ("faiss", "faiss", "cannot be used on this machine"),
    ],
)
async def test_a_store_whose_package_cannot_be_imported_is_replaced_by_the_default(
    start, sample, ask, paths, tmp_path, monkeypatch, store, module, named
):
    (tmp_path / f"{module}.py").write_text("raise ImportError('not installed')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    client = await start(sample, options={"vectors": store})
    assert (await paths(client, "where is the retry logic?"))[0] == "api/parcelpost/carriers.py"
    (reason,) = (await ask(client, "codekin/status", {})).reasons
    assert named in reason
    assert "restart the server" in reason


async def test_without_an_index_the_status_says_why_until_the_settings_are_right(
    start, sample, ask, wait_until, tmp_path
):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    client = await start(sample, ready=False, options={"home": str(blocked / "indexes")})

    async def status_is(state):
        status = await ask(client, "codekin/status", {})
        return status.state == state and status

    await wait_until(lambda: status_is("degraded"))
    status = await status_is("degraded")
    assert status.reasons
    assert status.reasons == client.statuses[-1].reasons
    settings = {"codekin": {"embedder": "static"}}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
    await wait_until(lambda: status_is("ready"))
