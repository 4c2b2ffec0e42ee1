"""A repository with every kind of attack at once can be opened and searched without harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support import hostile_repository
from support.waiting import wait_until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and modes of POSIX")
LONGEST_S = 10.0
"""For one answer on a busy machine; what the repository tries would take minutes, or for ever."""


PROGRAM = Path(sys.executable).parent / "codekin"


@pytest.fixture(params=[True, False], ids=["pipes", "settings"])
def hostile(request, tmp_path):
    root = tmp_path / "clone"
    marker = hostile_repository.make(root, pipes=request.param)
    yield root, marker
    (root / "shut").chmod(0o700)


def ask(server, method, **params):
    number = next(server.numbers)
    began = time.monotonic()
    server.send(id=number, method=method, params=params)
    answer = server.answer(number)
    assert time.monotonic() - began < LONGEST_S, method
    return answer.get("result")


def test_the_language_server_only_searches(raw, hostile, home):
    root, marker = hostile
    server = raw()
    server.initialize(root)

    def is_done():
        return ask(server, "codekin/status")["state"] in ("ready", "degraded")

    wait_until(is_done, lambda: str(server.status()))
    for query, path in (
        ("weigh the honest parcel", "honest.py"),
        ("WeighTwice", "src/parcel.go"),
        ("clear_screen", "screen.py"),
    ):
        found = ask(server, "codekin/search", query=query, limit=50)["results"]
        assert path in [item["path"] for item in found], query
    assert not [
        item
        for item in ask(server, "codekin/search", query="root", limit=100)["results"]
        if "passwd" in item["snippet"]
    ]
    at = {"textDocument": {"uri": (root / "honest.py").as_uri()}}
    hover = ask(server, "textDocument/hover", **at, position={"line": 0, "character": 5})
    assert "](https://tracker" not in json.dumps(hover)
    assert "](command:" not in json.dumps(hover)
    commits = ask(server, "codekin/search", query="kind:commit weigh parcels")["results"]
    assert bool(commits) is not (root / ".mailmap").exists()
    for commit in commits:
        assert ask(server, "codekin/commit", uri=commit["uri"])
    ask(server, "codekin/blame", **at, position={"line": 0, "character": 0})
    ask(server, "codekin/search", query="(a+)+b", mode="regex")
    ask(server, "codekin/search", query="-" * 5_000, mode="literal")
    ask(server, "workspace/symbol", query="")
    ask(server, "codekin/doctor")
    assert server.close() in (0, 1)
    assert not marker.exists(), marker.read_text()
    assert hostile_repository.SECRET not in "".join(path.read_text(errors="replace") for path in home.glob("*.log"))


@pytest.mark.parametrize(
    "command", [("search", "weigh the honest parcel"), ("doctor",), ("blame", "honest.py:1"), ("index",)]
)
def test_the_command_line_only_searches(hostile, command, home):
    root, marker = hostile
    done = subprocess.run([PROGRAM, *command], cwd=root, capture_output=True, text=True, timeout=120, check=False)
    if command[0] == "blame" and (root / ".mailmap").exists():
        assert (done.returncode, "named pipe" in done.stderr) == (2, True)
    else:
        assert done.returncode == 0, done.stderr
    assert "\x1b]0" not in done.stdout
    assert "\u202e" not in done.stdout
    assert not marker.exists(), marker.read_text()


def test_an_agent_is_told_no_secret(hostile):
    root, marker = hostile
    info = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    call = {"name": "search", "arguments": {"query": "deploy_the_parcel token"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": info},
        {"jsonrpc": "2.0", "method": "notifications/initialized", "params": {}},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    process = subprocess.Popen([PROGRAM, "mcp", str(root)], cwd=root, stdin=-1, stdout=-1, stderr=-1, text=True)
    try:
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.stdin.close()
        process.wait(60)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            stream.close()
    assert "deploy_the_parcel" in json.dumps(answers)
    assert hostile_repository.SECRET not in json.dumps(answers)
    assert not marker.exists(), marker.read_text()
