"""Commits and pull requests are found like code, follow the repository, and cost nothing twice."""

from __future__ import annotations

import os

import pytest

from codekin.domain.search import SearchRequest
from codekin.errors import HistoryError, SettingsError
from codekin.lsp import encode
from support.engines import find_history, open_indexed
from support.waiting import until


def titles(results):
    return [result.symbol for result in results]


@pytest.mark.parametrize("metadata", ["sqlite", "memory"])
async def test_commit_is_found_by_what_its_message_says(small, metadata):
    async with open_indexed(small.folder, metadata=metadata) as engine:
        best = (await find_history(engine, "rate limiting"))[0]
    assert (best.symbol, best.author, best.day, best.pull_request) == (
        "Add rate limiting to the client",
        "Bob",
        "2026-01-02",
        12,
    )
    assert best.commit == small.run("rev-parse", "HEAD~1")
    assert best.path == f"commit:{best.commit}"
    assert best.snippet == "Add rate limiting to the client\n\nsrc/limits.py\n\nChanges limit"


async def test_merged_pull_request_is_found_by_its_title(small):
    async with open_indexed(small.folder) as engine:
        best = (await find_history(engine, "retry failed requests", "pull_request"))[0]
        assert (best.kind, best.symbol, best.pull_request) == ("pull_request", "Retry failed requests", 14)
        assert titles(await find_history(engine, "retry failed requests", "commit")) != ["Retry failed requests"]
        both = [(await find_history(engine, "rate limiting", kind))[0] for kind in ("commit", "pull_request")]
        assert [(result.kind, result.pull_request) for result in both] == [("commit", 12), ("pull_request", 12)]


async def test_files_know_who_changed_them_last(small):
    async with open_indexed(small.folder) as engine:
        assert {result.path for result in await find_history(engine, "return", "code", authors=("bob",))} == {
            "src/limits.py"
        }
        (small.folder / "src/limits.py").write_text("def limit():\n    return 22\n")
        await engine.index()
        assert {result.path for result in await find_history(engine, "return", "code", authors=("bob",))} == {
            "src/limits.py"
        }
        small.commit("Raise the limit", author="Dan")
        await engine.index()
        assert {result.path for result in await find_history(engine, "return", "code", authors=("dan",))} == {
            "src/limits.py"
        }


async def test_code_comes_before_commits_unless_they_are_asked_for(small):
    async with open_indexed(small.folder) as engine:
        plain = (await engine.search(SearchRequest("rate limit"))).results
        assert plain[0].path == "src/limits.py"
        asked = (await engine.search(SearchRequest("which commit introduced the rate limit"))).results
        assert asked[0].symbol == "Add rate limiting to the client"
        for results in (plain, asked):
            assert [result.score for result in results] == sorted((r.score for r in results), reverse=True)


async def test_only_what_is_new_is_embedded(small):
    async with open_indexed(small.folder) as engine:
        before = engine.status().computed
        await engine.index()
        assert engine.status().computed == before
        small.commit("One more")
        await engine.index()
        assert engine.status().computed == before + 1
    async with open_indexed(small.folder) as engine:
        assert engine.status().computed == 0


async def test_rewritten_history_leaves_nothing_behind(small):
    async with open_indexed(small.folder) as engine:
        small.run("commit", "-q", "--amend", "--allow-empty", "-m", "Entirely other words")
        await engine.index()
        assert "Entirely other words" in titles(await find_history(engine, "other words"))
        small.run("reset", "-q", "--hard", "HEAD~2")
        await engine.index()
        assert titles(await find_history(engine, "begin words limiting retry")) == ["Begin"]


async def test_switching_branches_switches_commits_and_embeds_nothing(small):
    small.run("switch", "-qc", "side")
    small.commit("Only on the side")
    async with open_indexed(small.folder) as engine:
        assert "Only on the side" in titles(await find_history(engine, "side"))
        before = engine.status().computed
        small.run("switch", "-q", "main")
        await engine.index()
        assert "Only on the side" not in titles(await find_history(engine, "side"))
        small.run("switch", "-q", "side")
        await engine.index()
        assert "Only on the side" in titles(await find_history(engine, "side"))
        assert engine.status().computed == before


async def test_setting_bounds_what_is_kept(small):
    async with open_indexed(small.folder) as engine:
        assert len(await find_history(engine, "begin wip limiting retry")) > 2
    async with open_indexed(small.folder, historyCommits=1) as engine:
        assert titles(await find_history(engine, "begin wip limiting retry")) == ["Retry failed requests"]
    async with open_indexed(small.folder, history=False) as engine:
        assert await find_history(engine, "begin wip limiting retry") == ()


async def test_secrets_in_messages_are_not_kept(repo):
    token = "ghp_" + "a1B2" * 10
    repo.commit(f"Rotate the token\n\nIt was {token}.", {"a.py": "x = 1\n"})
    async with open_indexed(repo.folder) as engine:
        best = (await find_history(engine, "rotate the token"))[0]
        assert token not in best.snippet
        assert engine.status().redacted == 1


async def test_repository_that_cannot_be_read_is_a_reason_and_the_files_are_searched(small, monkeypatch):
    monkeypatch.setenv("PATH", os.fspath(small.folder))
    async with open_indexed(small.folder) as engine:
        assert any("install git" in reason for reason in engine.status().reasons)
        assert engine.coverage().complete
        assert await find_history(engine, "limit", "code")


async def test_repository_that_vanished_takes_its_commits_along(small):
    async with open_indexed(small.folder) as engine:
        (small.folder / ".git").rename(small.folder.parent / "gone")
        await engine.index()
        assert await find_history(engine, "begin") == ()


async def test_commit_made_while_watching_is_found(small):
    async with open_indexed(small.folder, watch=True) as engine:
        small.commit("Appears without a file changing")

        async def found():
            return "Appears without a file changing" in titles(await find_history(engine, "appears"))

        await until(found)


async def test_file_that_is_named_like_a_commit_is_left_out(small):
    name = "commit:" + "a" * 40
    (small.folder / name).write_text("text\n")
    async with open_indexed(small.folder) as engine:
        assert "Not indexed" in engine.verdict(small.folder / name)


async def test_commit_is_shown_with_its_diff(small):
    async with open_indexed(small.folder) as engine:
        best = (await find_history(engine, "rate limiting"))[0]
        uri = encode.result_uri(best)
        folder, sha, _ = encode.commit_of(uri)
        assert "+def limit():" in await engine.commit(folder, sha)
        with pytest.raises(HistoryError):
            await engine.commit(folder, "--output=x")
        with pytest.raises(SettingsError):
            await engine.commit(folder.parent, sha)
    assert encode.commit_of("file:///a.py") is None
