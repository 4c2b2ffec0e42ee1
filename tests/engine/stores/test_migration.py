"""Migration of an index in use: killed anywhere, continued, rolled back."""

from __future__ import annotations

import asyncio
import json
import time

import numpy as np
import pytest
from benchmarks.synthetic import make_workspace
from benchmarks.vector_stores.migration import journey

from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.embedding import open_embedder
from codekin.engine.admin.migration import PHASES, Migration
from codekin.engine.stores.location import location_of
from codekin.engine.stores.selection import StoreRecord, read_record
from codekin.engine.stores.vector_space import open_named
from codekin.errors import SettingsError
from support import servers
from support.commands import run_codekin
from support.engines import open_engine
from support.places import SAMPLE
from support.waiting import until

TARGETS = ["sqlite-vec", "pgvector", "redis", "elasticsearch", "elasticsearch-hnsw", "faiss", "lancedb", "chroma"]
CONFIG = {"embedder": "hashing"}
PATIENCE_S = 60
JOURNEY_ROWS = 2_000


def codekin(*arguments):
    done = run_codekin(*arguments, CODEKIN_EMBEDDER="hashing")
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def migration(root):
    return Migration(load_config(CONFIG), root, lambda *_: None)


async def paths(engine, query="retry after a failure"):
    response = await engine.search(SearchRequest(query, mode="semantic"))
    return [(item.path, item.start_line, round(item.score, 4)) for item in response.results]


def held(root, name):
    """(keys, rows) of one of the index's stores, looked at from outside."""
    config = load_config(CONFIG)
    model = open_embedder("hashing")
    store = open_named(location_of(config, root), model, name, writable=False).store
    try:
        return store.keys(), store.get(store.keys())[1]
    finally:
        store.close()


@pytest.mark.slow
@pytest.mark.parametrize("backend", TARGETS, indirect=True)
async def test_an_index_in_use_moves_and_goes_back(sample, backend):
    async with open_engine(sample, watch=True) as engine:
        await engine.index()
        before = await paths(engine)
        report = await asyncio.to_thread(migration(sample).migrate, "flat", backend, "backfill")
        assert (report.active, report.mirror) == ("flat", "")
        assert report.changed > 50
        assert await paths(engine) == before

        await asyncio.to_thread(migration(sample).migrate, "flat", backend, "dual-write")
        assert engine.status().stores["vectors"].active == "flat"
        # The migration waits until the writer has said that it follows, which shows in the status a
        # moment later.
        await until(lambda: f"every change is also written to {backend}" in engine.status().stores["vectors"].why)
        (sample / "api" / "fresh.py").write_text("def entirely_new_function():\n    return 'quokka'\n")
        await engine.files_changed([sample / "api" / "fresh.py"])
        for (keys, rows), (other_keys, other_rows) in [(held(sample, "flat"), held(sample, backend))]:
            assert np.array_equal(keys, other_keys)
            assert np.array_equal(rows, other_rows)

        before = await paths(engine)
        moving = asyncio.create_task(asyncio.to_thread(migration(sample).migrate, "flat", backend))
        while not moving.done():
            assert await paths(engine) == before
        report = await moving
        assert report.comparison.passed
        assert report.comparison.overlap == 1
        assert (report.active, report.mirror) == (backend, "flat")
        while engine.status().stores["vectors"].active == "flat":
            assert await paths(engine) == before
        assert await paths(engine) == before
        assert engine.status().computed == 0 or (await engine.index()).embedded == 0

        (sample / "api" / "later.py").write_text("def another_function():\n    return 'wombat'\n")
        await engine.files_changed([sample / "api" / "later.py"])
        after = await paths(engine)
        await asyncio.to_thread(migration(sample).rollback)
        await until(lambda: engine.status().stores["vectors"].active == "flat")
        assert await paths(engine) == after
        assert (await engine.index()).embedded == 0


