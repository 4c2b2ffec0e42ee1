"""Metadata, vectors and postings are compared, and what is missing comes back."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from codekin.domain.search import SearchRequest
from codekin.errors import IndexUnavailableError
from codekin.storage import LexicalIndex, open_vectors
from support.commands import run_codekin
from support.engines import open_engine
from support.git.repository import init_repository


async def compared(engine):
    (report,) = await engine.compare()
    return report


def stores_of(home):
    """(vectors, postings) of the only index, opened behind the engine's back."""
    (directory,) = (home / "indexes").iterdir()
    (vectors,) = (directory / "vectors").iterdir()
    opened = open_vectors("flat", vectors, dim=256, embedder="hashing-1", writable=True)
    return opened.store, LexicalIndex.open(directory / "lexical", writable=True)


def lose(store, share):
    """Deletes every `share`-th row; returns how many."""
    keys = store.keys()[::share]
    store.delete(keys)
    store.close()
    return len(keys)


@pytest.mark.parametrize("metadata", ["sqlite", "memory"])
async def test_a_fresh_index_is_in_step(sample, metadata):
    async with open_engine(sample, metadata=metadata) as engine:
        indexed = await engine.index()
        report = await compared(engine)
    assert report.in_step
    assert report.files == indexed.files
    assert report.vectors == report.lexical
    assert (report.vectors.stored, report.vectors.missing, report.vectors.orphaned) == (report.chunks, 0, 0)
    assert report.incomplete == ()
    assert (report.versions.model, report.versions.dim, report.versions.store) == ("hashing-1", 256, "flat")


async def test_an_empty_index_is_in_step(tmp_path):
    async with open_engine(tmp_path) as engine:
        report = await compared(engine)
    assert report.in_step
    assert (report.files, report.chunks) == (0, 0)


@pytest.mark.parametrize("metadata", ["sqlite", "memory"])
async def test_lost_vectors_are_named_and_embedded_again_alone(sample, home, metadata):
    async with open_engine(sample, metadata=metadata) as engine:
        await engine.index()
        before = await engine.search(SearchRequest("retry"))
    vectors, lexical = stores_of(home)
    lexical.close()
    lost = lose(vectors, 5)
    async with open_engine(sample, metadata=metadata) as engine:
        report = await compared(engine)
        assert not report.in_step
        assert (report.vectors.missing, report.lexical.missing) == (lost, 0)
        assert 0 < len(report.incomplete) <= lost
        assert (await compared(engine)).vectors == report.vectors, "comparing changes nothing"
        (repaired,) = await engine.repair()
        assert repaired.in_step
        assert engine.status().computed == lost
        after = await engine.search(SearchRequest("retry"))
    assert [r.score for r in after.results] == pytest.approx([r.score for r in before.results])


async def test_lost_postings_come_back_without_embedding(sample, home):
    async with open_engine(sample) as engine:
        await engine.index()
    vectors, lexical = stores_of(home)
    vectors.close()
    lost = lose(lexical, 3)
    async with open_engine(sample) as engine:
        report = await compared(engine)
        assert (report.vectors.missing, report.lexical.missing) == (0, lost)
        (repaired,) = await engine.repair()
        assert repaired.in_step
        assert engine.status().computed == 0


async def test_what_is_lost_while_the_writer_runs_comes_back_too(sample):
    async with open_engine(sample) as engine:
        await engine.index()
        (opened_root,) = engine._roots.all()
        store = opened_root.index.parts.target.vectors
        gone = store.keys()[:7]
        store.delete(gone)
        assert (await compared(engine)).vectors.missing == 7
        assert (await engine.index()).embedded == 0, "an ordinary pass looks at the files, not at the stores"
        (repaired,) = await engine.repair()
        assert repaired.in_step
        assert np.isin(gone, store.keys()).all()
        assert engine.coverage().complete


async def test_lost_commits_and_folders_come_back_too(sample):
    init_repository(sample, "Parcels are weighed twice")
    async with open_engine(sample) as engine:
        await engine.index()
        (opened_root,) = engine._roots.all()
        assert opened_root.index.record_catalog.records
        store = opened_root.index.parts.target.vectors
        everything = store.keys()
        store.delete(everything)
        assert (await compared(engine)).vectors.missing == len(everything)
        (repaired,) = await engine.repair()
        assert repaired.in_step
        assert len(store) == len(everything)


