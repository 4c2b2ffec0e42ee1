"""The read-ahead process: the index is the same with it and without it, even if it is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest

from codekin.chunking import redacted_chunks, unpack_redacted
from codekin.chunking.wire import pack_redacted
from codekin.domain.values import Skipped
from codekin.embedding.hashing import HashingEmbedder
from codekin.indexing import EmbedCounts, Indexer, ReadAhead, Stores, is_worth_reading_ahead, prepare, prepare_file
from codekin.indexing import ahead as reading_ahead
from codekin.storage import LexicalIndex
from codekin.storage.vectors.flat import FlatIndex
from support.engines import open_engine
from support.waiting import DEADLINE_S

needs_signals = pytest.mark.skipif(os.name == "nt", reason="ends processes by POSIX signals")
MOST_BYTES = 1_000_000
JAVA = """/** Parcels of a kind that {n} carriers take. */
public class Parcel{n} {{
    /** What it weighs, in grams. */
    public int weigh{n}(Carrier carrier) {{ return carrier.scale().read({n}); }}
    private String label{n} = "Grüße №{n}";
}}
"""


@pytest.fixture
def many(sample):
    """Return (root, paths): the sample, unindexable files, and work for two processes."""
    (sample / "picture.bin").write_bytes(b"\0\1\2" * 100)
    (sample / "empty.py").write_bytes(b"")
    (sample / "lone.txt").write_bytes(b"odd \x0c page\rlone return\n")
    (sample / "secret.py").write_text('password = "hunter2hunter2hunter2"\n')
    for number in range(120):
        (sample / f"Parcel{number}.java").write_text(JAVA.format(n=number) * 40, encoding="utf-8")
    paths = sorted(path.relative_to(sample).as_posix() for path in sample.rglob("*") if path.is_file())
    return sample, [*paths, "vanished.py"]


@pytest.fixture
def indexer(tmp_path):
    """`indexer(root, name)`: one with stores of its own, and these."""

    def make(root, name):
        embedder = HashingEmbedder()
        vectors = FlatIndex.open(tmp_path / name / "f", dim=embedder.dim, embedder=embedder.name, writable=True)
        lexical = LexicalIndex.open(tmp_path / name / "l", writable=True)
        stores = Stores(embedder, vectors, lexical)
        return Indexer(
            root, stores, max_file_bytes=MOST_BYTES, sources=[], counts=EmbedCounts(), quarantined={}
        ), stores

    return make


def same(one, other):
    """Whether two stores hold the same vectors and postings."""
    keys = one.vectors.keys()
    one.lexical.compact()
    other.lexical.compact()
    return (
        np.array_equal(keys, other.vectors.keys())
        and np.array_equal(one.vectors.get(keys)[1], other.vectors.get(keys)[1])
        and all(map(np.array_equal, postings(one.lexical), postings(other.lexical)))
    )


def postings(lexical):
    """Returns all arrays of the postings of an index with one segment."""
    (part,) = lexical.view().parts
    everything = [slice(0, len(part.rows))]
    return (part.keys, part.terms, part.first, part.rows.of(everything), *part.counts.of(everything))


def until(ahead, condition):
    """Waits for something about the files that the other process takes."""
    with ahead._changed:
        assert ahead._changed.wait_for(condition, DEADLINE_S)


def taken(ahead, paths):
    """Everything that the other process makes of the files."""
    done = {}
    while len(done) < len(paths):
        done.update(ahead.take([path for path in paths if path not in done], wait=True))
    return done


def test_index_is_the_same_with_and_without_the_other_process(many, indexer):
    root, paths = many
    alone, its_stores = indexer(root, "alone")
    expected = alone.index_files(paths)
    helped, other_stores = indexer(root, "helped")
    with ReadAhead(root, paths, MOST_BYTES) as ahead:
        until(ahead, lambda: ahead._answers)
        found = helped.index_files(paths, ahead)
        assert not ahead.failure
    assert found == expected
    assert {item.path for item in found.changes.skipped} == {"picture.bin"}
    assert found.changes.forgotten == ("vanished.py",)
    assert same(its_stores, other_stores)
    assert helped._counts == alone._counts


def test_other_process_prepares_what_nobody_claims(many):
    root, paths = many
    with ReadAhead(root, paths, MOST_BYTES) as ahead:
        until(ahead, lambda: not ahead._unclaimed)
        assert not any(ahead.claim(path) for path in paths)
        done = taken(ahead, paths)
    assert {path for path, outcome in done.items() if isinstance(outcome, Skipped)} == {"picture.bin", "vanished.py"}
    assert done == {path: prepare_file(root, path, MOST_BYTES) for path in paths}
    assert done["secret.py"].secrets == 1


def test_what_is_ready_is_taken_before_another_file_is_claimed(many, indexer):
    root, paths = many
    with ReadAhead(root, paths, MOST_BYTES) as ahead:
        until(ahead, lambda: ahead._answers)
        ready = set(ahead._answers)
        first = next(indexer(root, "first")[0]._outcomes(paths, ahead))
    assert ready <= first.keys()


def test_files_claimed_first_are_left_alone(many):
    root, paths = many
    ahead = ReadAhead(root, paths, MOST_BYTES)
    assert all(ahead.claim(path) for path in paths)
    with ahead:
        assert all(ahead.claim(path) for path in paths)


def test_texts_read_ahead_are_bounded(many, monkeypatch):
    monkeypatch.setattr(reading_ahead, "_MAX_WINDOW_BYTES", 100_000)
    root, paths = many
    with ReadAhead(root, paths, MOST_BYTES) as ahead:
        until(ahead, lambda: ahead._window_bytes >= 100_000 and len(ahead._answers) == len(ahead._in_process))
        assert ahead._window_bytes < 200_000
        assert ahead._unclaimed
        mine = [path for path in paths if ahead.claim(path)]
        done = taken(ahead, [path for path in paths if path not in mine])
    assert done
    assert None not in done.values()


@needs_signals
@pytest.mark.parametrize("at", ["start", "work"])
def test_killed_process_leaves_its_files_to_the_pass(many, indexer, monkeypatch, at):
    monkeypatch.setattr(reading_ahead, "_MAX_WINDOW_BYTES", 100_000)
    root, paths = many
    alone, its_stores = indexer(root, "alone")
    expected = alone.index_files(paths)
    helped, other_stores = indexer(root, "helped")
    with ReadAhead(root, paths, MOST_BYTES) as ahead:
        if at == "work":
            until(ahead, lambda: ahead._window_bytes >= 100_000)
        os.kill(ahead.pid, signal.SIGKILL)
        found = helped.index_files(paths, ahead)
        until(ahead, lambda: ahead._ended)
        assert ahead.pid is None
    assert "SIGKILL" in ahead.failure
    assert found == expected
    assert same(its_stores, other_stores)


@needs_signals
def test_closing_does_not_wait_for_the_other_process(many):
    root, paths = many
    with ThreadPoolExecutor(1) as thread:
        with ReadAhead(root, paths, MOST_BYTES) as ahead:
            process = psutil.Process(ahead.pid)
            process.suspend()
            until(ahead, lambda: True)
            ahead._in_process[paths[0]] = None
            waiting = thread.submit(lambda: ahead.take([paths[0]], wait=True))
        assert waiting.result(DEADLINE_S) == {paths[0]: None}
    assert not process.is_running()
    assert not ahead.failure


def test_process_ends_with_its_parent(tmp_path):
    code = "import sys, os; from codekin.chunking.helper import ChunkingProcess; p = ChunkingProcess(); p.wait_until_ready(); print(p.pid, flush=True); os._exit(0)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(told.stdout)).wait(DEADLINE_S)


def test_python_without_a_program_of_its_own_goes_on_alone(many, indexer, monkeypatch):
    monkeypatch.setattr(sys, "executable", None)
    root, paths = many
    with ReadAhead(root, paths, MOST_BYTES) as ahead:
        report = indexer(root, "alone")[0].index_files(paths, ahead)
    assert "could not be started" in ahead.failure
    assert len(report.changes.written) > 120


@pytest.mark.parametrize(
    "text", ["", "a\n", "x = '\udc80'\n", "def f():\n    pass\n" * 100, "\U0001d518 = 1\r\n\r\n#\r"]
)
def test_chunks_survive_the_way_between_processes(text):
    chunked = redacted_chunks("odd.py", text)
    assert unpack_redacted(pack_redacted(chunked)) == chunked


def children():
    """Servers of other tests among them."""
    return {child.pid for child in psutil.Process().children()}


async def test_engine_reads_ahead_in_long_passes_alone(many, monkeypatch):
    # On a busy machine a text may exceed the limit, and would get a process of its own.
    monkeypatch.setattr(prepare, "_IN_PROCESS_LIMIT_S", 5.0)
    root, _ = many
    before, seen = children(), set()

    def look(_progress):
        seen.update(children() - before)

    async with open_engine(root, history=False) as engine:
        await engine.index(look)
        assert len(seen) == (1 if is_worth_reading_ahead(1_000_000) else 0)
        assert not any(map(psutil.pid_exists, seen))
        assert engine.status().reasons == ()
        (root / "Parcel3.java").write_text("class Parcel3 {}\n")
        await engine.index(look)
        assert len(seen) <= 1


@needs_signals
async def test_engine_says_that_the_other_process_died(many):
    root, _ = many
    if not is_worth_reading_ahead(1_000_000):
        pytest.skip("one processor")
    before, killed = children(), []

    def kill(_progress):
        if not killed and (helpers := children() - before):
            killed.extend(helpers)
            os.kill(killed[0], signal.SIGKILL)

    async with open_engine(root, history=False) as engine:
        report = await engine.index(kill)
        assert killed
        assert report.files > 120
        assert ["SIGKILL" in reason and "No action is needed" in reason for reason in engine.status().reasons] == [True]
        await engine.index()
        assert engine.status().reasons == ()


async def test_a_large_file_that_the_process_was_not_given_is_not_waited_for(tmp_path):
    """The first batch is the pass's own, and the process begins behind it."""
    root = tmp_path / "ws"
    root.mkdir()
    large = "".join(f"def number_{number}():\n    return {number}\n\n\n" for number in range(20_000))
    (root / "a_large.py").write_text(large)
    for number in range(140):  # more than it holds ahead
        (root / f"b{number:03}.py").write_text(f"def small_{number}():\n    return {number}\n" * 700)
    async with open_engine(root, history=False) as engine:
        report = await asyncio.wait_for(engine.index(), 60)
        assert report.files == 141


async def test_without_room_for_a_thread_the_pass_reads_everything_itself(tmp_path, monkeypatch):
    root = tmp_path / "ws"
    root.mkdir()
    for number in range(140):
        (root / f"b{number:03}.py").write_text(f"def small_{number}():\n    return {number}\n" * 700)
    real = threading.Thread.start

    def start(self):
        if self.name == "codekin-ahead":
            raise RuntimeError("can't start new thread")
        real(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    async with open_engine(root, history=False) as engine:
        assert (await engine.index()).files == 140
        if is_worth_reading_ahead(1_000_000):
            assert any("can't start new thread" in reason for reason in engine.status().reasons)
