"""Answers on a real index: right place, right time, redacted, cancellable, in parallel."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager

import pytest

from codekin.answers import Answers, Budget, agent_answer_shape, count_tokens
from codekin.domain.search import Filters, SearchRequest
from codekin.errors import CodekinError, SettingsError
from support.engines import open_indexed

CARRIERS = "api/parcelpost/carriers.py"


@asynccontextmanager
async def answering(*roots, **settings):
    async with open_indexed(*roots, **settings) as engine:
        yield Answers(engine, list(roots)), engine


def text_of(answer):
    return answer.packed.text


async def test_the_first_line_names_folder_revision_and_freshness(sample, git):
    git(sample, "init")
    git(sample, "add", ".")
    git(sample, "commit", "-qm", "Everything")
    sha = git(sample, "rev-parse", "HEAD").strip()
    async with answering(sample) as (answers, engine):
        first, *_ = text_of(await answers.search("retry")).splitlines()
        files = engine.status().files
        assert first == f"{sample} @ {sha[:7]}; index current, {files} files"
    (sample / CARRIERS).write_text("def changed(): ...\n")
    async with answering(sample) as (answers, _):
        first, *_ = text_of(await answers.search("retry")).splitlines()
        assert f"@ {sha[:7]} with uncommitted changes;" in first


async def test_outside_git_there_is_no_revision(sample):
    async with answering(sample) as (answers, _):
        shape = agent_answer_shape(await answers.search("retry"))
        assert (shape["revision"], shape["dirty"]) == ("", False)
        assert shape["text"].startswith(f"{sample}; index current")


async def test_a_file_that_changed_is_read_again_before_it_is_quoted(sample):
    async with answering(sample) as (answers, _):
        file = sample / CARRIERS
        before = file.read_text()
        file.write_text("# a new line\n" * 30 + before.replace("A random share", "A FRESH share"))
        text = text_of(await answers.search("call_with_retry"))
        assert f"{CARRIERS}:41-54 call_with_retry (changed since it was indexed)" in text
        assert "A FRESH share" in text
        assert "A random share" not in text


async def test_a_deleted_file_is_not_returned(sample):
    async with answering(sample) as (answers, _):
        (sample / CARRIERS).unlink()
        answer = await answers.search("call_with_retry")
        assert CARRIERS not in {place.path for place in answer.packed.places}
        with pytest.raises(SettingsError, match="is not a file"):
            await answers.expand(CARRIERS)


async def test_another_folder_is_refused(sample, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    async with answering(sample) as (answers, _):
        for name in (str(other), "other", "/"):
            with pytest.raises(SettingsError, match=f"It serves: {sample}"):
                await answers.search("retry", root=name)
        with pytest.raises(SettingsError, match="belongs to no repository that is served"):
            await answers.add_root(str(other))
        with pytest.raises(SettingsError, match="is outside"):
            await answers.expand(str(other / "file.py"))


async def test_a_worktree_answers_for_itself(sample, git, tmp_path):
    git(sample, "init")
    git(sample, "add", ".")
    git(sample, "commit", "-qm", "Everything")
    tree = tmp_path / "feature"
    git(sample, "worktree", "add", "-q", "-b", "feature", str(tree))
    (tree / CARRIERS).write_text("def only_in_the_worktree():\n    return 1\n")
    git(tree, "commit", "-qam", "Change")
    async with answering(sample, watch=False) as (answers, engine):
        await answers.add_root(str(tree))
        await engine.index()
        name = "only_in_the_worktree"
        own = await answers.search(name, root="feature")
        assert own.packed.places[0].symbol == name
        assert git(tree, "rev-parse", "HEAD").startswith(own.identity.revision)
        main = await answers.search(name)
        assert name not in {place.symbol for place in main.packed.places}
        assert name not in text_of(main)
        assert git(sample, "rev-parse", "HEAD").startswith(main.identity.revision)
        assert [root.name for root in answers.identities.roots] == [sample.name, "feature"]
        assert "0 definitions, 0 uses in 0 files" in text_of(await answers.references(name))


PASSWORD = "hunter2hunter2"
KEY = "\n".join(["MIIEpAIBAAKCAQEA7bq3" + "Zx0kQvN8rT2wLmYc" * 3 + str(n % 10) for n in range(60)])


async def test_secrets_are_not_quoted(sample):
    (sample / "zebra.py").write_text(f'def connect_zebra():\n    password = "{PASSWORD}"\n    return password\n')
    (sample / "zebra.txt").write_text(
        f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\nzebramiddle\n{KEY}\n-----END RSA PRIVATE KEY-----\n"
    )
    async with answering(sample) as (answers, _):
        shown = [
            await answers.search("connect_zebra"),
            await answers.search("zebramiddle zebra.txt"),
            await answers.expand("zebra.py", 1),
            await answers.expand("zebra.txt", 60, 70),
            await answers.related("zebra.py", 1),
            await answers.references("password"),
        ]
        for answer in shown:
            assert PASSWORD not in text_of(answer)
            assert "Zx0kQvN8rT2wLmYc" not in text_of(answer)
        assert "<secret>" in text_of(shown[0])
        (sample / "zebra.py").write_text(f'def connect_zebra():\n    token = "ghp_{"a1B2" * 9}"\n')
        assert "a1B2a1B2" not in text_of(await answers.search("connect_zebra"))


async def test_near_duplicates_are_folded(sample):
    body = "".join(f"    total += price * {number}\n" for number in range(8))
    for name in ("one", "two", "three"):
        (sample / f"copy_{name}.py").write_text(f"def add_all(price):\n    total = 0\n{body}    return total\n")
    async with answering(sample) as (answers, _):
        answer = await answers.search("add_all")
        (kept,) = [place for place in answer.packed.places if place.path.startswith("copy_")]
        assert len(kept.alike) == 2
        assert "and 2 like it: copy_" in text_of(answer)
        assert text_of(answer).count("total += price * 3") == 1


async def test_a_cancelled_call_stops_and_the_next_one_is_answered(sample):
    async with answering(sample) as (answers, _):
        for wait in (0.0, 0.001, 0.01):
            task = asyncio.create_task(answers.search("where is the retry logic?"))
            await asyncio.sleep(wait)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.done()
        assert (await answers.search("call_with_retry")).packed.places[0].path == CARRIERS


async def test_many_calls_at_once(sample):
    async with answering(sample) as (answers, _):
        alone = text_of(await answers.search("call_with_retry"))
        calls = [
            *(answers.search("call_with_retry") for _ in range(32)),
            *(answers.expand(CARRIERS, 14) for _ in range(16)),
            *(answers.related(CARRIERS, 14, budget=Budget(500)) for _ in range(8)),
            *(answers.references("call_with_retry") for _ in range(8)),
        ]
        found = await asyncio.gather(*calls)
        assert len(found) == 64
        assert {text_of(answer) for answer in found[:32]} == {alone}
        assert len({text_of(answer) for answer in found[32:48]}) == 1


WORDS = [
    "retry",
    "parcel",
    "label",
    "Carrier",
    "http://",
    "def",
    "class",
    "(",
    ")",
    '"',
    "'",
    "path:",
    "lang:go",
    "kind:commit",
    "-path:x",
    "at:HEAD",
    "call_with_retry",
    "two_opt",
    "äöü",
    "日本",
    "\u202e",
    "\x00",
    "[a-z]+",
    "QuietHours.java:12",
    "symbol:class",
    "author:",
    "after:soon",
]


async def test_random_queries_are_never_over_their_budget(sample):
    order = random.Random(1)
    async with answering(sample) as (answers, _):
        answered = 0
        for _ in range(300):
            query = " ".join(order.choices(WORDS, k=order.randint(1, 30)))
            budget = Budget(order.choice((200, 500, 2_000)), order.choice(("places", "lines", "full")))
            try:
                answer = await answers.search(query, budget=budget)
            except CodekinError:
                continue
            answered += 1
            assert count_tokens(text_of(answer)) <= budget.max_tokens
            assert agent_answer_shape(answer)["tokens"] <= budget.max_tokens
        assert answered > 250


async def test_references_are_definitions_and_uses_in_code(sample):
    (sample / "uses.py").write_text(
        "from a import call_with_retry_later\ncall_with_retry()\nCall_With_Retry = 1\n# call_with_retry\n"
    )
    async with answering(sample) as (answers, _):
        answer = await answers.references("call_with_retry")
        lines = text_of(answer).splitlines()
        assert lines[1].startswith("call_with_retry: 1 definition, ")
        assert lines[1].endswith("matched by name, not by type.")
        assert any(line.startswith(f"{CARRIERS}:11 call_with_retry (definition)") for line in lines[:5])
        places = [(place.where, place.role) for place in answer.packed.places]
        assert ("uses.py:2", "") in places
        assert ("uses.py:4", "comment or string") in places
        assert places.index(("uses.py:4", "comment or string")) > places.index(("uses.py:2", ""))
        assert not {"uses.py:1", "uses.py:3"} & {where for where, _ in places}
        qualified = await answers.references("parcelpost.carriers.call_with_retry")
        assert [place.where for place in qualified.packed.places] == [where for where, _ in places]


async def test_a_name_is_taken_from_a_call_and_a_wrong_one_has_suggestions(sample):
    async with answering(sample) as (answers, _):
        called = text_of(await answers.references("call_with_retry(request, attempts=3)"))
        assert called == text_of(await answers.references("call_with_retry"))
        wrong = text_of(await answers.references("Call_With_Retry"))
        assert wrong.splitlines()[-1] == "To fix: pass the name as it is written, such as call_with_retry."
        assert "To fix: check the spelling" in text_of(await answers.references("qqzzxxjj"))


async def test_paths_may_have_backslashes_or_be_absolute(sample):
    async with answering(sample) as (answers, _):
        expected = text_of(await answers.expand(CARRIERS, 14))
        for path in (CARRIERS.replace("/", "\\"), str(sample / CARRIERS), f"./{CARRIERS}"):
            assert text_of(await answers.expand(path, 14)) == expected


async def test_a_query_without_text_and_filters_is_refused(sample):
    async with answering(sample) as (answers, _):
        with pytest.raises(SettingsError, match="The query is empty"):
            await answers.ask(SearchRequest(" "))
        assert (await answers.ask(SearchRequest("", filters=Filters(languages=("go",))))).packed.places


async def test_each_root_has_its_own_number_of_files(sample, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.py").write_text("x = 1\n")
    async with answering(sample, other) as (answers, engine):
        assert text_of(await answers.search("x", root="other")).splitlines()[0].endswith("index current, 1 file")
        first = text_of(await answers.search("x")).splitlines()[0]
        assert first.endswith(f"index current, {engine.status().files - 1} files")


async def test_references_of_one_root_count_that_root_alone(sample, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.py").write_text("def call_with_retry(): ...\n" * 3)
    async with answering(sample, other) as (answers, _):
        text = text_of(await answers.references("call_with_retry", root="other"))
        assert "call_with_retry: 3 definitions, 0 uses in 1 file" in text
        assert "call_with_retry: 1 definition, " in text_of(await answers.references("call_with_retry"))