@pytest.mark.slow
async def test_a_store_that_cannot_follow_is_brought_up_to_date_later(sample, monkeypatch):
    with servers.redis() as (server, url):
        monkeypatch.setenv("CODEKIN_REDIS_URL", url)
        async with open_engine(sample) as engine:
            await engine.index()
        await asyncio.to_thread(migration(sample).migrate, "flat", "redis", "dual-write")
        async with open_engine(sample) as engine:
            assert not engine.status().reasons
            server.stop()
            (sample / "api" / "fresh.py").write_text("def entirely_new_function():\n    return 'quokka'\n")
            await engine.index()
            best = await engine.search(SearchRequest("quokka"))
            assert best.results[0].path == "api/fresh.py"
            assert any("redis is behind" in reason for reason in engine.status().reasons)
            server.start()
            deadline = time.monotonic() + PATIENCE_S
            while engine.status().reasons:  # tried again with a change, after a while
                assert time.monotonic() < deadline
                (sample / "api" / "later.py").write_text(f"LATER = {time.monotonic()}\n")
                await engine.files_changed([sample / "api" / "later.py"])
        (keys, rows), (other_keys, other_rows) = held(sample, "flat"), held(sample, "redis")
        assert np.array_equal(keys, other_keys)
        assert np.array_equal(rows, other_rows)


@pytest.mark.slow
async def test_the_way_back_from_a_store_that_was_not_followed(sample):
    """Rows missing from the old store are copied, not embedded; the new one answers meanwhile."""
    async with open_engine(sample) as engine:
        await engine.index()
    assert codekin("store", "migrate", sample, "--from", "flat", "--to", "sqlite-vec")[0] == 0
    assert codekin("store", "finish", sample)[0] == 0
    (sample / "api" / "fresh.py").write_text("def entirely_new_function():\n    return 'quokka'\n")
    async with open_engine(sample) as engine:
        assert engine.status().stores["vectors"].why.startswith("moved to")
        assert (await engine.index()).embedded == 3  # two for the file, and its folder
        expected = await paths(engine)
    code, said, _ = codekin("store", "migrate", sample, "--from", "sqlite-vec", "--to", "flat", "--json")
    assert code == 0
    assert json.loads(said)["changed"] == 3
    async with open_engine(sample) as engine:
        assert await paths(engine) == expected
        assert (await engine.index()).embedded == 0


def test_what_cannot_be_moved_is_refused_in_words(sample, monkeypatch):
    moving = migration(sample)
    with pytest.raises(SettingsError, match="Choose one of: auto, chroma"):
        moving.migrate("flat", "nonsense")
    with pytest.raises(SettingsError, match="it is in flat"):
        moving.migrate("faiss", "sqlite-vec")
    with pytest.raises(SettingsError, match="no migration to roll back"):
        moving.rollback()
    monkeypatch.setenv("CODEKIN_VECTORS", "faiss")
    with pytest.raises(SettingsError, match="CODEKIN_VECTORS"):
        Migration(load_config(CONFIG), sample, print)
    code, _, said = codekin("store", "migrate", sample, "--from", "faiss", "--to", "flat")
    assert code == 2
    assert "Unset it" in said


