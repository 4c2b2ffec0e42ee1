"""Files and buffers: found when they are there, gone when they are not."""

from __future__ import annotations

from lsprotocol import types


def opened(client, path, text):
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(path.as_uri(), types.LanguageKind.Python, 1, text))
    )


def typed(client, path, text):
    document = types.VersionedTextDocumentIdentifier(2, path.as_uri())
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(document, [types.TextDocumentContentChangeWholeDocument(text)])
    )


async def test_created_saved_renamed_deleted(client, paths, wait_until):
    file = client.root / "api/parcelpost/customs.py"
    file.write_text("def declare_customs_value():\n    return 1\n")

    async def created():
        return (await paths(client, "declare_customs_value"))[:1] == ["api/parcelpost/customs.py"]

    await wait_until(created)
    opened(client, file, file.read_text())
    file.write_text("def estimate_import_duty():\n    return 2\n")
    client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(file.as_uri())))

    async def saved():
        return (await paths(client, "estimate_import_duty"))[:1] == ["api/parcelpost/customs.py"]

    await wait_until(saved)
    file.rename(file.with_name("duties.py"))

    async def renamed():
        found = await paths(client, "estimate_import_duty", limit=100)
        return found[:1] == ["api/parcelpost/duties.py"] and "api/parcelpost/customs.py" not in found

    await wait_until(renamed)
    file.with_name("duties.py").unlink()

    async def deleted():
        return "api/parcelpost/duties.py" not in await paths(client, "estimate_import_duty", limit=100)

    await wait_until(deleted)


async def test_unsaved_buffer_is_found_and_gone_when_closed(client, paths, wait_until):
    file = client.root / "api/parcelpost/settings.py"
    opened(client, file, file.read_text())
    typed(client, file, "def weigh_the_elephant():\n\f    return '\u2028'\n")

    async def found():
        return (await paths(client, "weigh_the_elephant"))[:1] == ["api/parcelpost/settings.py"]

    await wait_until(found)
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(file.as_uri())))

    async def gone():
        return (await paths(client, "load_settings"))[:1] == ["api/parcelpost/settings.py"]

    await wait_until(gone)


async def test_client_reports_changes(client, paths, wait_until):
    file = client.root / "web/src/reported.ts"
    file.write_text("export function reportedByTheClient() {\n  return 1;\n}\n")
    event = types.FileEvent(file.as_uri(), types.FileChangeType.Created)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    async def found():
        return (await paths(client, "reportedByTheClient"))[:1] == ["web/src/reported.ts"]

    await wait_until(found)
