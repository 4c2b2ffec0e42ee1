"""Arbitrary orders of client messages: open, edit, save, close, duplicates, missing folders."""

from __future__ import annotations

from pathlib import Path

from codekin.lsp.projects import project_of
from support.waiting import until


def notify(server, method, **params):
    server.send(method=f"textDocument/{method}", params=params)


def opens(server, file, text, version=1):
    document = {"uri": file.as_uri(), "languageId": "python", "version": version, "text": text}
    notify(server, "didOpen", textDocument=document)


def types_in(server, file, text, version):
    document = {"uri": file.as_uri(), "version": version}
    notify(server, "didChange", textDocument=document, contentChanges=[{"text": text}])


def saves(server, file):
    notify(server, "didSave", textDocument={"uri": file.as_uri()})


def finds(server, name):
    number = next(server.numbers)
    server.send(id=number, method="codekin/search", params={"query": name, "mode": "lexical"})
    answer = server.answer(number)
    return name in [item["symbol"] for item in answer.get("result", {"results": []})["results"]]


async def shown(server, name, *, is_shown=True):
    await until(lambda: finds(server, name) is is_shown, lambda: f"{name}: {server.status()}")


async def test_a_document_that_opens_with_unsaved_text_is_searched_at_once(raw, sample):
    server = raw()
    server.initialize(sample)
    server.wait_ready()
    file = sample / "api/parcelpost/settings.py"
    opens(server, file, "def restored_by_hot_exit():\n    return 1\n")
    await shown(server, "restored_by_hot_exit")
    notify(server, "didClose", textDocument={"uri": file.as_uri()})
    await shown(server, "restored_by_hot_exit", is_shown=False)


async def test_a_document_that_opens_before_the_index_is_there_is_searched_when_it_is(raw, sample):
    server = raw()
    server.initialize(sample)
    opens(server, sample / "api/parcelpost/settings.py", "def opened_early():\n    return 1\n")
    server.wait_ready()
    await shown(server, "opened_early")


async def test_what_is_typed_right_after_a_save_stays_unsaved_text(raw, sample):
    server = raw()
    server.initialize(sample)
    server.wait_ready()
    file = sample / "api/parcelpost/settings.py"
    opens(server, file, file.read_text())
    types_in(server, file, "def saved_to_disk():\n    return 1\n", 2)
    file.write_text("def saved_to_disk():\n    return 1\n")
    saves(server, file)
    types_in(server, file, "def typed_after_the_save():\n    return 1\n", 3)
    await shown(server, "typed_after_the_save")
    notify(server, "didClose", textDocument={"uri": file.as_uri()})
    await shown(server, "saved_to_disk")


async def test_initialized_twice_changes_nothing(raw, sample):
    server = raw()
    server.initialize(sample)
    before = server.wait_ready()
    for _ in range(5):
        server.send(method="initialized", params={})
    after = server.wait_ready()
    assert after["writer"] is True
    assert after["files"] == before["files"]
    assert after["embedCalls"] == before["embedCalls"]


async def test_new_settings_keep_the_unsaved_texts(raw, sample):
    server = raw()
    server.initialize(sample)
    server.wait_ready()
    opens(server, sample / "api/parcelpost/settings.py", "def kept_over_settings():\n    return 1\n")
    await shown(server, "kept_over_settings")
    server.send(method="workspace/didChangeConfiguration", params={"settings": {"codekin": {"exclude": ["*.go"]}}})
    await shown(server, "kept_over_settings")


async def test_a_missing_folder_is_reported_and_the_others_are_served(raw, sample, tmp_path):
    server = raw()
    missing = tmp_path / "not here"
    folders = [{"uri": folder.as_uri(), "name": folder.name} for folder in (missing, sample)]
    server.initialize(sample, workspaceFolders=folders)
    await shown(server, "call_with_retry")
    await until(lambda: server.status()["state"] == "degraded")
    status = server.status()
    assert any(str(missing) in reason for reason in status["reasons"])


async def test_an_index_that_cannot_be_opened_is_tried_again(raw, sample, tmp_path):
    blocked = tmp_path / "home"
    blocked.write_text("a file where the folder should be")
    server = raw(CODEKIN_HOME=str(blocked))
    server.initialize(sample)
    await until(lambda: server.status()["state"] == "degraded")
    blocked.unlink()
    await shown(server, "call_with_retry")


async def test_a_single_file_is_served_by_itself(raw, tmp_path):
    (tmp_path / "beside.py").write_text("def not_asked_for():\n    return 1\n")
    note = tmp_path / "a [note] #1.py"
    note.write_text("def in_the_note():\n    return 1\n")
    server = raw()
    server.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
    server.answer(1)
    server.send(method="initialized", params={})
    opens(server, note, note.read_text())
    await shown(server, "in_the_note")
    assert server.wait_ready()["files"] == 1
    types_in(server, note, "def typed_in_the_note():\n    return 1\n", 2)
    await shown(server, "typed_in_the_note")
    other = tmp_path / "other"
    other.mkdir()
    (other / "package.json").write_text("{}")
    (other / "x.py").write_text("def of_another_project():\n    return 1\n")
    opens(server, other / "x.py", (other / "x.py").read_text())
    await shown(server, "of_another_project")


def test_the_home_folder_is_no_project(tmp_path, monkeypatch):
    home = tmp_path / "someone"
    (home / "work" / "project" / "src").mkdir(parents=True)
    (home / ".git").mkdir()
    (home / "work" / "project" / "go.mod").write_text("module x\n")
    monkeypatch.setattr(Path, "home", lambda: home)
    assert project_of(home / "notes.txt") == home / "notes.txt"
    assert project_of(home / "work" / "notes.txt") == home / "work" / "notes.txt"
    assert project_of(home / "work" / "project" / "src" / "a.go") == home / "work" / "project"
    assert project_of(Path("/etc/hosts")) == Path("/etc/hosts")
