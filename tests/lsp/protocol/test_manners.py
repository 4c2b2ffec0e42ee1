"""Every request gets exactly one answer, and the first rule that it breaks decides its code."""

from __future__ import annotations

import json
import signal

import pytest

from support.waiting import DEADLINE_S

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, FAILED, CANCELLED = (
    -32700,
    -32600,
    -32601,
    -32602,
    -32803,
    -32800,
)
OK = None
HALF = "\ud800"
STATUS = {"jsonrpc": "2.0", "method": "codekin/status", "params": {}}
HOVER = {"textDocument": {"uri": "file:///x.py"}, "position": {"line": 0, "character": 0}}


def command(name="codekin.server.status", **more):
    return {"jsonrpc": "2.0", "method": "workspace/executeCommand", "params": {"command": name, **more}}


def request(method, params):
    return {"jsonrpc": "2.0", "method": method, "params": params}


REQUESTS = [
    # commands with odd arguments
    (command(), OK),
    (command(arguments=None), OK),
    (command(arguments=[]), OK),
    (command(arguments=[{}, 5]), OK),
    (command(arguments=5), INVALID_PARAMS),
    (command(arguments=True), INVALID_PARAMS),
    (command(arguments=False), INVALID_PARAMS),
    (command(arguments=0), INVALID_PARAMS),
    (command(arguments=""), INVALID_PARAMS),
    (command(arguments="x"), INVALID_PARAMS),
    (command(arguments={}), INVALID_PARAMS),
    (command(arguments=1.5), INVALID_PARAMS),
    (command(arguments=[5]), INVALID_PARAMS),
    (command("codekin.server.search", arguments=[]), INVALID_PARAMS),
    (command("codekin.server.search", arguments=[None]), INVALID_PARAMS),
    (command("codekin.server.search", arguments=[[]]), INVALID_PARAMS),
    (command("codekin.server.search", arguments=[{"query": 5}]), INVALID_PARAMS),
    (command("codekin.server.nope"), INVALID_PARAMS),
    (command("codekin.server."), INVALID_PARAMS),
    (command("x"), INVALID_PARAMS),
    (command(None), INVALID_PARAMS),
    (command(5), INVALID_PARAMS),
    (request("workspace/executeCommand", None), INVALID_PARAMS),
    (request("workspace/executeCommand", []), INVALID_PARAMS),
    (request("workspace/executeCommand", HALF), INVALID_PARAMS),
    # an unknown method comes before its parameters
    (request("textDocument/formatting", {}), METHOD_NOT_FOUND),
    (request("textDocument/formatting", 5), METHOD_NOT_FOUND),
    (request("textDocument/completion", {"textDocument": 5}), METHOD_NOT_FOUND),
    (request("workspace/diagnostic", HALF), METHOD_NOT_FOUND),
    (request("nope/nope", []), METHOD_NOT_FOUND),
    (request("codekin/nope", {}), METHOD_NOT_FOUND),
    (request("codekin/", {}), METHOD_NOT_FOUND),
    (request("", {}), METHOD_NOT_FOUND),
    (request("$/unknown", {}), METHOD_NOT_FOUND),
    (request("x" * 5_000, {}), METHOD_NOT_FOUND),
    (request("window/showMessageRequest", {}), METHOD_NOT_FOUND),
    # notifications sent as requests
    (request("textDocument/didOpen", {}), METHOD_NOT_FOUND),
    (request("initialized", {}), METHOD_NOT_FOUND),
    (request("$/cancelRequest", {"id": 5}), METHOD_NOT_FOUND),
    (request("workspace/didChangeWatchedFiles", {"changes": []}), METHOD_NOT_FOUND),
    # no requests at all
    ({"method": "codekin/status"}, INVALID_REQUEST),
    ({**STATUS, "jsonrpc": "1.0"}, INVALID_REQUEST),
    ({**STATUS, "jsonrpc": 2}, INVALID_REQUEST),
    ({**STATUS, "jsonrpc": 2.0}, INVALID_REQUEST),
    ({**STATUS, "jsonrpc": None}, INVALID_REQUEST),
    ({**STATUS, "jsonrpc": "3.0", "method": "nope"}, INVALID_REQUEST),
    ({**STATUS, "method": 5}, INVALID_REQUEST),
    ({**STATUS, "method": None}, INVALID_REQUEST),
    ({**STATUS, "method": []}, INVALID_REQUEST),
    ({"jsonrpc": "2.0"}, INVALID_REQUEST),
    (request("initialize", {"capabilities": {}}), INVALID_REQUEST),
    # parameters
    (STATUS, OK),
    ({"jsonrpc": "2.0", "method": "codekin/status"}, OK),
    (request("codekin/status", None), OK),
    (request("codekin/status", 5), INVALID_PARAMS),
    (request("codekin/status", []), INVALID_PARAMS),
    (request("codekin/status", HALF), INVALID_PARAMS),
    (request("codekin/search", {"query": HALF}), OK),
    (request("codekin/search", {"query": "x", HALF: 1}), OK),
    (request("codekin/search", {"query": "x", "mode": HALF}), INVALID_PARAMS),
    (request("codekin/search", {"query": "x", "filters": {"languages": [HALF]}}), OK),
    (request("codekin/search", {"query": "\0"}), OK),
    (request("codekin/search", {"query": "x", "limit": 2**70}), INVALID_PARAMS),
    (request("codekin/search", {}), INVALID_PARAMS),
    (request("codekin/search", {"query": "(", "mode": "regex"}), INVALID_PARAMS),
    (request("codekin/search", {"query": "x", "filters": {"at": "nope-nope"}}), INVALID_PARAMS),
    (request("codekin/related", {"textDocument": {"uri": HALF}, "position": {"line": 0}}), INVALID_PARAMS),
    (request("codekin/related", {"textDocument": {"uri": "file:///%ff%fe"}, "position": {"line": 0}}), OK),
    (request("codekin/related", {"textDocument": {"uri": "file:///%00"}, "position": {"line": 0}}), INVALID_PARAMS),
    (request("codekin/related", {"textDocument": {"uri": "file://["}, "position": {"line": 0}}), INVALID_PARAMS),
    (request("codekin/related", {"textDocument": {"uri": "file:///x"}, "position": {"line": -1}}), INVALID_PARAMS),
    (request("codekin/related", {"textDocument": {"uri": "file:///x"}, "position": {"line": 2**40}}), INVALID_PARAMS),
    (
        request("codekin/blame", {"textDocument": {"uri": "file:///" + "a/" * 2_500}, "position": {"line": 0}}),
        INVALID_PARAMS,
    ),
    (request("codekin/commit", {"uri": "codekin-commit:/zzz?%2Ftmp"}), INVALID_PARAMS),
    (request("codekin/commit", {"uri": "codekin-commit:/zzz?%00"}), INVALID_PARAMS),
    (request("codekin/commit", {"uri": "file:///x"}), INVALID_PARAMS),
    (request("codekin/control", {"action": "what"}), INVALID_PARAMS),
    (request("textDocument/hover", HOVER), OK),
    (request("textDocument/hover", {}), INVALID_PARAMS),
    (request("textDocument/hover", None), INVALID_PARAMS),
    (request("textDocument/hover", 5), INVALID_PARAMS),
    (request("textDocument/hover", {**HOVER, "position": {"line": -1, "character": 0}}), INVALID_PARAMS),
    (request("textDocument/hover", {**HOVER, "textDocument": {"uri": 5}}), INVALID_PARAMS),
    (request("workspace/symbol", {"query": HALF}), OK),
    (
        request(
            "codeLens/resolve", {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}}
        ),
        INVALID_PARAMS,
    ),
]


