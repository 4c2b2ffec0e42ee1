"""Features for any editor: hover, symbols, actions, codekin's requests, folders."""

from __future__ import annotations

from lsprotocol import types


def at(path, line):
    return {"text_document": types.TextDocumentIdentifier(path.as_uri()), "position": types.Position(line, 4)}


async def test_hover_lists_related_code_with_links(client):
    hover = await client.text_document_hover_async(
        types.HoverParams(**at(client.root / "api/parcelpost/carriers.py", 14))
    )
    assert "Related code" in hover.contents.value
    assert "file://" in hover.contents.value
    nothing = await client.text_document_hover_async(types.HoverParams(**at(client.root / "build/bundle.js", 0)))
    assert nothing is None


async def test_workspace_symbols(client):
    symbols = await client.workspace_symbol_async(types.WorkspaceSymbolParams("call_with"))
    assert next(symbol.name for symbol in symbols) == "call_with_retry"
    assert symbols[0].location.range.start.line == 10
    assert symbols[0].kind is types.SymbolKind.Function


async def test_code_action_offers_related_code(client):
    file = client.root / "api/parcelpost/carriers.py"
    where = types.Range(types.Position(3, 0), types.Position(5, 0))
    parameters = types.CodeActionParams(types.TextDocumentIdentifier(file.as_uri()), where, types.CodeActionContext([]))
    (action,) = await client.text_document_code_action_async(parameters)
    # lsprotocol reads the union of Command and CodeAction either way round.
    assert "codekin.findRelated" in str(action.command)


async def test_related_by_position_and_by_range(client, ask):
    uri = (client.root / "api/parcelpost/carriers.py").as_uri()
    by_position = await ask(
        client, "codekin/related", {"textDocument": {"uri": uri}, "position": {"line": 14, "character": 0}}
    )
    where = {"start": {"line": 14, "character": 0}, "end": {"line": 15, "character": 0}}
    by_range = await ask(client, "codekin/related", {"textDocument": {"uri": uri}, "range": where, "limit": 3})
    assert [item.uri for item in by_range.results] == [item.uri for item in by_position.results][:3]
    assert by_range.results


async def test_explain_and_status_and_doctor(client, ask):
    uri = (client.root / "api/parcelpost/carriers.py").as_uri()
    found = await ask(client, "codekin/explain", {"query": "retry", "textDocument": {"uri": uri}})
    assert found.rank == 1
    status = await ask(client, "codekin/status", {})
    assert status.state == "ready"
    assert status.stores.metadata.active == "sqlite"
    assert status.embedCalls.computed > 50
    assert status.embedder.dim == 256
    assert (await ask(client, "codekin/doctor", {})).text.startswith("State: ready")
    assert client.statuses


async def test_pause_resume_and_clear(client, ask):
    assert (await ask(client, "codekin/control", {"action": "pause"})).state == "paused"
    assert (await ask(client, "codekin/control", {"action": "resume"})).state == "ready"
    assert (await ask(client, "codekin/control", {"action": "clear"})).files == 0
    assert (await ask(client, "codekin/control", {"action": "rebuild"})).files > 25


async def test_folders_come_and_go(client, paths, wait_until, tmp_path):
    other = tmp_path / "andere Straße"
    other.mkdir()
    (other / "zebra.py").write_text("def count_zebra_stripes():\n    return 80\n")
    folder = types.WorkspaceFolder(other.as_uri(), "other")
    client.workspace_did_change_workspace_folders(
        types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent([folder], []))
    )

    async def found():
        return (await paths(client, "count_zebra_stripes"))[:1] == ["zebra.py"]

    await wait_until(found)
    client.workspace_did_change_workspace_folders(
        types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent([], [folder]))
    )

    async def gone():
        return "zebra.py" not in await paths(client, "count_zebra_stripes", limit=50)

    await wait_until(gone)


async def test_an_outline_is_answered_only_when_asked_for(start, sample):
    file = types.TextDocumentIdentifier(
        (sample / "notifier/src/main/java/post/parcel/notifier/QuietHours.java").as_uri()
    )
    silent = await start(sample)
    assert not await silent.text_document_document_symbol_async(types.DocumentSymbolParams(file))
    client = await start(sample, options={"documentSymbols": True})
    (outer,) = await client.text_document_document_symbol_async(types.DocumentSymbolParams(file))
    assert (outer.name, outer.kind) == ("QuietHours", types.SymbolKind.Struct)
    assert outer.children
    for child in outer.children:
        assert outer.range.start.line <= child.range.start.line <= child.selection_range.start.line
        assert child.range.end.line <= outer.range.end.line
