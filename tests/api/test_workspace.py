"""Queries on a real index, awaited and not."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from codekin.api import CodekinError, IndexUnavailableError, Query, SettingsError, Workspace
from support.commands import run_codekin
from support.waiting import until

RETRY = Query().hybrid("where is the retry logic?")


@pytest.fixture
def workspace(sample):
    with Workspace.open(sample) as opened:
        opened.index()
        yield opened


def same(answer):
    return [(result["path"], result["start_line"], result["score"]) for result in answer["results"]]


def test_answers_what_the_command_line_prints(workspace, sample):
    arguments = ("search", "where is the retry logic?", "--json", "--limit", "20")
    printed = json.loads(run_codekin(*arguments, cwd=sample, check=True).stdout)
    answer = workspace.run(RETRY)
    assert answer["results"] == printed["results"]
    assert answer["coverage"] == printed["coverage"]
    assert answer["results"][0]["symbol"] == "call_with_retry"


async def test_awaited_answers_are_the_same(sample):
    async with Workspace.open(sample) as workspace:
        report = await workspace.index()
        answers = await asyncio.gather(*(workspace.run(RETRY) for _ in range(10)))
        assert (await workspace.status())["files"] == report.files
    with Workspace.open(sample) as blocking:
        expected = same(blocking.run(RETRY))
    assert all(same(answer) == expected for answer in answers)


def test_threads_may_share_a_workspace(workspace):
    expected, found = same(workspace.run(RETRY)), []
    threads = [threading.Thread(target=lambda: found.append(same(workspace.run(RETRY)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_filters_hold_for_places_too(workspace):
    place = Query().similar_to("api/parcelpost/carriers.py", 14)
    assert workspace.run(place)["results"]
    only_go = workspace.run(place.filter(languages="go"))["results"]
    assert only_go
    assert {result["language"] for result in only_go} == {"go"}
    tests = workspace.run(place.filter(kinds="test").limit(3))["results"]
    assert {result["kind"] for result in tests} == {"test"}
    assert not workspace.run(place.filter(paths="nowhere/**"))["results"]


def test_place_is_the_same_relative_and_absolute(workspace, sample):
    relative = workspace.run(Query().similar_to("api/parcelpost/carriers.py", 11, 24))
    absolute = workspace.run(Query().similar_to(str(sample / "api/parcelpost/carriers.py"), 11, 24))
    assert same(relative) == same(absolute)
    assert workspace.run(Query().similar_to("api/parcelpost/carriers.py"))["results"]


def test_threshold_cuts_where_it_says(workspace):
    place = Query().similar_to("api/parcelpost/carriers.py", 14).limit(50)
    scores = [result["score"] for result in workspace.run(place.threshold(-1.0))["results"]]
    middle = scores[len(scores) // 2]
    assert [r["score"] for r in workspace.run(place.threshold(middle - 1e-6))["results"]] == [
        score for score in scores if score >= middle
    ]
    everything = workspace.run(RETRY.limit(50))["results"]
    strong = workspace.run(RETRY.limit(50).threshold(0.5, of_best=True))["results"]
    assert strong == [result for result in everything if result["score"] >= 0.5 * everything[0]["score"]]
    assert 0 < len(strong) < len(everything)
    assert not workspace.run(RETRY.threshold(1_000))["results"]


def test_reranking_by_similarity_gives_cosines_in_order(workspace):
    query = Query().near_text("parse an address").rerank("similarity").explain().limit(10)
    results = workspace.run(query)["results"]
    scores = [result["score"] for result in results]
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1.0001 for score in scores)
    assert all(result["parts"] == {"similarity": pytest.approx(result["score"], abs=1e-5)} for result in results)
    assert workspace.run(query.threshold(scores[4] - 1e-6))["results"] == results[:5]


def test_reranking_for_variety_puts_copies_back(sample):
    text = (sample / "api/parcelpost/carriers.py").read_text()
    for number in range(6):
        (sample / f"copy_{number}.py").write_text(text)
    query = (
        Query().hybrid("call with retry waiting twice as long after each failure").filter(languages="python").limit(8)
    )
    with Workspace.open(sample) as workspace:
        workspace.index()
        plain = [result["path"] for result in workspace.run(query)["results"]]
        varied = workspace.run(query.rerank("diversity").explain())["results"]
    copies = [path.startswith("copy_") or path.endswith("carriers.py") for path in plain]
    kept = [result["path"].startswith("copy_") or result["path"].endswith("carriers.py") for result in varied]
    assert sum(copies) >= 6
    assert sum(kept) < sum(copies)
    assert kept[0]
    scores = [result["score"] for result in varied]
    assert scores == sorted(scores, reverse=True)
    assert all(sum(result["parts"].values()) == pytest.approx(result["score"], abs=1e-5) for result in varied)


def test_nothing_found_is_reranked_to_nothing(workspace):
    for by in ("similarity", "diversity"):
        assert workspace.run(Query().hybrid("").rerank(by))["results"] == []


def test_places_are_reranked_too(workspace):
    place = Query().similar_to("api/parcelpost/carriers.py", 14).limit(10)
    # A threshold that cuts nothing asks for what is alike alone, without the linked tests and
    # commits.
    plain, varied = workspace.run(place.threshold(-1)), workspace.run(place.rerank("diversity"))
    assert same(workspace.run(place.rerank("similarity"))) == same(plain)
    assert varied["results"][0]["path"] == plain["results"][0]["path"]
    assert same(varied) != same(plain)


def test_a_closed_workspace_says_so(sample):
    with Workspace.open(sample) as workspace:
        pass
    with pytest.raises(IndexUnavailableError, match="closed"):
        workspace.run(RETRY)


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query().hybrid("x").filter(kinds="poem"),
        Query().hybrid("x").filter(after="soon"),
        Query().regex("("),
        Query().regex("x").threshold(0.1),
        Query().literal("x").rerank("similarity"),
        Query().similar_to("no/such/file.py"),
        Query().similar_to("README.md").filter(kinds="poem"),
    ],
)
def test_what_cannot_be_run_says_so(workspace, query):
    with pytest.raises(SettingsError):
        workspace.run(query)
    assert workspace.run(RETRY)["results"]


def test_a_folder_that_is_none_cannot_be_opened(tmp_path):
    with pytest.raises(SettingsError, match="not a folder"), Workspace.open(tmp_path / "nowhere"):
        pass
    with pytest.raises(CodekinError), Workspace.open(tmp_path, settings={"embedder": "oracle"}):
        pass
    assert "codekin-api" not in {thread.name for thread in threading.enumerate()}


def test_a_search_that_takes_too_long_is_given_up(sample):
    (sample / "big.txt").write_text("aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 20_000)
    with Workspace.open(sample) as workspace:
        workspace.index()
        with pytest.raises(TimeoutError):
            workspace.run(Query().regex("(a+)+b"), timeout_s=0.05)
        assert workspace.run(RETRY)["results"]


async def test_watching_follows_the_files(sample):
    async with Workspace.open(sample, watch=True) as workspace:
        await workspace.index()
        (sample / "fresh.py").write_text("def zanzibar_unicorn():\n    return 1\n")

        async def found():
            return (await workspace.run(Query().keywords("zanzibar_unicorn")))["results"]

        await until(found)


def test_an_answer_for_a_model_is_within_its_budget_and_can_be_continued(workspace):
    answer = workspace.answer(RETRY.filter(languages="python"), 300)
    assert answer["tokens"] <= 300
    assert answer["places"][0]["symbol"] == "call_with_retry"
    assert all(place["path"].endswith(".py") for place in answer["places"])
    following = workspace.answer(RETRY.filter(languages="python"), 300, offset=int(answer["cursor"]))
    assert following["places"][0] not in answer["places"]
    near = workspace.answer(Query().similar_to("api/parcelpost/carriers.py", 14).filter(kinds="test"), 300)
    assert {place["role"] for place in near["places"]} == {"test"}
    with pytest.raises(SettingsError, match="max_tokens"):
        workspace.answer(RETRY, 1)


def test_an_outline_of_a_file(workspace):
    outline = workspace.outline("api/parcelpost/carriers.py")
    assert [item["name"] for item in outline["items"]] == ["CarrierUnavailable", "call_with_retry", "CarrierClient"]
    assert next(item["name"] for item in outline["items"][2]["children"]) == "__init__"