@pytest.fixture
def server(raw, sample):
    server = raw()
    server.initialize(sample)
    server.wait_ready()
    return server


def test_each_request_is_answered_once_and_with_the_right_code(server):
    for number, (message, code) in enumerate(REQUESTS, 10_000):
        server.write(framed(json.dumps({**message, "id": number})))
        answers = [server.answer(number)]
        answers += server.answers_until(probe(server))
        told = [answer.get("error", {}).get("code") for answer in answers]
        assert told == [code], (message, answers)
        assert "Traceback" not in json.dumps(answers)
    assert server.status()["failures"] == {}


NUMBERS = ("1e400", "-1e999", "NaN", "Infinity", "-Infinity", "9" * 5_000)


def test_numbers_that_json_does_not_have_are_refused_and_never_sent(server):
    for number in NUMBERS:
        server.write(framed(f'{{"jsonrpc": "2.0", "id": {number}, "method": "codekin/status"}}'))
        assert codes(server) == [(None, INVALID_REQUEST)], number
        server.write(
            framed(
                f'{{"jsonrpc": "2.0", "id": 7, "method": "codekin/search", "params": {{"query": "x", "limit": {number}}}}}'
            )
        )
        assert codes(server) == [(7, INVALID_PARAMS)], number


NO_IDS = ("null", "true", "1.5", "[]", "{}", "[1]")