async def test_content_that_is_gone_is_unnamed_and_no_fault(sample):
    async with open_engine(sample) as engine:
        await engine.index()
        before = await compared(engine)
        (sample / "api/parcelpost/carriers.py").unlink()
        await engine.index()
        report = await compared(engine)
    assert report.in_step
    assert report.vectors == report.lexical
    assert report.vectors.orphaned == report.vectors.stored - report.chunks
    assert report.vectors.orphaned >= before.chunks - report.chunks > 0
    assert report.vectors.stored >= before.vectors.stored


def set_fact(home, name, value):
    (file,) = home.glob("indexes/*/metadata.sqlite3")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE facts SET value = ? WHERE name = ?", (value, name))


async def test_an_older_chunker_is_remembered_until_all_files_are_cut_anew(sample, home):
    async with open_engine(sample) as engine:
        await engine.index()
    set_fact(home, "chunker", "0")
    for _ in range(2):  # a process that only looks must not make the next one believe that all is well
        async with open_engine(sample) as engine:
            report = await compared(engine)
            assert not report.in_step
            assert report.versions.chunker_recorded == "0"
            assert not engine.coverage().complete
    async with open_engine(sample) as engine:
        (repaired,) = await engine.repair()
        assert repaired.in_step
        assert engine.status().computed == 0
    async with open_engine(sample) as engine:
        assert (await compared(engine)).in_step
        assert engine.coverage().complete


async def test_a_model_that_is_not_complete_is_not_in_step(sample):
    async with open_engine(sample, embedder="static") as engine:
        await engine.index()
    async with open_engine(sample, embedder="hashing") as engine:
        report = await compared(engine)
        assert not report.in_step
        assert report.versions.model.startswith("codekin-static")
        assert report.versions.building.startswith("hashing-1")
        assert report.vectors.missing == report.chunks
        (repaired,) = await engine.repair()
        assert repaired.in_step
        assert (repaired.versions.model, repaired.versions.building) == ("hashing-1", "")


async def test_a_reader_compares_and_leaves_repairing_to_the_writer(sample):
    async with open_engine(sample) as writer, open_engine(sample) as reader:
        await writer.index()
        report = await compared(reader)
        assert report.in_step
        assert report.files > 25
        with pytest.raises(IndexUnavailableError, match=f"process {os.getpid()}"):
            await reader.repair()
    with pytest.raises(IndexUnavailableError):
        await writer.compare()


async def test_the_command_and_its_exit_status(sample, home):
    def sync(*arguments):
        return run_codekin("store", "sync", sample, *arguments, CODEKIN_EMBEDDER="hashing")

    async with open_engine(sample) as engine:
        await engine.index()
        done = sync("--fix")
        assert (done.returncode, done.stderr) == (0, ""), "nothing to repair, so nobody to wait for"
    done = sync("--json")
    assert done.returncode == 0
    whole = json.loads(done.stdout)
    assert (whole["in_step"], whole["incomplete"], whole["embedded"]) == (True, [], 0)
    vectors, lexical = stores_of(home)
    lexical.close()
    lost = lose(vectors, 2)
    done = sync("--check", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["vectors"] == {"stored": whole["chunks"] - lost, "missing": lost, "unnamed": 0}
    assert 0 < len(report["incomplete"]) <= min(20, report["incomplete_files"])
    done = sync()
    assert done.returncode == 1
    assert f"{lost:,} missing" in done.stdout
    assert "--fix" in done.stderr
    done = sync("--fix", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {**whole, "embedded": lost, "took_ms": json.loads(done.stdout)["took_ms"]}
    assert sync("--mend").returncode == 2
    async with open_engine(sample) as engine:
        (opened_root,) = engine._roots.all()
        opened_root.index.parts.target.vectors.delete(opened_root.index.parts.target.vectors.keys()[:1])
        done = sync("--fix")
        assert (done.returncode, done.stdout) == (2, "")
        assert "written by process" in done.stderr
