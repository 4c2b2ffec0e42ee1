"""Several processes, several tasks and cancelled tasks on one metadata store."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from codekin.domain.values import Changes, FileRecord
from codekin.errors import IndexUnavailableError
from codekin.storage.metadata import sqlite_file
from codekin.storage.metadata.registry import METADATA_STORES, open_metadata

PROCESSES, RACES = 5, 8
RACER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from codekin.storage.metadata import sqlite as metadata_sqlite
    from codekin.storage.metadata.registry import open_metadata

    async def main():
        print("ready", flush=True)
        for line in sys.stdin:
            directory = Path(line.strip())
            opened = await open_metadata(directory, "auto", read_only=sys.argv[1] == "reader")
            print(opened.store.active, await opened.store.generation(), flush=True)
            await opened.store.close()

    asyncio.run(main())
    """
)


def changes(path):
    return Changes((FileRecord(path, "python", 1, 1, b"x" * 16),))


@pytest.fixture(params=sorted(METADATA_STORES))
def kind(request):
    return request.param


def test_racing_first_opens_all_get_sqlite(tmp_path):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, role], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        for role in ("writer", *["reader"] * (PROCESSES - 1))
    ]
    assert [racer.stdout.readline() for racer in racers] == ["ready\n"] * PROCESSES
    for race in range(RACES):
        directory = tmp_path / str(race)
        directory.mkdir()
        for racer in racers:
            racer.stdin.write(f"{directory}\n")
        assert [racer.stdout.readline() for racer in racers] == ["sqlite 0\n"] * PROCESSES
    for racer in racers:
        racer.communicate()


@pytest.mark.parametrize("read_only", [False, True])
async def test_locked_file_is_an_error_and_never_the_memory_store(tmp_path, monkeypatch, read_only):
    monkeypatch.setattr(sqlite_file, "_BUSY_TIMEOUT_S", 0.1)
    holder = sqlite3.connect(tmp_path / sqlite_file.FILE, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(IndexUnavailableError, match="locked by another process"):
            await open_metadata(tmp_path, "auto", read_only=read_only)
    finally:
        holder.close()
    opened = await open_metadata(tmp_path, "auto", read_only=read_only)
    assert opened.store.active == "sqlite"
    await opened.store.close()


async def test_tasks_share_a_store(kind, tmp_path):
    store = (await open_metadata(tmp_path, kind)).store

    async def work(number):
        generation = await store.apply(changes(f"{number}.py"))
        await store.set_meta(str(number), "x")
        known, files, _ = await store.load()
        assert known >= generation
        assert len(files) == known
        assert await store.get_meta(str(number)) == "x"
        return generation

    try:
        assert sorted(await asyncio.gather(*map(work, range(20)))) == list(range(1, 21))
    finally:
        await store.close()
    again = (await open_metadata(tmp_path, kind)).store
    assert [item.path for item in (await again.load())[1]] == sorted(f"{number}.py" for number in range(20))
    assert await again.generation() == 20
    await again.close()


async def test_cancelled_at_any_moment_a_store_goes_on(kind, tmp_path):
    """A cancelled change is applied completely or not at all, and acknowledged changes persist."""
    store = (await open_metadata(tmp_path, kind)).store
    try:
        for moment in range(40):
            task = asyncio.create_task(store.apply(changes(f"maybe{moment}.py")))
            for _ in range(moment):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            before = await store.generation()
            assert await store.apply(changes(f"sure{moment}.py")) > before
            reading = asyncio.create_task(store.load())
            await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        known = await store.load()
        assert known[0] == len(known[1])
        assert {f"sure{moment}.py" for moment in range(40)} <= {item.path for item in known[1]}
    finally:
        await store.close()
    again = (await open_metadata(tmp_path, kind)).store
    assert await again.load() == known
    await again.close()


async def test_closed_store_says_so(kind, tmp_path):
    store = (await open_metadata(tmp_path, kind)).store
    await store.close()
    with pytest.raises(IndexUnavailableError, match="closed"):
        await store.apply(changes("a.py"))


async def test_reader_follows_over_many_snapshots(tmp_path, monkeypatch):
    """A reader between the snapshot and its log misses nothing and applies nothing twice."""
    monkeypatch.setattr("codekin.storage.metadata.memory._LOG_BYTES", 100)
    writer = (await open_metadata(tmp_path, "memory")).store
    reader = (await open_metadata(tmp_path, "memory", read_only=True)).store
    for number in range(30):
        assert await writer.apply(changes(f"{number}.py")) == number + 1
        if number % 3 == 0:
            assert await reader.load() == await writer.load()
    assert len(list(tmp_path.glob("*.log"))) <= 1
    assert await reader.load() == await writer.load()
    await writer.close()
    await reader.close()


async def test_log_of_a_former_snapshot_is_not_taken_twice(tmp_path):
    """As if the process was killed between the new snapshot and the end of the old log."""
    store = (await open_metadata(tmp_path, "memory")).store
    await store.apply(changes("a.py"))
    await store.apply(Changes((), ("a.py",)))
    await store.close()
    (log,) = tmp_path.glob("*.log")
    content = log.read_bytes()
    await (await open_metadata(tmp_path, "memory")).store.close()
    log.write_bytes(content)
    again = (await open_metadata(tmp_path, "memory")).store
    assert await again.load() == (2, [], [])
    await again.close()
