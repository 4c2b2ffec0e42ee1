"""Files that were found intact are not read again, until they change or a day has passed."""

from __future__ import annotations

import os
import sqlite3

import numpy as np
import pytest

from codekin.domain.values import Changes, FileRecord
from codekin.storage import CheckedFiles, checked_files, open_metadata
from codekin.storage.vectors.flat import FlatIndex
from support.rows import unit

_ROWS, _DIM = 300, 64


@pytest.fixture(autouse=True)
def small_files_are_recorded(monkeypatch):
    monkeypatch.setattr(checked_files, "LEAST_BYTES", 1)


@pytest.fixture
def a_day_later(monkeypatch):
    """A function after whose call everything was checked more than a day ago."""
    return lambda: monkeypatch.setattr(checked_files, "VALID_S", 0.0)


def opened(path):
    return FlatIndex.open(path, dim=_DIM, embedder="m", writable=True)


def rows_in(path):
    store = opened(path)
    found = store.contains(np.arange(_ROWS)).sum()
    store.close()
    return found


@pytest.fixture
def segment(tmp_path):
    store = opened(tmp_path)
    store.add(np.arange(_ROWS), unit(np.random.default_rng(3), _ROWS, _DIM))
    store.close()
    (path,) = tmp_path.glob("*.segment")
    return path


def damage(path, at, *, notice):
    """Overwrite bytes, as a program does, or as a drive does, which changes no time."""
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * 64)
    if not notice:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_a_program_changed_is_read_at_once(segment):
    damage(segment, segment.stat().st_size // 3, notice=True)
    assert rows_in(segment.parent) < _ROWS


def test_what_a_drive_changed_is_found_within_a_day(segment, a_day_later):
    damage(segment, segment.stat().st_size // 3, notice=False)
    assert rows_in(segment.parent) == _ROWS
    a_day_later()
    assert rows_in(segment.parent) < _ROWS


@pytest.mark.parametrize("record", [None, b"", b"\x81\xa1a\xc0", b"\x93\x01\x02\x03", b"\xff" * 40])
def test_without_a_record_everything_is_read(segment, record):
    path = segment.with_name("CHECKED")
    path.unlink()
    if record is not None:
        path.write_bytes(record)
    damage(segment, segment.stat().st_size // 3, notice=False)
    assert rows_in(segment.parent) < _ROWS


def test_damage_is_never_recorded_as_intact(segment):
    damage(segment, segment.stat().st_size // 3, notice=True)
    first = rows_in(segment.parent)
    assert rows_in(segment.parent) == first < _ROWS


def test_small_files_are_not_recorded(segment, monkeypatch):
    monkeypatch.setattr(checked_files, "LEAST_BYTES", segment.stat().st_size + 1)
    record = CheckedFiles(segment.with_name("other"))
    record.note(segment)
    assert not record.covers(segment)


async def written(directory, *paths):
    """Write metadata, and return what was found at the opening."""
    metadata = await open_metadata(directory, "sqlite")
    await metadata.store.apply(Changes(written=tuple(FileRecord(path, "c", 1, 1, b"d") for path in paths)))
    await metadata.store.close()
    return metadata.damage


async def test_metadata_is_read_again_after_a_day_or_another_program(tmp_path, a_day_later):
    assert not await written(tmp_path, *(f"{number:03}.c" for number in range(500)))
    database = tmp_path / "metadata.sqlite3"
    damage(database, database.stat().st_size - 4_096, notice=False)
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",)
    connection.close()
    assert not await written(tmp_path)
    a_day_later()
    assert "corrupt" in await written(tmp_path, "a.c")
    assert not await written(tmp_path, *(f"{number:03}.c" for number in range(500)))
    damage(database, database.stat().st_size - 4_096, notice=True)
    assert "corrupt" in await written(tmp_path, "a.c")


async def test_metadata_of_a_killed_process_is_read_again(tmp_path):
    """Its journal is still there, or was applied after the file was recorded."""
    await written(tmp_path, *(f"{number:03}.c" for number in range(500)))
    metadata = await open_metadata(tmp_path, "sqlite")
    await metadata.store.apply(Changes(written=(FileRecord("last.c", "c", 1, 1, b"d"),)))
    killed = tmp_path / "killed"
    killed.mkdir()
    for path in tmp_path.glob("metadata.sqlite3*"):
        (killed / path.name).write_bytes(path.read_bytes())
    await metadata.store.close()
    database = killed / "metadata.sqlite3"
    connection = sqlite3.connect(tmp_path / "metadata.sqlite3")
    ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'files'")
    connection.close()
    damage(database, (page - 1) * 4_096, notice=False)
    assert "corrupt" in await written(killed, "a.c")
