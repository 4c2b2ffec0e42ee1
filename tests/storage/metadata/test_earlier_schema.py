"""Metadata of the schema before this one is read as it is, and compressed by `compact`."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from codekin.domain.values import Changes, Definition, FileRecord, Node, NodeKind
from codekin.errors import IndexUnavailableError
from codekin.storage import pack_nodes
from codekin.storage.metadata import sqlite
from codekin.storage.metadata.registry import open_metadata
from codekin.storage.metadata.sqlite_file import FILE
from support.earlier.schema import to_schema_3

FILES = 30


def record(number, nodes=40):
    defined = (Definition(f"name_{number}", "function", 3),)
    of_file = tuple(Node(1_000 * number + at, NodeKind.CODE, at, at + 1, f"s{at}", "", defined) for at in range(nodes))
    return FileRecord(f"f{number:02}.py", "python", 9, 9, b"x" * 16, of_file)


@pytest.fixture
async def earlier(tmp_path):
    """Return (folder, what its metadata contains) of an index of schema 3."""
    store = (await open_metadata(tmp_path, "sqlite")).store
    for number in range(FILES):
        await store.apply(Changes((record(number),)))
    loaded = await store.load()
    await store.close()
    to_schema_3(tmp_path / FILE)
    return tmp_path, loaded


def stored_bytes(folder):
    with closing(sqlite3.connect(folder / FILE)) as connection:
        return connection.execute("SELECT sum(length(nodes)) FROM files").fetchone()[0]


async def test_it_is_read_and_compressed(earlier, monkeypatch):
    monkeypatch.setattr(sqlite, "_ROWS_AT_A_TIME", 7)
    folder, loaded = earlier
    before = stored_bytes(folder)
    assert before == sum(len(pack_nodes(item.nodes).data) for item in loaded[1])
    store = (await open_metadata(folder, "sqlite")).store
    assert store.outdated
    assert await store.load() == loaded
    await store.compact()
    assert not store.outdated
    assert await store.load() == loaded
    await store.close()
    assert stored_bytes(folder) < before / 2
    again = await open_metadata(folder, "sqlite")
    assert not again.store.outdated
    assert not again.damage
    assert await again.store.load() == loaded
    await again.store.close()


async def test_readers_read_it_without_changing_it(earlier):
    folder, loaded = earlier
    reader = (await open_metadata(folder, "sqlite", read_only=True)).store
    assert await reader.load() == loaded
    assert not reader.outdated
    writer = (await open_metadata(folder, "sqlite")).store
    await writer.apply(Changes((record(1, nodes=50),)))
    await writer.compact()
    assert await reader.load() == await writer.load()
    await reader.close()
    await writer.close()


async def test_it_goes_on_after_it_was_interrupted(earlier, monkeypatch):
    monkeypatch.setattr(sqlite, "_ROWS_AT_A_TIME", 7)
    folder, loaded = earlier
    before = stored_bytes(folder)
    store = (await open_metadata(folder, "sqlite")).store
    await store._compress(1, 12)
    await store.close()
    assert stored_bytes(folder) < before
    with pytest.raises(IndexUnavailableError):
        await store.compact()
    again = (await open_metadata(folder, "sqlite")).store
    assert again.outdated
    assert await again.load() == loaded
    await again.compact()
    assert await again.load() == loaded
    assert not again.outdated
    await again.close()


async def test_a_damaged_row_is_damage(earlier):
    folder, _ = earlier
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE files SET nodes = substr(nodes, 1, length(nodes) - 1) WHERE rowid = 5")
    store = (await open_metadata(folder, "sqlite")).store
    with pytest.raises(IndexUnavailableError, match="corrupt"):
        await store.compact()
    await store.close()
    again = await open_metadata(folder, "sqlite")
    assert "rebuilt from the files" in again.damage
    await again.store.close()
