"""A worktree of an indexed repository: its index is made from the other one, and is its own."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from codekin.chunking import CHUNKER_VERSION
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine.stores import stored_columns
from codekin.engine.stores.location import location_of
from codekin.engine.stores.seeding import seed
from support.engines import open_engine
from support.git.repository import init_repository

QUERIES = ("where is the retry logic?", "rate limit", "class Session", "quote_cents")
CHANGED = "api/parcelpost/pricing.py"


@pytest.fixture(autouse=True)
def columns_for_small_indexes(monkeypatch):
    monkeypatch.setattr(stored_columns, "LEAST_FILES", 1)


@pytest.fixture
async def other(sample, git, tmp_path):
    """A second worktree of the sample, which is indexed."""
    init_repository(sample, "first")
    async with open_engine(sample) as engine:
        await engine.index()
    folder = tmp_path / "other"
    git(sample, "worktree", "add", "-q", "--detach", str(folder))
    return folder


async def indexed(root, **settings):
    """Index a folder; return the report and what the queries find."""
    async with open_engine(root, **settings) as engine:
        report = await engine.index()
        return report, await found(engine)


async def found(engine):
    answers = [await engine.search(SearchRequest(query, 20)) for query in QUERIES]
    return [[(item.path, item.start_line, item.score) for item in answer.results] for answer in answers]


def directory_of(root, **settings):
    return location_of(load_config({"embedder": "hashing", **settings}), root).directory


def segments(root):
    return {path.name: path for path in directory_of(root).rglob("*.segment")}


def nothing_was_read(report):
    return (report.embedded, report.reused) == (0, 0)


async def test_nothing_is_chunked_and_segments_are_shared(sample, other, tmp_path):
    report, answers = await indexed(other)
    assert nothing_was_read(report)
    assert report.files > 25
    assert answers == (await indexed(other, home=str(tmp_path / "fresh")))[1]
    mine, known = segments(other), segments(sample)
    assert mine.keys() == known.keys()
    assert [path.stat().st_ino for path in mine.values()] == [known[name].stat().st_ino for name in mine]


async def test_what_differs_is_read(sample, other, git, tmp_path):
    (other / CHANGED).write_text("def another_price(session):\n    return session.rate_limit\n")
    (other / "added.py").write_text("def limit_rate_of_retries(session):\n    return session\n")
    git(other, "rm", "-q", "api/parcelpost/carriers.py")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "second")
    report, answers = await indexed(other)
    assert 0 < report.embedded < 20
    fresh, expected = await indexed(other, home=str(tmp_path / "fresh"))
    assert (answers, report.files, report.chunks) == (expected, fresh.files, fresh.chunks)


async def test_each_index_is_its_own(sample, other):
    _, before = await indexed(other)
    async with open_engine(sample) as engine:
        await engine.clear()
    assert (await indexed(other))[1] == before
    shutil.rmtree(directory_of(sample))
    report, answers = await indexed(other)
    assert nothing_was_read(report)
    assert answers == before


async def test_damage_of_a_shared_segment_is_mended_in_both(sample, other):
    _, before = await indexed(other)
    (vectors,) = (path for path in directory_of(other).rglob("*.segment") if "vectors" in path.parts)
    with vectors.open("rb+") as file:
        file.seek(vectors.stat().st_size // 2)
        file.write(b"\xff" * 8)
    for root in (other, sample):
        report, answers = await indexed(root)
        assert not nothing_was_read(report)
        assert answers == before


@pytest.mark.parametrize("left", ["staged", "moved", "moved with a journal"])
async def test_a_process_killed_while_making_it_costs_nothing(other, left):
    """Whatever was left without metadata is replaced."""
    directory = directory_of(other)
    target = directory / "seed.partial" if left == "staged" else directory
    (target / "lexical").mkdir(parents=True)
    (target / "lexical/0000000009-0.segment").write_bytes(b"not complete")
    (target / "vectors/flat-hashing-256").mkdir(parents=True)
    (target / "files.columns").write_bytes(b"not complete")
    if left == "moved with a journal":
        (directory / "metadata.sqlite3-wal").write_bytes(b"\x37\x7f\x06\x82" * 1_000)
    report, _ = await indexed(other)
    assert nothing_was_read(report)
    assert not (directory / "seed.partial").exists()
    assert len(list((directory / "lexical").glob("*.segment"))) == 1


@pytest.mark.parametrize("why", ["another chunker", "another model", "another schema", "corrupt", "a link"])
async def test_an_index_that_is_not_the_same_is_not_used(sample, other, why, tmp_path):
    directory = directory_of(sample)
    required = {"chunker": CHUNKER_VERSION}
    if why == "another chunker":
        required = {"chunker": "0"}
    elif why == "another model":
        required = {"serving": "another"}
    elif why == "another schema":
        database = directory / "metadata.sqlite3"
        database.write_bytes(database.read_bytes()[:60] + (2).to_bytes(4, "big") + database.read_bytes()[64:])
    elif why == "corrupt":
        (directory / "metadata.sqlite3").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    else:
        (directory / "link").symlink_to(tmp_path)
    location = location_of(load_config({"embedder": "hashing"}), other)
    assert not seed(load_config(), location, required=required, kept=())
    assert not (location.directory / "seed.partial").exists()
    assert not (location.directory / "lexical").exists()


async def test_metadata_that_another_process_created_is_kept(other):
    async with open_engine(other, metadata="sqlite"):
        location = location_of(load_config(), other)
        assert not seed(load_config(), location, required={}, kept=())


async def test_another_repository_is_not_used(sample, other, git, tmp_path):
    shutil.copytree(other, copy := tmp_path / "copy", ignore=shutil.ignore_patterns(".git"))
    init_repository(copy, "first")
    report, _ = await indexed(copy)
    assert report.embedded > 50


async def test_quarantined_and_pending_facts_stay_with_their_folder(sample, other):
    """What the other index says of its own folder says nothing about this one."""
    async with open_engine(other) as engine:
        facts = [
            await engine.roots.all()[0].index.parts.metadata.store.get_meta(name)
            for name in ("pending", "scanned_with")
        ]
    assert facts == [None, None]


async def test_touched_files_are_read_and_nothing_else(sample):
    async with open_engine(sample) as engine:
        await engine.index()
        before = await found(engine)
        for path in sample.rglob("*.py"):
            os.utime(path, (1_000_000_000, 1_000_000_000))
        assert nothing_was_read(await engine.index())
        assert await found(engine) == before
        record = engine.roots.all()[0].index.catalog.record(CHANGED)
    async with open_engine(sample) as engine:
        assert engine.roots.all()[0].index.catalog.record(CHANGED) == replace(record)


_OPENING = """
import asyncio, sys
from pathlib import Path
from codekin.config import load_config
from codekin.engine import Engine

async def main():
    print("begin", flush=True)
    engine = await Engine.open(load_config({"embedder": "hashing"}), [Path(sys.argv[1])], watch=False)
    await engine.index()
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_killed_at_twenty_moments(other, tmp_path):
    rng = random.Random(0)
    for _ in range(20):
        process = subprocess.Popen([sys.executable, "-c", _OPENING, str(other)], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"begin\n"
        time.sleep(rng.uniform(0, 0.2))  # the moment itself is what is random here
        process.kill()
        process.communicate()
        if rng.random() < 0.5:
            shutil.rmtree(directory_of(other))
    report, answers = await indexed(other)
    assert report.embedded == 0
    assert answers == (await indexed(other, home=str(tmp_path / "fresh")))[1]
