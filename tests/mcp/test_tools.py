"""What an agent sees: the tools, their answers, their errors."""

from __future__ import annotations

import json

import pytest

from codekin.domain.search import FILTER_NAMES
from support.waiting import until


async def call(client, tool, **arguments):
    """The answer of a tool; its text says the same."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    (block,) = result.content
    assert json.loads(block.text) == result.structured_content
    return result.structured_content


def without_time(answer):
    return {name: value for name, value in answer.items() if name != "took_ms"}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_tools_are_listed_with_what_they_take_and_give(agent, mode):
    async with agent(mode=mode) as client:
        assert client.session.server_info.name == "codekin"
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"search", "related", "status"}
        for tool in tools.values():
            assert tool.description
            assert tool.annotations.read_only_hint
        search = tools["search"]
        assert search.input_schema["required"] == ["query"]
        assert set(FILTER_NAMES) - {"symbols"} <= set(search.input_schema["properties"])
        assert all("description" in about for about in search.input_schema["properties"].values())
        assert set(search.output_schema["required"]) == {"results", "coverage", "took_ms", "reasons"}
        assert (await call(client, "search", query="call_with_retry"))["results"]


async def test_the_first_search_waits_for_the_first_index(agent):
    async with agent() as client:
        answer = await call(client, "search", query="where is the retry logic?", limit=1)
    assert answer["results"][0]["symbol"] == "call_with_retry"
    assert answer["coverage"]["complete"]


async def test_answers_are_those_of_the_command_line_on_the_same_index(agent, codekin):
    report = codekin("index")
    async with agent() as client:
        for query in ("where is the retry logic?", "bucket", "QuietHours"):
            expected = codekin("search", query, "--limit", "3", "--explain")
            answer = await call(client, "search", query=query, limit=3, explain=True)
            assert without_time(answer) == without_time(expected)
        place = "api/parcelpost/carriers.py"
        expected = codekin("related", f"{place}:14-20", "--limit", "4")
        answer = await call(client, "related", path=place, line=14, end_line=20, limit=4)
        assert without_time(answer) == without_time(expected)
        status = await call(client, "status")
        assert set(status) == set(codekin("status"))
        assert (status["files"], status["chunks"]) == (report["files"], report["chunks"])
        assert status["computed"] == 0, "the index of the command line was not used"


async def test_filters(agent):
    async with agent() as client:
        answer = await call(client, "search", query="limit", languages=["go"])
        assert {result["language"] for result in answer["results"]} == {"go"}
        answer = await call(client, "search", query="retry", kinds=["test"], paths=["api/**", "!**/test_pricing.py"])
        assert {result["path"] for result in answer["results"]} == {"api/tests/test_carriers.py"}
        answer = await call(client, "search", query=r"def \w+_retry", mode="regex")
        assert answer["results"][0]["path"] == "api/parcelpost/carriers.py"
        assert not (await call(client, "search", query="retry", after="2999-01-01"))["results"]


async def test_a_saved_file_is_found(agent, sample):
    async with agent() as client:
        await call(client, "search", query="anything")
        (sample / "api/parcelpost/zeppelin.py").write_text("def moor_the_zeppelin():\n    return 'mast'\n")

        async def found():
            answer = await call(client, "search", query="moor_the_zeppelin", limit=1)
            return answer["results"] and answer["results"][0]["symbol"] == "moor_the_zeppelin"

        await until(found)


MISTAKES = [
    ("search", {}, "query"),
    ("search", {"query": "x", "limit": 0}, "limit"),
    ("search", {"query": "x", "mode": "psychic"}, "mode"),
    ("search", {"query": "(", "mode": "regex"}, "Invalid regular expression"),
    ("search", {"query": "x", "after": "soon"}, "soon"),
    ("related", {"path": "no/such/file.py"}, "is not a file"),
    ("related", {"path": "README.md", "line": 9, "end_line": 3}, "before"),
    ("related", {"path": "README.md", "end_line": 3}, "requires"),
    ("divine", {}, "divine"),
]


async def test_errors_say_what_is_wrong_and_leave_the_server_alive(agent):
    async with agent() as client:
        for tool, arguments, words in MISTAKES:
            result = await client.call_tool(tool, arguments)
            assert result.is_error, (tool, arguments)
            assert words in result.content[0].text
            assert "Traceback" not in result.content[0].text
        assert (await call(client, "status"))["roots"]


async def test_a_file_outside_the_index_says_why(agent, sample):
    (sample.parent / "stranger.py").write_text("def stranger(): ...\n")
    async with agent() as client:
        for path, words in (("build/bundle.js", ".gitignore"), ("../stranger.py", "none of the indexed folders")):
            answer = await call(client, "related", path=path)
            assert not answer["results"]
            assert words in answer["reasons"][-1]
