"""A corrupt metadata file is quarantined and rebuilt from the files; nothing is embedded again."""

from __future__ import annotations

import sqlite3

import pytest

from codekin.domain.values import Changes, FileRecord, Node, NodeKind
from codekin.errors import IndexDamagedError
from codekin.storage.metadata.registry import open_metadata
from codekin.storage.metadata.sqlite_file import FILE
from support.earlier.schema import to_schema_3
from support.engines import engine_opener, open_engine
from support.waiting import until


async def indexed(root):
    async with open_engine(root, metadata="sqlite") as engine:
        return await engine.index()


def page_of(path, name):
    """(first byte, size) of the first page of a table or index."""
    connection = sqlite3.connect(path)
    try:
        ((size,),) = connection.execute("PRAGMA page_size")
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
    finally:
        connection.close()
    return (page - 1) * size, size


def overwrite(path, start, data):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


@pytest.mark.parametrize("name", ["files", "files_generation", "sqlite_autoindex_files_1", "skipped"])
async def test_damaged_page_costs_no_embedding(sample, home, name):
    first = await indexed(sample)
    (path,) = home.rglob(FILE)
    start, size = page_of(path, name)
    overwrite(path, start, b"\xa5" * size)
    async with open_engine(sample, metadata="sqlite") as engine:
        assert any("quarantined as metadata.sqlite3.corrupt" in reason for reason in engine.status().reasons)
        assert engine.status().stores["metadata"].active == "sqlite"
        assert not engine.coverage().complete
        report = await engine.index()
        assert (report.embedded, report.files, report.chunks) == (0, first.files, first.chunks)
        assert engine.coverage().complete
    assert path.with_name(f"{FILE}.corrupt").exists()
    async with open_engine(sample, metadata="sqlite") as engine:
        assert not engine.status().reasons
        assert engine.status().files == first.files


@pytest.mark.parametrize(
    "statement", ["nodes = x'c1'", "nodes = nodes || x'00'", "nodes = 'nonsense'", "language = CAST(x'ff' AS TEXT)"]
)
async def test_row_that_is_no_record_costs_no_embedding(sample, home, statement):
    """Only the content of a valid page is damaged: loading detects it, SQLite's check does not."""
    first = await indexed(sample)
    (path,) = home.rglob(FILE)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"UPDATE files SET {statement} WHERE rowid = 2")
    connection.close()
    async with open_engine(sample, metadata="sqlite") as engine:
        assert any("quarantined" in reason for reason in engine.status().reasons)
        report = await engine.index()
        assert (report.embedded, report.files) == (0, first.files)


async def test_damage_under_a_running_writer_is_mended(sample, home):
    """Another process overwrites all pages but the first; a pass repairs it, readers follow."""
    async with engine_opener(metadata="sqlite") as opened:
        engine = await opened(sample)
        first = await engine.index()
        follower = await opened(sample, watch=True)
        (path,) = home.rglob(FILE)
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        overwrite(path, 4096, b"\xa5" * (path.stat().st_size - 4096))
        (sample / "added.py").write_text("def added():\n    return 1\n")
        report = await engine.index()
        assert report.files == first.files + 1
        assert report.embedded < 5
        assert any("quarantined" in reason for reason in engine.status().reasons)
        await until(lambda: follower.status().files == first.files + 1, lambda: follower.status().reasons)
        assert not follower.status().writer


async def test_removed_index_is_made_anew_by_a_running_writer(sample, home):
    async with open_engine(sample, metadata="sqlite") as engine:
        first = await engine.index()
        for part in home.rglob(f"{FILE}*"):
            part.unlink()
        assert (await engine.index()).files == first.files
    assert (await indexed(sample)).files == first.files


async def test_reader_never_quarantines(tmp_path):
    writer = await open_metadata(tmp_path, "auto")
    nodes = tuple(Node(key, NodeKind.CODE, 0, 1) for key in range(500))
    await writer.store.apply(Changes((FileRecord("a.py", "python", 1, 1, b"x" * 16, nodes),)))
    await writer.store.close()
    path = tmp_path / FILE
    overwrite(path, page_of(path, "files")[0], b"\xa5" * 4096)
    reader = await open_metadata(tmp_path, "auto", read_only=True)
    with pytest.raises(IndexDamagedError, match="corrupt"):
        await reader.store.load()
    await reader.store.close()
    assert not (tmp_path / f"{FILE}.corrupt").exists()
    overwrite(path, 0, b"no database")
    with pytest.raises(IndexDamagedError):
        await open_metadata(tmp_path, "auto", read_only=True)
    assert not (tmp_path / f"{FILE}.corrupt").exists()


async def test_index_of_an_earlier_version_is_read_anew_without_embedding(sample, home):
    first = await indexed(sample)
    (path,) = home.rglob(FILE)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("CREATE TABLE nodes (file, place); PRAGMA user_version = 1")
    connection.close()
    async with open_engine(sample, metadata="sqlite") as engine:
        assert any("written by an earlier version" in reason for reason in engine.status().reasons)
        assert not engine.coverage().complete
        report = await engine.index()
        assert (report.embedded, report.files, report.chunks) == (0, first.files, first.chunks)
    assert not path.with_name(f"{FILE}.corrupt").exists()


async def test_nodes_of_the_schema_before_are_compressed_without_embedding(sample, home):
    first = await indexed(sample)
    (path,) = home.rglob(FILE)
    to_schema_3(path)
    async with open_engine(sample, metadata="sqlite") as engine:
        assert engine.coverage().complete
        report = await engine.index()
        assert (report.embedded, report.chunks) == (0, first.chunks)
    store = (await open_metadata(path.parent, "sqlite")).store
    assert not store.outdated
    await store.close()