def test_an_id_that_is_none_is_answered_without_one(server):
    for number in NO_IDS:
        server.write(framed(f'{{"jsonrpc": "2.0", "id": {number}, "method": "codekin/status"}}'))
        assert codes(server) == [(None, INVALID_REQUEST)], number


IDS = ("", "x", "é", "\u202e", HALF, "x" * 5_000, -1, 0, 2**70)


def test_an_id_is_sent_back_as_it_came(server):
    for number in IDS:
        server.send(id=number, method="codekin/status", params={"x": HALF})
        assert [answer["id"] for answer in server.answers_until(probe(server))] == [number]


DEEP = 100_000
NESTED = [
    (
        '{"jsonrpc": "2.0", "id": 5, "method": "codekin/search", "params": %s}' % ("[" * DEEP + "]" * DEEP),
        [(5, INVALID_PARAMS)],
    ),
    (
        '{"id": 5, "params": %s, "jsonrpc": "2.0", "method": "codekin/status"}' % ('{"a":' * 200 + "1" + "}" * 200),
        [(5, INVALID_PARAMS)],
    ),
    (
        '{"jsonrpc": "2.0", "id": "]", "method": "nope", "params": %s}' % ("[" * DEEP + "]" * DEEP),
        [("]", METHOD_NOT_FOUND)],
    ),
    ("[" * DEEP + "]" * DEEP, None),
    ("[" * DEEP, None),
    ('{"a":' * DEEP + "1" + "}" * DEEP, None),
    ('{"jsonrpc": "2.0", "id": 5, "result": %s}' % ("[" * DEEP + "]" * DEEP), None),
]


def test_deep_nesting_is_refused(server):
    for text, expected in NESTED:
        server.write(framed(text))
        found = codes(server)
        if expected is None:
            assert len(found) <= 1
            assert all(number is None and code in (PARSE_ERROR, INVALID_REQUEST) for number, code in found)
        else:
            assert found == expected


NO_REQUESTS = (
    "[]",
    "5",
    '"x"',
    "null",
    "true",
    "[1, 2]",
    '[{"jsonrpc": "2.0", "id": 5, "method": "codekin/status"}]',
    "{}",
)


def test_what_is_no_object_is_refused_once(server):
    for text in NO_REQUESTS:
        server.write(framed(text))
        assert codes(server) == [(None, INVALID_REQUEST)], text


