"""The columns beside the metadata: the same answers, whatever happens to them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from codekin.domain.search import SearchRequest
from codekin.engine.stores import stored_columns
from support.engines import open_engine

QUERIES = ("where is the retry logic?", "rate limit", "class Session")


@pytest.fixture(autouse=True)
def columns_for_small_indexes(monkeypatch):
    monkeypatch.setattr(stored_columns, "LEAST_FILES", 1)


async def answers(root, home, *, index=True):
    async with open_engine(root, home=str(home)) as engine:
        report = await engine.index() if index else None
        found = [await engine.search(SearchRequest(query, 20)) for query in QUERIES]
        return report, [[(item.path, item.start_line, item.score) for item in answer.results] for answer in found]


def files_of(home):
    return sorted(home.rglob("*.columns"))


async def test_opening_reads_what_changed_since(sample, tmp_path):
    home = tmp_path / "home"
    _, first = await answers(sample, home)
    assert [path.name for path in files_of(home)] == ["files.columns", "records.columns"]
    report, again = await answers(sample, home)
    assert again == first
    assert report.embedded == 0
    (sample / "added.py").write_text("def limit_rate_of_retries(session):\n    return session\n")
    _, changed = await answers(sample, home)
    _, fresh = await answers(sample, tmp_path / "fresh")
    assert changed == fresh != first


@pytest.mark.parametrize("harm", ["missing", "flipped", "truncated", "one of two", "another index"])
async def test_harm_costs_nothing_but_time(sample, tmp_path, harm):
    home = tmp_path / "home"
    _, first = await answers(sample, home)
    files, records = files_of(home)
    data = files.read_bytes()
    if harm == "flipped":
        files.write_bytes(data[:-900] + bytes([data[-900] ^ 1]) + data[-899:])
    elif harm == "truncated":
        files.write_bytes(data[: len(data) // 2])
    elif harm == "another index":
        await answers(sample, tmp_path / "other")
        for mine, other in zip(files_of(home), files_of(tmp_path / "other"), strict=True):
            mine.write_bytes(other.read_bytes())
    else:
        files.unlink()
        if harm == "missing":
            records.unlink()
    report, again = await answers(sample, home)
    assert again == first
    assert (report.embedded, report.reused) == (0, 0)
    assert len(files_of(home)) == 2


async def test_metadata_that_lost_transactions_is_believed(sample, tmp_path):
    """A power cut may take transactions, but not the columns that were written after them."""
    home = tmp_path / "home"
    await answers(sample, home)
    (database,) = home.rglob("metadata.sqlite3")
    before = database.read_bytes()
    (sample / "added.py").write_text("def limit_rate_of_retries(session):\n    return session\n")
    await answers(sample, home)
    database.write_bytes(before)
    (sample / "added.py").unlink()
    _, again = await answers(sample, home, index=False)
    assert not any(path == "added.py" for found in again for path, *_ in found)


async def test_an_emptied_index_has_no_columns(sample, tmp_path):
    async with open_engine(sample, home=str(tmp_path)) as engine:
        await engine.index()
        await engine.clear()
    async with open_engine(sample, home=str(tmp_path)) as engine:
        assert engine.status().files == 0


async def test_pruned_tombstones_make_everything_be_read(sample, tmp_path):
    _, first = await answers(sample, tmp_path)
    (database,) = tmp_path.rglob("metadata.sqlite3")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT OR REPLACE INTO facts VALUES ('tombstones.pruned', '1000000')")
        connection.commit()
    assert (await answers(sample, tmp_path))[1] == first
