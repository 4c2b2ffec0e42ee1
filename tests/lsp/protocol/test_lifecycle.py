"""Start and end of a server; the next one uses the index that it leaves."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil
import pytest

from support.waiting import DEADLINE_S, wait_until


def test_requests_outside_the_lifetime_are_refused(raw, sample):
    server = raw()
    server.send(id=7, method="codekin/status", params={})
    assert server.answer(7)["error"]["code"] == -32002
    assert server.initialize(sample)["result"]["capabilities"]["hoverProvider"]
    server.send(id=8, method="initialize", params={"capabilities": {}})
    assert server.answer(8)["error"]["code"] == -32600
    server.send(id=9, method="shutdown")
    assert server.answer(9)["result"] is None
    server.send(id=10, method="codekin/status", params={})
    assert server.answer(10)["error"]["code"] == -32600
    server.send(method="exit")
    assert server.process.wait(DEADLINE_S) == 0


def test_exit_without_shutdown_returns_one(raw, sample):
    server = raw()
    server.initialize(sample)
    server.send(method="exit")
    assert server.process.wait(DEADLINE_S) == 1


def test_header_names_in_any_case(raw, sample):
    server = raw()
    server.send(
        header=b"content-length", id=1, method="initialize", params={"rootUri": sample.as_uri(), "capabilities": {}}
    )
    assert server.answer(1)["result"]


def test_printing_does_not_corrupt_the_stream(raw, sample):
    server = raw(PYTHONVERBOSE="1")  # the interpreter itself writes, on standard error
    assert server.initialize(sample)["result"]


def end_of_input(server):
    server.process.stdin.close()


def terminated(server):
    server.process.send_signal(signal.SIGTERM)


def killed(server):
    server.process.kill()


@pytest.mark.parametrize("end", [end_of_input, terminated, killed])
def test_index_is_intact_however_it_ends(raw, sample, end):
    first = raw()
    first.initialize(sample)
    chunks = first.wait_ready()["chunks"]
    end(first)
    assert first.process.wait(DEADLINE_S) is not None
    second = raw()
    second.initialize(sample)
    status = second.wait_ready()
    assert (status["chunks"], status["embedCalls"]["computed"]) == (chunks, 0)
    assert not status["reasons"]


def test_ends_while_indexing_with_what_was_committed(raw, sample):
    for number in range(400):
        (sample / f"module_{number}.py").write_text(f"def function_{number}():\n    return {number}\n")
    first = raw()
    first.initialize(sample)
    first.send(id=2, method="codekin/search", params={"query": "retry"})
    assert "results" in first.answer(2)["result"]
    terminated(first)
    assert first.process.wait(DEADLINE_S) is not None
    second = raw()
    second.initialize(sample)
    assert second.wait_ready()["files"] > 425


def test_ends_when_the_editor_is_killed(raw, sample):
    editor = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    server = raw()
    server.initialize(sample, processId=editor.pid)
    server.wait_ready()
    editor.kill()
    editor.wait()
    editor.stdin.close()
    assert server.process.wait(DEADLINE_S) is not None


def test_second_server_answers_and_takes_over(raw, sample):
    first, second = raw(), raw()
    first.initialize(sample)
    first.wait_ready()
    second.initialize(sample)
    assert second.wait_ready()["writer"] is False
    second.send(id=2, method="codekin/search", params={"query": "call_with_retry"})
    assert second.answer(2)["result"]["results"][0]["symbol"] == "call_with_retry"
    killed(first)
    first.process.wait()
    wait_until(lambda: second.status()["writer"], lambda: "never took over")
    assert second.wait_ready()["embedCalls"]["computed"] == 0


def test_partial_results_come_as_progress(raw, sample):
    server = raw()
    server.initialize(sample)
    server.wait_ready()
    server.send(id=2, method="codekin/search", params={"query": "call_with_retry", "partialResultToken": "tok-1"})
    while (message := server.receive()).get("method") != "$/progress":
        assert message.get("id") != 2
    assert message["params"]["token"] == "tok-1"
    assert message["params"]["value"]["results"][0]["symbol"] == "call_with_retry"
    assert server.answer(2)["result"]["results"] == []


@pytest.fixture
def long_to_index(sample):
    """Add files that take 0.5 s on a fast machine; progress is reported several times a second."""
    for number in range(5_000):
        (sample / f"filler_{number}.py").write_text(f"def filler_{number}():\n    return {number}\n")
    return sample


def test_progress_of_the_first_index_begins_and_ends(raw, long_to_index):
    server = raw()
    server.initialize(long_to_index, capabilities={"window": {"workDoneProgress": True}})
    values = []
    while not values or values[-1]["kind"] != "end":
        message = server.receive()
        if message["method"] == "window/workDoneProgress/create":
            server.send(id=message["id"], result=None)
        elif message["method"] == "$/progress":
            values.append(message["params"]["value"])
    assert values[0] == {"kind": "begin", "title": "Indexing", "cancellable": True, "percentage": 0}
    assert values[-1]["message"].endswith(" files")


def test_progress_of_a_pass_that_ends_before_the_client_has_answered_begins_before_it_ends(raw, long_to_index):
    server = raw()
    server.initialize(long_to_index, capabilities={"window": {"workDoneProgress": True}})
    create, state = None, None
    while create is None or state != "ready":
        message = server.receive()
        assert message["method"] != "$/progress"
        if message["method"] == "window/workDoneProgress/create":
            create, state = message, None
        elif message["method"] == "codekin/statusChanged":
            state = message["params"]["state"]
    server.send(id=create["id"], result=None)
    kinds = [server.receive()["params"]["value"]["kind"] for _ in range(2)]
    assert kinds == ["begin", "end"]


def test_no_process_is_left_behind(raw, sample):
    server = raw()
    server.initialize(sample)
    children = psutil.Process(server.process.pid).children(recursive=True)
    assert server.close() is not None
    assert not any(child.is_running() for child in children)


async def test_sync_on_request_leaves_nothing_missing(start, sample, ask):
    client = await start(sample)
    before = await ask(client, "codekin/status", {})
    after = await ask(client, "codekin/control", {"action": "sync"})
    assert (after.state, after.chunks) == ("ready", before.chunks)
    assert after.embedCalls.computed == before.embedCalls.computed
