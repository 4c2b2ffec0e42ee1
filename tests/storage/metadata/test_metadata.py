"""One contract for every metadata store."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekin.domain.values import Changes, Definition, FileRecord, Node, NodeKind, Skipped
from codekin.errors import IndexUnavailableError
from codekin.storage.metadata.registry import METADATA_STORES, open_metadata


def record(path, key=1, size=10):
    definitions = (Definition("f\udc80", "function", 3),)
    nodes = (Node(key, NodeKind.FILE, 0, 9), Node(key + 1, NodeKind.CODE, 2, 9, "A.f", "method", definitions))
    text, touched = ("Words\n", ("a\udc80.py", "b.py")) if path.startswith("c") else ("", ())
    return FileRecord(path, "python", size, 12345678901234567, b"d" * 16, nodes, "Ann", 1_700_000_000, text, touched)


@pytest.fixture(params=sorted(METADATA_STORES))
def kind(request):
    return request.param


async def test_what_is_written_is_loaded_again(kind, tmp_path):
    opened = await open_metadata(tmp_path, kind)
    assert opened.store.active == kind
    assert await opened.store.generation() == 0
    written = (record("b.py"), record("a.py"), record("commit:1"))
    assert await opened.store.apply(Changes(written, (), (Skipped("c.bin", "binary"),))) == 1
    await opened.store.set_meta("schema", "x")
    await opened.store.close()
    opened = await open_metadata(tmp_path, kind)
    generation, files, gone = await opened.store.load()
    assert (generation, files, gone) == (1, [record("a.py"), record("b.py"), record("commit:1")], [])
    assert await opened.store.skipped() == [Skipped("c.bin", "binary")]
    assert await opened.store.get_meta("schema") == "x"
    assert await opened.store.get_meta("nothing") is None
    await opened.store.close()
    await opened.store.close()


async def test_load_since_gives_the_difference(kind, tmp_path):
    store = (await open_metadata(tmp_path, kind)).store
    await store.apply(Changes((record("a.py"), record("b.py"), record("c.py"))))
    await store.apply(Changes((record("b.py", key=50),), ("a.py", "unknown.py"), (Skipped("c.py", "binary"),)))
    assert await store.load(1) == (2, [record("b.py", key=50)], ["a.py", "c.py"])
    await store.apply(Changes((record("a.py"), record("c.py"))))
    assert await store.load(2) == (3, [record("a.py"), record("c.py")], [])
    assert await store.skipped() == []
    await store.clear()
    assert await store.load(3) == (4, [], ["a.py", "b.py", "c.py"])
    await store.close()


async def test_a_reader_follows_the_writer(kind, tmp_path):
    writer = (await open_metadata(tmp_path, kind)).store
    reader = (await open_metadata(tmp_path, kind, read_only=True)).store
    await writer.apply(Changes((record("a.py"),)))
    assert await reader.generation() == 1
    assert (await reader.load(0))[1] == [record("a.py")]
    await writer.apply(Changes((), ("a.py",)))
    assert await reader.load(1) == (2, [], ["a.py"])
    await writer.close()
    await reader.close()


CHANGES = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 5)), max_size=3, unique_by=lambda item: item[0]),
        st.lists(st.sampled_from("abcd"), max_size=2),
    ),
    max_size=8,
)


@pytest.mark.parametrize("kind", sorted(METADATA_STORES))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=CHANGES)
def test_agrees_with_a_dictionary(kind, steps, tmp_path_factory):
    async def run():
        store = (await open_metadata(tmp_path_factory.mktemp("m"), kind)).store
        oracle = {}
        for written, forgotten in steps:
            # What is forgotten in the same transaction as written is written.
            names = {name for name, _ in written}
            for name in set(forgotten) - names:
                oracle.pop(name, None)
            oracle.update({name: record(name, key) for name, key in written})
            gone = tuple(set(forgotten) - names)
            await store.apply(Changes(tuple(record(name, key) for name, key in written), gone))
        assert (await store.load())[1] == [oracle[name] for name in sorted(oracle)]
        await store.close()

    asyncio.run(run())


async def test_corrupt_file_is_quarantined_and_reported(tmp_path):
    (tmp_path / "metadata.sqlite3").write_bytes(b"this is no database, whatever its name says" * 50)
    opened = await open_metadata(tmp_path, "auto")
    assert opened.store.active == "sqlite"
    assert "corrupt" in opened.why
    assert (tmp_path / "metadata.sqlite3.corrupt").exists()
    await opened.store.close()


async def test_sqlite_required_by_setting_is_never_replaced(tmp_path):
    (tmp_path / "metadata.sqlite3").mkdir()
    with pytest.raises(IndexUnavailableError, match="setting requires SQLite"):
        await open_metadata(tmp_path, "sqlite")
    opened = await open_metadata(tmp_path, "auto")
    assert opened.store.active == "memory"
    assert opened.to_fix
    await opened.store.close()


def test_search_without_the_sqlite_binding(sample, home):
    """Hides the binding in a process of its own, indexes and searches there, twice."""
    program = textwrap.dedent(
        """
        import asyncio, sys
        sys.modules["_sqlite3"] = None
        sys.modules["sqlite3"] = None
        from pathlib import Path
        from codekin.config import load_config
        from codekin.domain.search import SearchRequest
        from codekin.engine import Engine

        async def main():
            engine = await Engine.open(load_config(), [Path(sys.argv[1])], watch=False)
            report = await engine.index()
            status = engine.status()
            best = (await engine.search(SearchRequest("where is the retry logic?"))).results[0]
            print(status.stores["metadata"].active, status.state, report.embedded, best.symbol, status.reasons[0])
            await engine.close()

        asyncio.run(main())
        """
    )
    for embedded in (True, False):
        done = subprocess.run([sys.executable, "-c", program, str(sample)], check=True, capture_output=True, text=True)
        active, state, count, symbol, *reason = done.stdout.split()
        assert (active, state, symbol) == ("memory", "degraded", "call_with_retry")
        assert (int(count) > 0) is embedded
        assert "cannot be imported" in " ".join(reason)


@pytest.mark.parametrize("kind", sorted(METADATA_STORES))
def test_killed_writer_loses_nothing_it_acknowledged(kind, tmp_path):
    program = textwrap.dedent(
        """
        import asyncio, sys
        from pathlib import Path
        from codekin.domain.values import Changes, FileRecord
        from codekin.storage.metadata.registry import open_metadata

        async def main():
            store = (await open_metadata(Path(sys.argv[1]), sys.argv[2])).store
            start = await store.generation()
            for number in range(start, start + 10_000):
                await store.apply(Changes((FileRecord(f"{number}.py", "python", 1, 1, b"x" * 16),)))
                print(number, flush=True)

        asyncio.run(main())
        """
    )
    acknowledged = -1
    for round_ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), kind], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3 + 7 * round_):
            acknowledged = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().split("\n")
        process.stdout.close()
        process.wait()
        acknowledged = max([acknowledged, *(int(line) for line in rest[:-1] if line)])

    async def check():
        store = (await open_metadata(tmp_path, kind)).store
        _, files, _ = await store.load()
        assert {item.path for item in files} >= {f"{number}.py" for number in range(acknowledged + 1)}
        await store.close()

    asyncio.run(check())
