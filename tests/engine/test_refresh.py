"""A command brings a large index up to date by comparing times, and finds what a pass would."""

from __future__ import annotations

import pytest

from codekin.domain.search import SearchRequest
from codekin.engine.passes import quick_refresh
from support.engines import open_engine, until_ready


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch):
    monkeypatch.setattr(quick_refresh, "LEAST_FILES", 1)


async def changes(engine, root):
    index = engine._roots.get(root).index
    return await quick_refresh.changes_since_pass(index)


async def paths_for(engine, query):
    return [item.path for item in (await engine.search(SearchRequest(query, 5, "literal"))).results]


async def test_changes_are_found_without_a_pass(sample):
    async with open_engine(sample) as engine:
        await engine.refresh()
        assert await changes(engine, sample) == ()
    (sample / "added.py").write_text("def weigh_a_quokka():\n    return 1\n")
    async with open_engine(sample) as engine:
        assert await changes(engine, sample) == ("added.py",)
        await engine.refresh()
        assert await paths_for(engine, "weigh_a_quokka") == ["added.py"]
        assert await changes(engine, sample) == ()
        (sample / "added.py").unlink()
        (sample / "folder").mkdir()
        (sample / "folder/other.py").write_text("def weigh_a_numbat():\n    return 1\n")
        await engine.refresh()
        assert await paths_for(engine, "weigh_a_quokka") == []
        assert await paths_for(engine, "weigh_a_numbat") == ["folder/other.py"]
        assert engine.status().coverage.complete


async def test_other_settings_need_a_pass(sample):
    async with open_engine(sample) as engine:
        await engine.refresh()
    async with open_engine(sample, exclude=["api"]) as engine:
        assert await changes(engine, sample) is None
        await engine.refresh()
        assert not any(path.startswith("api/") for path in await paths_for(engine, "def "))


async def test_an_unfinished_index_needs_a_pass(sample):
    async with open_engine(sample) as engine:
        assert await changes(engine, sample) is None
        await engine.refresh()
        index = engine._roots.get(sample).index
        await index.parts.record_pending(3)
    async with open_engine(sample) as engine:
        assert await changes(engine, sample) is None


async def test_a_server_that_reopens_an_index_finds_what_changed_meanwhile(sample):
    async with open_engine(sample) as engine:
        await engine.index()
    (sample / "added.py").write_text("def weigh_a_quokka():\n    return 1\n")
    (sample / "api/parcelpost/pricing.py").unlink()
    async with open_engine(sample, watch=True) as engine:
        await until_ready(engine)
        assert await paths_for(engine, "weigh_a_quokka") == ["added.py"]
        assert await paths_for(engine, "def quote_cents") == []
        (sample / "later.py").write_text("def weigh_a_numbat():\n    return 1\n")
        await until_ready(engine, also=lambda: engine.status().files == len(list(sample.rglob("*.*"))) - 2)
        assert await paths_for(engine, "weigh_a_numbat") == ["later.py"]


async def test_a_server_that_reopens_an_index_reads_changed_ignore_files(sample):
    async with open_engine(sample) as engine:
        await engine.index()
    (sample / ".codekinignore").write_text("api/\n")
    async with open_engine(sample, watch=True) as engine:
        await until_ready(engine)
        assert not any(path.startswith("api/") for path in await paths_for(engine, "def "))
