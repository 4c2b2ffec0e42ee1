"""Every answer has exactly the keys and types that `codekin.lsp.shapes` declares for it."""

from __future__ import annotations

from typing import get_type_hints

import msgspec
import pytest

from codekin.engine.status.alerts import AlertName
from codekin.engine.status.status import DeepStatus, State
from codekin.lsp import shapes


@pytest.fixture
def server(raw, sample, git):
    git(sample, "init")
    git(sample, "add", ".")
    git(sample, "commit", "-qm", "Begin the parcel service")
    started = raw()
    started.initialize(sample)
    started.wait_ready()
    return started


def held(value, kind):
    """A key that is missing, undeclared or of another type makes this fail."""
    assert msgspec.to_builtins(msgspec.convert(value, kind)) == value


def answer(server, method, params=None):
    found = server.ask(f"codekin/{method}", params)
    assert "result" in found, found
    return found["result"]


def test_results(server, sample):
    carriers = {"uri": (sample / "api/parcelpost/carriers.py").as_uri()}
    found = answer(server, "search", {"query": "retry", "explain": True})
    assert found["results"][0]["parts"]
    held(found, shapes.Answer)
    commits = answer(server, "search", {"query": "parcel service kind:commit"})
    assert commits["results"][0]["commit"]
    held(commits, shapes.Answer)
    held(answer(server, "search", {"query": "retry at:HEAD"}), shapes.Answer)
    related = answer(server, "related", {"textDocument": carriers, "position": {"line": 14}})
    assert related["results"][0]["relation"]
    held(related, shapes.Answer)
    held(answer(server, "explain", {"query": "retry", "textDocument": carriers}), shapes.Explanation)
    held(answer(server, "commit", {"uri": commits["results"][0]["uri"]}), shapes.CommitText)


def test_the_rest(server, sample):
    held(answer(server, "status"), shapes.Status)
    held(answer(server, "control", {"action": "resume"}), shapes.Status)
    held(answer(server, "filters"), shapes.FilterValues)
    whole = answer(server, "map")
    assert whole["points"]["x"]
    held(whole, shapes.SemanticMap)
    held(answer(server, "duplicates"), shapes.Duplicates)
    held(answer(server, "map", {"known": whole["revision"]}), shapes.UnchangedMap)
    blame = answer(server, "blame", {"textDocument": {"uri": (sample / "README.md").as_uri()}, "position": {"line": 0}})
    assert blame["lines"][0]["commit"]
    held(blame, shapes.Blame)
    held(answer(server, "doctor"), shapes.DoctorText)


def test_a_status_without_an_index(raw):
    server = raw()
    server.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
    server.answer(1)
    held(answer(server, "status"), shapes.Status)


def test_states_are_those_of_the_engine():
    """Spelled out in the shapes, because the server imports those before it imports the engine."""
    assert shapes.State == State
    assert shapes.Alert == AlertName
    assert shapes.DeepState == get_type_hints(DeepStatus)["state"]
