"""The server as a process: how it starts, how it refuses to, how it ends."""

from __future__ import annotations

from support.commands import run_codekin

WITHOUT_MCP = "import sys; sys.modules['mcp'] = None; from codekin.__main__ import main; main()"


def test_without_the_extra_it_names_the_remedy(sample):
    done = run_codekin("mcp", sample, program=WITHOUT_MCP)
    assert done.returncode == 2
    assert "pip install 'codekin[mcp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_start_says_why_on_standard_error(sample):
    for arguments, environment, words in (
        (["no/such/folder"], {}, "no/such/folder"),
        ([str(sample)], {"CODEKIN_EMBEDDER": "oracle"}, "oracle"),
    ):
        done = run_codekin("mcp", *arguments, **environment)
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert not done.stdout


def test_it_ends_with_its_input(sample):
    done = run_codekin("mcp", str(sample))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


async def test_the_index_is_intact_after_the_client_is_gone(agent, codekin):
    async with agent() as client:
        await client.call_tool("search", {"query": "retry"})
    assert codekin("index")["embedded"] == 0
