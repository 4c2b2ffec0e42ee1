"""The engine on every vector store: same answers, no repeated embedding, correct status."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import weakref

import pytest

from codekin.config import load_config
from codekin.domain.search import Filters, SearchRequest
from codekin.engine.stores import retired_stores
from codekin.engine.stores.location import location_of
from codekin.engine.stores.selection import StoreRecord, write_record
from codekin.searching import search
from codekin.storage.segment_file import open_segment
from codekin.storage.vectors import binary_codes
from support import servers
from support.commands import run_codekin
from support.engines import open_engine, open_indexed
from support.waiting import until

QUERIES = (
    SearchRequest("where is the retry logic?"),
    SearchRequest("limit requests of one client", mode="semantic"),
    SearchRequest("distance between two stops", filters=Filters(languages=("rust", "go"))),
    SearchRequest("label", mode="semantic", filters=Filters(paths=("api/**",))),
)


async def answers(engine):
    found = []
    for request in QUERIES:
        response = await engine.search(request)
        found.append([(item.path, item.symbol, round(item.score, 3)) for item in response.results])
    return found


@pytest.mark.slow
async def test_every_store_gives_the_same_answers(sample, backend, home):
    async with open_engine(sample, embedder="static") as engine:
        await engine.index()
        expected = await answers(engine)
    async with open_engine(sample, embedder="static", vectors=backend, home=str(home / "other")) as engine:
        first = await engine.index()
        assert first.embedded > 50
        assert await answers(engine) == expected
        status = engine.status().stores["vectors"]
        assert status.active == backend
        assert status.why.startswith("chosen by setting")
        (sample / "api" / "fresh.py").write_text("def entirely_new_function():\n    return 'quokka'\n")
        (sample / "api" / "parcelpost" / "labels.py").unlink()
        assert (await engine.index()).embedded == 4  # two for the file, and the folders that gained and lost one
        async with open_engine(sample, embedder="static", vectors=backend, home=str(home / "other")) as follower:
            assert not follower.status().writer
            changed = await answers(engine)
            assert await answers(follower) == changed
            assert changed != expected
    async with open_engine(sample, embedder="static", vectors=backend, home=str(home / "other")) as engine:
        assert (await engine.index()).embedded == 0
        assert await answers(engine) == changed
        best = await engine.search(SearchRequest("quokka"))
        assert best.results[0].path == "api/fresh.py"
        assert (await engine.index(rebuild=True)).embedded > 50
        assert await answers(engine) == changed


@pytest.mark.slow
async def test_a_change_of_store_embeds_nothing(sample, backend):
    """The old store answers while the new one is filled from it."""
    async with open_engine(sample) as engine:
        await engine.index()
        expected = await answers(engine)
    async with open_engine(sample, vectors=backend) as engine:
        assert await answers(engine) == expected
        if backend != "flat":
            assert engine.status().stores["vectors"].active == "flat"
            assert any(f"answers until {backend} is filled" in reason for reason in engine.status().reasons)
        assert (await engine.index()).embedded == 0
        assert engine.status().stores["vectors"].active == backend
        assert await answers(engine) == expected
        (sample / "api" / "fresh.py").write_text("def entirely_new_function():\n    return 'quokka'\n")
        assert (await engine.index()).embedded == 3  # two for the file, and its folder
    async with open_engine(sample) as engine:  # and back
        assert (await engine.index()).embedded == 0
        assert (await engine.search(SearchRequest("quokka"))).results[0].path == "api/fresh.py"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pgvector", "redis"])
async def test_a_server_that_dies_while_an_index_is_filled(sample, monkeypatch, name):
    """Nothing is embedded twice, searches keep working, and the server has every row in the end."""
    variable, start = servers.OF_STORES[name]
    for number in range(300):
        (sample / "api" / f"made_{number}.py").write_text(f"def made_{number}():\n    return 'number {number}'\n")
    with start() as (server, url):
        monkeypatch.setenv(variable, url)
        async with open_engine(sample) as engine:
            expected = (await engine.index()).embedded
        async with open_engine(sample, vectors=name, home=str(sample.parent / "other")) as engine:
            indexing = asyncio.create_task(engine.index())
            await until(lambda: engine.status().chunks > 50)
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            assert (await indexing).embedded == expected
            answered = await answers(engine)
            assert all(answered[:2])
            status = engine.status()
            assert status.state == "degraded"
            assert any(f"{name} does not answer" in reason and "To fix: " in reason for reason in status.reasons)
        async with open_engine(sample, vectors=name, home=str(sample.parent / "other")) as engine:
            (sample / "api" / "fresh.py").write_text("def entirely_new_function():\n    return 'quokka'\n")
            assert (await engine.index()).embedded == 3  # two for the file, and its folder
            assert engine.status().state == "degraded"
            server.start()
            await until(lambda: engine.status().state == "ready")
            assert (await engine.search(SearchRequest("quokka"))).results[0].path == "api/fresh.py"
            (sample / "api" / "fresh.py").unlink()
            await engine.index()
            assert await answers(engine) == answered
            vectors = engine.views()[0].backing.vectors
            await until(lambda: len(vectors._remote) == len(vectors._copy))
            assert (await engine.index()).embedded == 0


def asked(views):
    """What `answers` finds, on views that were taken earlier."""
    found = [search(views, request) for request in QUERIES]
    return [[(item.path, item.symbol, round(item.score, 3)) for item in results] for results in found]


async def test_a_search_that_began_before_a_move_finishes_on_the_stores_that_were_left(sample):
    place = location_of(load_config({"embedder": "hashing"}), sample)
    async with open_engine(sample) as engine:
        await engine.index()
        served, expected, begun = engine._roots.get(sample).index, await answers(engine), []
        for store in ("sqlite-vec", "faiss", "flat"):
            begun.append(engine.views())
            write_record(place, StoreRecord(store))
            assert await served.follow_move()
            begun.append(engine.views())  # of the old store, which answers until the new one is filled
            await engine.index()
            assert engine.status().stores["vectors"].active == store
        assert [asked(views) for views in begun] == [expected] * len(begun)


async def test_stores_that_were_left_are_let_go(sample, monkeypatch):
    monkeypatch.setattr(retired_stores, "LONGEST_SEARCH_S", 0.01)
    place = location_of(load_config({"embedder": "hashing"}), sample)
    async with open_engine(sample) as engine:
        await engine.index()
        served = engine._roots.get(sample).index
        left = [weakref.ref(served.parts.serving.vectors), weakref.ref(served.parts.lexical)]
        for store in ("sqlite-vec", "flat"):
            write_record(place, StoreRecord(store))
            assert await served.follow_move()
            await engine.index()
            left.append(weakref.ref(served.parts.serving.vectors))
        await until(lambda: gc.collect() >= 0 and all(store() is None for store in left[:-1]))
        assert left[-1]() is served.parts.serving.vectors
        await answers(engine)


async def test_a_search_that_began_before_a_process_became_the_writer_finishes(sample):
    async with contextlib.AsyncExitStack() as stack:
        async with open_engine(sample) as writer:
            await writer.index()
            expected = await answers(writer)
            reader = await stack.enter_async_context(open_engine(sample))
            begun = reader.views()
        await reader.index()
        assert reader.status().writer
        assert asked(begun) == expected


def test_the_command_line_says_which_store_is_in_use(sample):
    done = run_codekin("status", sample, CODEKIN_VECTORS="sqlite-vec")
    assert "sqlite-vec" in done.stdout
    assert "through the Python module" in run_codekin("doctor", sample, CODEKIN_VECTORS="sqlite-vec").stdout


@pytest.mark.parametrize(
    ("vectors", "environment", "said"),
    [
        ("pgvector", {}, "CODEKIN_POSTGRES_URL"),
        ("pgvector", {"CODEKIN_POSTGRES_URL": "postgresql://ann:hidden@127.0.0.1:9/x"}, "Could not use PostgreSQL"),
        ("redis", {"CODEKIN_REDIS_URL": "redis://ann:hidden@127.0.0.1:9/0"}, "redis://ann@127.0.0.1:9/0"),
        ("elasticsearch", {"CODEKIN_ELASTICSEARCH_URL": "http://ann:hidden@127.0.0.1:9"}, "http://ann@127.0.0.1:9"),
        ("chroma", {"CODEKIN_CHROMA_URL": "http://127.0.0.1:9"}, "Chroma at http://127.0.0.1:9"),
        ("nonsense", {}, "Choose one of: auto, chroma"),
    ],
)
def test_a_store_that_cannot_be_used_is_an_error_in_words(sample, vectors, environment, said):
    done = run_codekin("index", sample, CODEKIN_VECTORS=vectors, **environment)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr + done.stdout


async def test_large_segments_of_an_earlier_version_are_rewritten_without_embedding(sample, home, monkeypatch):
    async def best(engine):
        return [found[0][:2] for found in await answers(engine)]

    async with open_indexed(sample, embedder="static") as engine:
        expected = await best(engine)
    for file in home.glob("indexes/*/vectors/**/*"):
        if file.is_file():
            data = bytearray(file.read_bytes())
            data[4] = 1  # the version of the format
            file.write_bytes(data)
    monkeypatch.setattr(binary_codes, "TWO_STAGE_ROWS", 10)
    async with open_engine(sample, embedder="static") as engine:
        parts = engine._roots.get(sample).index.parts
        assert parts.outdated
        assert await best(engine) == expected
        assert (await engine.index()).embedded == 0
        assert not parts.outdated
        assert await best(engine) == expected
    (segment,) = home.glob("indexes/*/vectors/**/*.segment")
    assert open_segment(segment).fields["dtype"] == "|i1"