NOTIFICATIONS = [
    {"method": None},
    {"method": 5},
    {"method": []},
    {"method": "nope/note"},
    {"method": "textDocument/hover", "params": HOVER},
    {"method": "shutdown"},
    {"method": "initialize", "params": {}},
    {"method": "codekin/control", "params": {"action": "clear"}},
    {"method": "textDocument/didOpen", "params": {}},
    {"method": "textDocument/didOpen", "params": HALF},
    {"method": "textDocument/didChange", "params": {"textDocument": {"uri": "x"}, "contentChanges": [{}]}},
    {"method": "textDocument/didSave", "params": {"textDocument": {"uri": "file:///%00"}}},
    {"method": "workspace/didChangeConfiguration", "params": {"settings": [HALF]}},
    {"method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": "file://[", "type": 1}]}},
    {"method": "$/cancelRequest", "params": {"id": [1]}},
    {"method": "$/cancelRequest", "params": {"id": HALF}},
    {"method": "$/setTrace", "params": {"value": 5}},
    {"method": "window/workDoneProgress/cancel", "params": {"token": None}},
    {"jsonrpc": "1.0", "method": "exit2"},
    {"id": 5, "result": {"a": HALF}},
    {"id": "x", "error": 5},
    {"id": [], "result": 1},
]


def test_notifications_and_responses_are_never_answered_and_never_end_the_server(server):
    for message in NOTIFICATIONS:
        server.send(**{"jsonrpc": "2.0", **message})
        assert codes(server) == [], message
    assert server.status()["files"] > 20


def test_what_a_closed_pair_of_surrogates_says_is_kept(server, sample):
    """An editor may send one surrogate of an emoji while it is typed, and the other one later."""
    uri = (sample / "new.py").as_uri()
    for version, text in enumerate(["def smile(): return '\ud83d'\n", "def smile_on(): return '\ud83d\ude00'\n"], 1):
        document = {"uri": uri, "languageId": "python", "version": version, "text": text}
        if version == 1:
            server.send(method="textDocument/didOpen", params={"textDocument": document})
        changes = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        server.send(method="textDocument/didChange", params=changes)
    assert codes(server) == []


def test_another_writer_is_a_failed_request_with_a_reason(raw, sample):
    first, second = raw(), raw()
    first.initialize(sample)
    first.wait_ready()
    second.initialize(sample)
    second.wait_ready()
    for action in ("sync", "rebuild", "clear"):
        error = second.ask("codekin/control", {"action": action})["error"]
        assert error["code"] == FAILED, action
        assert error["message"], action
        assert action != "sync" or str(first.process.pid) in error["message"]
    assert second.status()["failures"] == {}


UNREADABLE = """
from codekin.engine import Engine
from codekin.__main__ import main
def break_down(self, *_):
    raise ValueError("a line of file content")
Engine.facets_of = break_down
main()
"""


def test_an_unexpected_failure_is_one_short_answer_counted_and_logged_without_its_text(raw, sample, home):
    server = raw(program=UNREADABLE)
    server.initialize(sample)
    server.wait_ready()
    error = server.ask("codekin/filters")["error"]
    assert error["code"] == -32603
    assert "codekin/filters" in error["message"]
    assert "ValueError" in error["message"]
    assert set(error) == {"code", "message"}
    assert server.status()["failures"] == {"codekin/filters": 1}
    assert "codekin/filters" in server.ask("codekin/doctor")["result"]["text"]
    log = (home / "codekin.log").read_text()
    assert "break_down" in log
    assert "a line of file content" not in log + error["message"]


def test_an_interrupt_ends_it_quietly_with_the_index_intact(raw, sample, tmp_path):
    with (tmp_path / "stderr").open("wb") as stderr:
        first = raw(stderr=stderr)
        first.initialize(sample)
        chunks = first.wait_ready()["chunks"]
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(DEADLINE_S) == 130
    assert "Traceback" not in (tmp_path / "stderr").read_text()
    second = raw()
    second.initialize(sample)
    status = second.wait_ready()
    assert (status["chunks"], status["embedCalls"]["computed"]) == (chunks, 0)


def framed(text):
    body = text.encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def probe(server):
    number = next(server.numbers)
    server.send(id=number, method="codekin/status", params={})
    return number


def codes(server):
    """(id, code) of what is answered up to now."""
    return [(answer["id"], answer.get("error", {}).get("code")) for answer in server.answers_until(probe(server))]
