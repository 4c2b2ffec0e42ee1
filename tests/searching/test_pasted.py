"""Pasted text is never rejected or taken for a filter, and the answer says how it was read."""

from __future__ import annotations

import random
import string

import pytest

from codekin.domain.search import SearchRequest
from support.engines import open_engine

YAML = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: parcel-web\n"
JAVAC = "error: cannot find symbol\n  symbol:   variable parcel\n  location: class Main\n"
PIECES = [
    *(
        "kind:",
        "path:/etc/hosts",
        "lang:",
        "at:0x7f",
        "symbol:",
        "author:",
        "after:",
        "-ext:",
        "before:2026",
        '"',
        "\\",
    ),
    *(
        YAML,
        JAVAC,
        'Traceback (most recent call last):\n  File "x.py", line 3, in <module>\n',
        "{{#if}}",
        "\x00\x1b[31m",
    ),
]


@pytest.fixture
async def search(tmp_path):
    root = tmp_path / "ws"
    root.mkdir()
    (root / "web.yaml").write_text(YAML)
    (root / "Main.java").write_text("class Main { int parcel; }\n")
    (root / "hosts.py").write_text("def hosts():\n    return open('/etc/hosts')\n")
    async with open_engine(root) as engine:
        await engine.index()

        async def ask(query, mode="hybrid"):
            return await engine.search(SearchRequest(query, 5, mode))

        yield ask


@pytest.mark.parametrize(
    ("query", "path"),
    [
        (YAML, "web.yaml"),
        ("kind: Deployment", "web.yaml"),
        (JAVAC, "Main.java"),
        ("path:/etc/hosts not found", "hosts.py"),
        ("symbol:variable Main parcel", "Main.java"),
        ("at:0x7f hosts", "hosts.py"),
        ("lang:pyhton hosts", "hosts.py"),
    ],
)
async def test_a_pasted_text_finds_what_it_is_about(search, query, path):
    answer = await search(query)
    assert answer.results[0].path == path
    assert "\n" in query or "searched as text" in answer.reasons[0]


@pytest.mark.parametrize(("mode", "query"), [("literal", "kind: Deployment"), ("regex", r"kind:\s+Deployment")])
async def test_patterns_are_taken_as_they_are(search, mode, query):
    assert [result.path for result in (await search(query, mode)).results] == ["web.yaml"]


async def test_a_filter_that_leaves_nothing_says_so(search):
    answer = await search("hosts ext:rs")
    assert answer.results == ()
    assert answer.reasons[0] == "Nothing in the index matches ext:rs."


async def test_no_random_text_is_refused(search):
    draw = random.Random(11)
    for _ in range(300):
        words = draw.choices([*PIECES, *string.punctuation, "retry", "é", "计算"], k=draw.randrange(1, 30))
        await search(draw.choice(("", " ", "\n")).join(words))
