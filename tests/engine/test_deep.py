"""The deep tier: a second model embeds everything once, and searches use what is available."""

from __future__ import annotations

import pytest

from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.errors import IndexUnavailableError, SettingsError
from codekin.searching.snapshot.path_traits import DEMOTED, traits
from support.engines import open_engine, search_paths
from support.git.repository import init_repository
from support.waiting import until


async def complete(engine):
    await until(lambda: engine.coverage().complete and engine.status().deep.state == "complete")


async def test_fills_behind_the_index_and_keeps_up(sample):
    async with open_engine(sample, embedder="static", deep="hashing", watch=True) as engine:
        await complete(engine)
        deep = engine.status().deep
        assert (deep.model, deep.covered) == ("hashing-1", deep.total)
        assert deep.total > 50
        assert engine._deep_model.computed == deep.total
        (sample / "api/parcelpost/customs.py").write_text(
            "def declare_customs_value(parcel):\n    return parcel.value\n"
        )
        await until(lambda: engine.status().deep.total > deep.total)
        await complete(engine)
        assert engine._deep_model.computed <= deep.total + 3
    async with open_engine(sample, embedder="static", deep="hashing", watch=True) as engine:
        await complete(engine)
        assert engine._deep_model.computed == 0


async def test_goes_on_where_it_was_interrupted(sample):
    async with open_engine(sample, embedder="static", deep="hashing", watch=True) as engine:
        await until(lambda: engine._deep_model.computed > 10)
    first = engine._deep_model.computed
    async with open_engine(sample, embedder="static", deep="hashing", watch=True) as engine:
        await complete(engine)
        # Texts that were being embedded when the engine closed may have to be embedded again: one
        # unit.
        assert first + engine._deep_model.computed <= engine.status().deep.total + engine._deep_model.unit


async def test_a_rename_and_a_second_worktree_embed_nothing(sample, git, tmp_path):
    init_repository(sample, "first")
    async with open_engine(sample, embedder="static", deep="hashing") as engine:
        await engine.index()
        await engine.deepen()
        made = engine._deep_model.computed
        (sample / "api/parcelpost/carriers.py").rename(sample / "api/parcelpost/hauliers.py")
        await engine.index()
        await engine.deepen()
        assert engine._deep_model.computed == made + 1  # the node that stands for the file holds its path
    git(sample, "worktree", "add", "-q", str(tmp_path / "other"), "HEAD")
    async with open_engine(tmp_path / "other", embedder="static", deep="hashing") as engine:
        await engine.index()
        await engine.deepen()
        assert engine._deep_model.computed == 0
        assert engine.status().deep.state == "complete"


async def test_most_used_files_come_first_then_code_then_small_ones(sample):
    async with open_engine(sample, embedder="static", deep="hashing") as engine:
        await engine.index()
        backfill = engine._roots.all()[0].backfill
        files = await backfill._pending_files()
        is_code = [not any(traits(path)[DEMOTED]) for path in files]
        assert is_code == sorted(is_code, reverse=True)
        sizes = [(sample / path).stat().st_size for path, code in zip(files, is_code, strict=True) if code]
        assert sizes == sorted(sizes)
        await engine.search(SearchRequest("call_with_retry", limit=1))
        assert (await backfill._pending_files())[0] == "api/parcelpost/carriers.py"


async def test_search_uses_what_is_there_and_says_how_much(sample):
    query = SearchRequest("where is the retry logic?", limit=200, mode="semantic")
    async with open_engine(sample, embedder="hashing", deep="static") as engine:
        await engine.index()
        before = await engine.search(query)
        assert any("has embedded 0 of" in reason for reason in before.reasons)
        assert before.results
        await engine.deepen()
        after = await engine.search(query)
        assert not after.reasons
        assert [item.score for item in after.results] != [item.score for item in before.results]
        wanted = ("api/parcelpost/carriers.py", "call_with_retry")
        ranks = [[(item.path, item.symbol) for item in answer.results].index(wanted) for answer in (before, after)]
        assert ranks[1] < max(ranks[0], 3)


async def test_waits_while_something_is_asked(sample):
    async with open_engine(sample, embedder="static", deep="hashing", watch=True) as engine:
        with engine._deep_model.request():
            await until(lambda: engine.coverage().complete and engine.status().deep.state == "filling")
            before = engine._deep_model.computed
            for _ in range(20):
                await engine.search(SearchRequest("retry"))
            assert engine._deep_model.computed == before
        await complete(engine)
        await engine.pause()
        (sample / "api/parcelpost/customs.py").write_text("def declare():\n    return 1\n")
        await engine.resume()
        await complete(engine)


