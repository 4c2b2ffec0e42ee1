"""What an agent sees: the tools, their answers, their errors."""

from __future__ import annotations

import json

import pytest

from codekin.answers import count_tokens
from support.waiting import until

META = "codekin/answer"
NAMES = {"search", "expand", "related", "references", "status", "roots"}


async def call(client, tool, **arguments):
    """The text of an answer, and the same for programs; the text is never over its budget."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    (block,) = result.content
    assert result.structured_content is None  # several clients would show a model nothing else
    assert count_tokens(block.text) <= arguments.get("max_tokens", 2_000)
    meta = (result.meta or {}).get(META, {})
    assert count_tokens(json.dumps(meta)) <= 6_000
    return block.text, meta


def paths(meta):
    return [place["path"] for place in meta["places"]]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_tools_are_few_and_their_descriptions_short(agent, mode):
    async with agent(mode=mode) as client:
        assert client.session.server_info.name == "codekin"
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == NAMES
        for tool in tools.values():
            assert tool.annotations.read_only_hint == (tool.name != "roots")
            assert tool.output_schema is None
        listed = [
            {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}
            for tool in tools.values()
        ]
        assert sum(count_tokens(json.dumps(tool)) for tool in listed) < 900
        assert tools["search"].input_schema["required"] == ["query"]
        assert (await call(client, "search", query="call_with_retry"))[1]["places"]


async def test_the_first_search_waits_for_the_first_index(agent):
    async with agent() as client:
        text, meta = await call(client, "search", query="where is the retry logic?")
    assert meta["places"][0]["symbol"] == "call_with_retry"
    assert meta["coverage"]["complete"]
    assert "index current" in text.splitlines()[0]


async def test_it_uses_the_index_of_the_command_line(agent, codekin):
    report = codekin("index")
    async with agent() as client:
        text, _ = await call(client, "status")
    assert f"{report['files']:,} files, {report['chunks']:,} chunks" in text
    assert codekin("index")["embedded"] == 0


async def test_scope_and_filters_and_modes(agent):
    async with agent() as client:
        _, meta = await call(client, "search", query="limit", scope=["gateway/**"])
        assert all(path.startswith("gateway/") for path in paths(meta))
        _, meta = await call(client, "search", query="limit lang:go")
        assert all(path.endswith(".go") for path in paths(meta))
        assert meta["parsed"]["filters"] == [{"typed": "lang:go", "name": "languages", "values": ["go"]}]
        text, meta = await call(client, "search", query=r"def \w+_retry", mode="regex")
        assert paths(meta)[0] == "api/parcelpost/carriers.py"
        assert "\n@11\ndef call_with_retry(" in text
        text, meta = await call(client, "search", query="retry after:2999-01-01")
        assert not meta["places"]
        assert "Nothing found. To fix:" in text


async def test_a_saved_file_is_found(agent, sample):
    async with agent() as client:
        await call(client, "search", query="anything")
        (sample / "api/parcelpost/zeppelin.py").write_text("def moor_the_zeppelin():\n    return 'mast'\n")

        async def found():
            _, meta = await call(client, "search", query="moor_the_zeppelin")
            return meta["places"] and meta["places"][0].get("symbol") == "moor_the_zeppelin"

        await until(found)


MISTAKES = [
    ("search", {}, "search cannot use its arguments. `query`: Field required. To fix: correct them"),
    ("search", {"query": " "}, "The query is empty"),
    ("search", {"query": "x", "max_tokens": 0}, "`max_tokens`: Input should be greater than or equal to 200."),
    ("search", {"query": "x", "mode": "psychic"}, "mode"),
    ("search", {"query": "(", "mode": "regex"}, "Invalid regular expression"),
    ("search", {"query": "x", "cursor": "later"}, "To fix: leave it out"),
    ("search", {"query": "x", "cursor": "999"}, "There is nothing after place"),
    ("search", {"query": "x", "root": "/"}, "This server does not serve /"),
    ("expand", {"path": "no/such/file.py"}, "To fix: search for its name."),
    ("expand", {"path": "carriers.py"}, "To fix: pass api/parcelpost/carriers.py."),
    ("expand", {"path": "api"}, "api is a folder. To fix: pass a file, or search with the scope api/**."),
    ("expand", {"path": "README.md", "line": 1_000}, "there is no line"),
    ("expand", {"path": "build/bundle.js"}, "is not indexed: ignored by .gitignore"),
    ("expand", {"path": "../stranger.py"}, "is outside"),
    ("related", {"path": "README.md", "line": 9, "end_line": 3}, "before"),
    ("related", {"path": "README.md", "end_line": 3}, "requires"),
    ("references", {"name": ""}, "The name is empty"),
    ("references", {"name": "where is it done"}, "is not one name"),
    ("roots", {"add": "/"}, "belongs to no repository that is served"),
    ("roots", {"add": "relative"}, "pass the full path"),
    ("divine", {}, "divine"),
]


async def test_errors_say_what_is_wrong_and_leave_the_server_alive(agent, sample):
    (sample.parent / "stranger.py").write_text("def stranger(): ...\n")
    async with agent() as client:
        for tool, arguments, words in MISTAKES:
            result = await client.call_tool(tool, arguments)
            assert result.is_error, (tool, arguments)
            assert words in result.content[0].text, result.content[0].text
            assert not [word for word in ("Traceback", "Error executing", "pydantic") if word in result.content[0].text]
        assert str(sample) in (await call(client, "status"))[0]