def filled(root, count):
    """A flat store with this many rows, beside an index without files."""
    config, model = load_config(CONFIG), open_embedder("hashing")
    rows = np.random.default_rng(0).standard_normal((count, model.dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    keys = np.random.default_rng(1).choice(2**62, count, replace=False).astype(np.int64)
    store = open_named(location_of(config, root), model, "flat", writable=True).store
    store.add(keys, rows)
    store.close()
    order = np.argsort(keys)
    return keys[order], rows[order]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_an_index_survives_a_journey_through_all_stores_with_a_kill_at_each_step(
    tmp_path, home, postgres, redis, monkeypatch
):
    """`python -m benchmarks migration` is the same with 50,000 rows and a kill in every phase."""
    monkeypatch.setenv("CODEKIN_POSTGRES_URL", postgres)
    monkeypatch.setenv("CODEKIN_REDIS_URL", redis)
    make_workspace(SAMPLE, tmp_path / "workspace", JOURNEY_ROWS)
    report = await journey(tmp_path / "workspace", home, kills=1)
    assert report["rows"] > JOURNEY_ROWS / 2
    assert report["vectors_identical"]
    assert (report["overlap"], report["embedded"], report["reasons"]) == (1.0, 0, [])
    for step in report["steps"]:
        assert set(step["kills"].values()) <= {"killed", "done before"}
        assert step["compared"]["rows"] == report["rows"]
        assert step["rollback_restored"] == dict.fromkeys(PHASES, True)
        assert step["same_answers_after"]
        assert step["searches_with_other_answers"] == 0
        assert step["searches"] > 20
    assert "killed" in [how for step in report["steps"] for how in step["kills"].values()]


@pytest.mark.slow
def test_stores_that_differ_are_not_switched(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEKIN_EMBEDDER", "hashing")
    keys, rows = filled(tmp_path, 500)
    moving = migration(tmp_path)
    moving.migrate("flat", "sqlite-vec", "dual-write")
    store = open_named(
        location_of(load_config(CONFIG), tmp_path), open_embedder("hashing"), "sqlite-vec", writable=True
    ).store
    store.add(keys[:3], rows[3:6])
    store.close()
    code, said, _ = codekin("store", "migrate", tmp_path, "--from", "flat", "--to", "sqlite-vec", "--json")
    report = json.loads(said)
    assert code == 1
    assert (report["passed"], report["comparison"]["different"], report["active"]) == (False, 3, "flat")
    assert codekin("store", "rollback", tmp_path)[0] == 0
    assert read_record(location_of(load_config(CONFIG), tmp_path)) == StoreRecord("flat")


def vectors_of(engine):
    return engine.status().stores["vectors"]


@pytest.mark.parametrize("how", ["environment", "file", "settings"])
async def test_writing_to_two_stores_and_comparing_them_needs_no_migration(sample, monkeypatch, how):
    settings = {}
    if how == "environment":
        monkeypatch.setenv("CODEKIN_DUAL_WRITE", "faiss")
        monkeypatch.setenv("CODEKIN_COMPARE", "1")
    elif how == "file":
        file = location_of(load_config(CONFIG), sample).directory / "stores.json"
        file.write_text('{"active": "flat", "mirror": "faiss", "compare": true}')
    else:
        settings = {"dualWrite": "faiss", "compare": True}
    async with open_engine(sample, **settings) as engine:
        await engine.index()
        count = len(held(sample, "flat")[0])
        assert "every change is also written to faiss" in vectors_of(engine).why
        assert f"compared with faiss: {count} rows, overlap 1.000" in vectors_of(engine).why
        assert engine.status().reasons == ()
    (keys, rows), (other_keys, other_rows) = held(sample, "flat"), held(sample, "faiss")
    assert np.array_equal(keys, other_keys)
    assert np.array_equal(rows, other_rows)


async def test_stores_that_came_to_differ_are_told_of(sample):
    async with open_engine(sample, dualWrite="sqlite-vec", compare=True) as engine:
        await engine.index()
        other = open_named(
            location_of(load_config(CONFIG), sample), open_embedder("hashing"), "sqlite-vec", writable=True
        ).store
        keys = other.keys()
        other.add(keys[:2], other.get(keys[2:4])[1])
        other.close()
        await engine.index()
        (reason,) = engine.status().reasons
        assert reason.startswith("sqlite-vec is out of sync")
        assert "2 different" in reason
        assert "compared" not in vectors_of(engine).why


@pytest.mark.parametrize(("name", "said"), [("nonsense", 'store "nonsense"'), ("flat", "CODEKIN_DUAL_WRITE")])
async def test_a_second_store_that_cannot_be_one_is_refused_in_words(sample, name, said):
    with pytest.raises(SettingsError, match=said):
        async with open_engine(sample, dualWrite=name):
            pass


def test_settings_that_a_migration_could_not_change_stop_it(sample, monkeypatch):
    monkeypatch.setenv("CODEKIN_DUAL_WRITE", "faiss")
    with pytest.raises(SettingsError, match="CODEKIN_DUAL_WRITE"):
        Migration(load_config(CONFIG), sample, print)
    monkeypatch.setenv("CODEKIN_COMPARE", "perhaps")
    with pytest.raises(SettingsError, match='CODEKIN_COMPARE cannot be "perhaps": expected on or off'):
        load_config(CONFIG)
