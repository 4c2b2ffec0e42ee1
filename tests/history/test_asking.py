"""What a query asks for, and what it names."""

from __future__ import annotations

import pytest

from codekin.domain.search import Filters, SearchRequest
from codekin.searching.query.intent import Intent, question_of
from codekin.searching.query.parsing import parse_query
from support.engines import open_indexed


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("which commit introduced rate limiting", Intent.COMMIT),
        ("who fixed the retry", Intent.COMMIT),
        ("when was the parser rewritten", Intent.COMMIT),
        ("what did Ann change in the parser", Intent.COMMIT),
        ("PR about retries", Intent.PULL_REQUEST),
        ("pull request that adds retries", Intent.PULL_REQUEST),
        ("which folder holds the parser", Intent.DIRECTORY),
        ("where is the retry logic?", Intent.CODE),
        ("when is the cache invalidated", Intent.CODE),
        ("who calls retry", Intent.CODE),
        ("handle a changed file", Intent.CODE),
        ("commit_transaction", Intent.CODE),
        ("commit or roll back a transaction", Intent.CODE),
        ("commit that adds retries", Intent.COMMIT),
        ("last commit about retries", Intent.COMMIT),
        ("process request", Intent.CODE),
        ("", Intent.CODE),
    ],
)
def test_intent_is_read_from_the_words(text, intent):
    assert question_of(parse_query(text)).intent is intent


async def first(engine, text, **filters):
    results = (await engine.search(SearchRequest(text, filters=Filters(**filters)))).results
    return results[0] if results else None


async def test_commit_is_found_by_hash_and_by_number(small):
    async with open_indexed(small.folder) as engine:
        sha = small.run("rev-parse", "HEAD~1")
        for text in (sha, sha[:7], f"commit {sha[:10]}", "#12", "PR 12"):
            assert (await first(engine, text)).commit == sha, text
        assert (await first(engine, "#14")).symbol == "Retry failed requests"
        assert (await first(engine, "#12", kinds=("code",))) is None or (
            await first(engine, "#12", kinds=("code",))
        ).commit == ""


async def test_author_who_is_named_comes_first(repo):
    repo.commit("Change the parser once", {"a.py": "a = 1\n"}, "Ann")
    repo.commit("Change the parser twice", {"a.py": "a = 2\n"}, "Cleo")
    async with open_indexed(repo.folder) as engine:
        assert (await first(engine, "what did Ann change in the parser")).author == "Ann"
        assert (await first(engine, "what did Cleo change in the parser")).author == "Cleo"


async def test_filters_alone_list_the_latest_first(small):
    async with open_indexed(small.folder) as engine:
        results = (await engine.search(SearchRequest("kind:commit author:ann,bob before:2026-01"))).results
        assert [result.symbol for result in results] == ["Add rate limiting to the client", "Begin"]
        results = (await engine.search(SearchRequest("path:src/limits.py kind:commit"))).results
        assert [result.symbol for result in results] == ["Add rate limiting to the client"]
        assert (await engine.search(SearchRequest(""))).results == ()


async def test_what_is_not_asked_for_never_takes_the_first_places(repo):
    repo.commit(
        "Price price price",
        {f"price_{number}.py": f"def price_{number}():\n    return {number}\n" for number in range(8)},
    )
    for number in range(8):
        repo.commit(f"Price {number}")
    async with open_indexed(repo.folder) as engine:
        results = (await engine.search(SearchRequest("price", limit=10))).results
        assert not any(result.commit for result in results[:3])
        assert sum(bool(result.commit) for result in results) <= 2


async def test_pull_request_and_its_commit_are_one_answer(small):
    async with open_indexed(small.folder) as engine:
        results = (await engine.search(SearchRequest("commit that adds rate limiting to the client"))).results
        assert [result.symbol for result in results].count("Add rate limiting to the client") == 1


async def test_messages_are_searched_literally_where_they_are_asked_for(small):
    async with open_indexed(small.folder) as engine:
        plain = (await engine.search(SearchRequest("Retry failed", mode="literal"))).results
        assert plain == ()
        of_pulls = SearchRequest("Retry failed", mode="literal", filters=Filters(kinds=("pr",)))
        asked_for = (await engine.search(of_pulls)).results
        assert [result.symbol for result in asked_for] == ["Retry failed requests"]


async def test_squashed_pull_request_is_shown_as_what_is_asked_for(small):
    async with open_indexed(small.folder) as engine:
        assert (await first(engine, "PR about rate limiting")).kind == "pull_request"
        assert (await first(engine, "which commit introduced rate limiting")).kind == "commit"