async def test_a_follower_sees_what_the_writer_fills_in(sample):
    async with open_engine(sample, embedder="static", deep="hashing") as writer:
        await writer.index()
        async with open_engine(sample, embedder="static", deep="hashing", watch=True) as follower:
            assert not follower.status().writer
            with pytest.raises(IndexUnavailableError, match="Another process"):
                await follower.deepen()
            await writer.deepen()
            await complete(follower)
        assert follower._deep_model.computed == 0


async def test_clearing_empties_it_and_the_next_pass_fills_it(sample):
    async with open_engine(sample, embedder="static", deep="hashing") as engine:
        await engine.index()
        await engine.deepen()
        await engine.clear()
        assert engine.status().deep.covered == 0
        await engine.index()
        await engine.deepen()
        assert engine.status().deep.state == "complete"


async def test_a_model_that_is_not_there_is_a_reason_and_no_failure(sample):
    async with open_engine(sample, embedder="static", deep="sentence-transformers:nobody/has-this") as engine:
        await engine.index()
        status = engine.status()
        assert (status.deep.state, status.state) == ("failed", "degraded")
        assert any("nobody/has-this" in reason for reason in status.reasons)
        assert await search_paths(engine, "retry")


async def test_off_by_default_and_refused_when_asked_for(sample):
    async with open_engine(sample) as engine:
        assert engine.status().deep.state == "off"
        with pytest.raises(SettingsError, match="CODEKIN_DEEP"):
            await engine.deepen()
    with pytest.raises(SettingsError, match="deepBudget"):
        load_config({"deepBudget": 0.0})
    assert Engine(load_config({"deepBudget": 1.0}), background=False)._deep_model.unit >= 8


async def test_by_default_a_server_uses_the_model_where_it_is_installed(sample, monkeypatch):
    monkeypatch.setattr("codekin.engine.deep.model._DEEP", "hashing")
    monkeypatch.setattr("codekin.engine.deep.model.has_deep_model", lambda: True)
    monkeypatch.setattr("codekin.engine.deep.model.deep_model_name", lambda: "hashing-1")
    async with open_engine(sample, embedder="static", deep="auto") as engine:
        await engine.index()
        assert engine.status().deep.state == "off", "a command that works alone does not fill"
        assert engine.status().deep.installed
    async with open_engine(sample, embedder="static", deep="auto", watch=True) as engine:
        await complete(engine)
        assert engine.status().deep.model == "hashing-1"
    async with open_engine(sample, embedder="static", deep="auto") as engine:
        assert engine.status().deep.state == "complete", "but it uses what is there"
        found = await engine.explain(SearchRequest("retry the label"), sample / "api/parcelpost/carriers.py")
        assert "deep model (best part)" in found.parts
    monkeypatch.setattr("codekin.engine.deep.model.has_deep_model", lambda: False)
    async with open_engine(sample, embedder="static", deep="auto", watch=True) as engine:
        await until(lambda: engine.coverage().complete)
        assert engine.status().deep.state == "off"
        assert not engine.status().deep.installed


async def test_by_default_it_is_not_loaded_if_memory_is_low(sample, monkeypatch):
    monkeypatch.setattr("codekin.engine.deep.model.has_deep_model", lambda: True)
    monkeypatch.setattr("codekin.engine.deep.model._LEAST_MEMORY", 1 << 60)
    async with open_engine(sample, embedder="static", deep="auto", watch=True) as engine:
        await until(lambda: engine.status().deep.state == "failed")
        assert any("MiB of memory is available" in reason and "To fix" in reason for reason in engine.status().reasons)


async def test_by_default_it_stops_if_it_would_take_hours(sample, monkeypatch):
    monkeypatch.setattr("codekin.engine.deep.model._DEEP", "hashing")
    monkeypatch.setattr("codekin.engine.deep.model.has_deep_model", lambda: True)
    monkeypatch.setattr("codekin.engine.deep.model._FEWEST_MEASURED", 16)
    monkeypatch.setattr("codekin.engine.deep.backfill._LONGEST_S", 0.0)
    async with open_engine(sample, embedder="static", deep="auto", watch=True) as engine:
        await until(lambda: any("The deep tier has stopped" in reason for reason in engine.status().reasons))
        deep = engine.status().deep
        assert 0 < deep.covered < deep.total or engine._deep_model.computed < deep.total
    async with open_engine(sample, embedder="static", deep="hashing", watch=True) as engine:
        await complete(engine)


async def test_the_remaining_time_is_known_once_the_speed_is(sample, monkeypatch):
    monkeypatch.setattr("codekin.engine.deep.model._FEWEST_MEASURED", 16)
    async with open_engine(sample, embedder="static", deep="hashing") as engine:
        await engine.index()
        assert engine.status().deep.remaining_s is None
        await engine.deepen()
        assert engine.status().deep.remaining_s is None, "nothing remains"
        (sample / "api/parcelpost/customs.py").write_text("def declare_customs_value():\n    return 1\n")
        await engine.index()
        assert engine.status().deep.state == "filling"
        assert engine.status().deep.remaining_s > 0
