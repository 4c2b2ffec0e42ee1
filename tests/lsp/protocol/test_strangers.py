"""Untrusted names, titles and dates in every output: escaped, visible, and never fatal."""

from __future__ import annotations

import json

import pytest
from markdown_it import MarkdownIt

from support.commands import run_codekin
from support.git.repository import init_repository

AUTHOR = "Ann ![x](https://tracker.example/p.png) <b>\u202e"
TITLE = "Moor [it](command:quit) <img src=x> https://e.example \u202etxt.exe"
CODE = "def moor_the_zeppelin(rope):\n    return rope * 3 + len('mast of the zeppelin')\n"
FAR = 1_700_000_000_000
"""Seconds that a tool wrote in milliseconds: the year 55840."""


@pytest.fixture
def strange(sample, git):
    init_repository(sample, "Begin")
    (sample / "b[x](command:y)`\u202e.py").write_text(CODE)
    (sample / "zeppelin.py").write_text(CODE.replace("rope", "line"))
    git(sample, "add", ".")
    git(sample, "-c", f"user.name={AUTHOR}", "commit", "-qm", TITLE, "--date", f"@{FAR} +0000")
    return sample


def hidden(text):
    return [character for character in text if character in "\u202e\x1b\u2028"]


def test_hover_and_labels(raw, strange):
    server = raw()
    server.initialize(strange)
    server.wait_ready()
    here = {"textDocument": {"uri": (strange / "zeppelin.py").as_uri()}, "position": {"line": 0, "character": 5}}
    text = server.ask("textDocument/hover", here)["result"]["contents"]["value"]
    assert "tracker" in text
    assert not hidden(text)
    for token in MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(text):
        for inner in token.children or [token]:
            assert inner.type not in ("image", "html_inline", "html_block"), text
            if inner.type == "link_open":
                assert inner.attrGet("href").startswith(strange.as_uri()), text
    for method, params in (
        ("codekin/related", here),
        ("codekin/search", {"query": "moor"}),
        ("codekin/search", {"query": "moor kind:commit"}),
        ("codekin/blame", here),
        ("codekin/map", {}),
        ("codekin/duplicates", {}),
        ("workspace/symbol", {"query": "moor"}),
        ("textDocument/codeLens", here),
    ):
        answer = server.ask(method, params)
        assert "error" not in answer, answer
        for label in labels(answer["result"]):
            assert not hidden(label), (method, label)
    paths = {item["path"] for item in server.ask("codekin/search", {"query": "moor"})["result"]["results"]}
    assert any("\u202e" in path for path in paths), "data is exact"


def labels(value):
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and name in ("symbol", "author", "title", "name", "containerName"):
                yield item
            else:
                yield from labels(item)
    elif isinstance(value, list):
        for item in value:
            yield from labels(item)


def run(root, *arguments):
    done = run_codekin(*arguments, cwd=root, CODEKIN_EMBEDDER="hashing")
    return done.returncode, done.stdout, done.stderr


def test_a_date_that_no_calendar_has_loses_no_answer(strange):
    for arguments in (
        ("search", "moor_the_zeppelin"),
        ("search", "moor kind:commit"),
        ("search", "moor_the_zeppelin author:ann"),
        ("related", "zeppelin.py:1"),
        ("blame", "zeppelin.py"),
    ):
        code, out, err = run(strange, *arguments)
        assert (code, err) == (0, ""), arguments
        assert not hidden(out), out
        code, out, err = run(strange, *arguments, "--json")
        assert (code, err) == (0, ""), arguments
        assert not hidden(out)
        (line,) = out.splitlines()
        assert json.loads(line)


NAMES = [
    "line\nend.py",
    "esc\x1b[31m.py",
    "\u2028sep.py",
    "rtl\u202e.py",
    "zero\u200bwidth.py",
    "tab\t.py",
    "-n.py",
    "C1\x9b.py",
]


def test_odd_names_are_one_line_each(sample):
    folder = sample / "odd"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / name).write_text(f"def odd_walrus_{number}():\n    return 'a\u2028b\x1b[31m'\n")
    code, out, err = run(sample, "search", "odd_walrus", "--limit", "20")
    assert code == 0, err
    assert not hidden(out + err)
    places = [line for line in out.splitlines() if "odd/" in line and ".py:" in line]
    assert len(places) == len(NAMES)
    assert any("line\\nend.py" in line for line in places)
    found = json.loads(run(sample, "search", "odd_walrus", "--limit", "20", "--json")[1])
    assert {f"odd/{name}" for name in NAMES} <= {result["path"] for result in found["results"]}
    for name in NAMES:
        code, out, err = run(sample, "doctor", "--file", f"odd/{name}")
        assert (code, len(out.splitlines())) == (0, 1), err
        assert not hidden(out)
