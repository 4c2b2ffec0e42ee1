"""One contract for every vector store, and the flat index under damage."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from codekin.errors import IndexUnavailableError, SettingsError
from codekin.storage.vectors import VECTOR_STORES, open_vectors

DIM = 16


def unit(rng, count, dim=DIM):
    rows = rng.standard_normal((count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(params=sorted(VECTOR_STORES))
def reopen(request, tmp_path):
    """Opens the same store again and again."""

    def open_store(*, writable=True):
        return open_vectors(request.param, tmp_path / "v", dim=DIM, embedder="test-1", writable=writable).store

    return open_store


def expected(keys, rows, query, k):
    scores = rows @ query
    order = np.lexsort((keys, -scores))[:k]
    return keys[order], scores[order]


def test_search_is_exact_and_survives_reopening(reopen):
    rng = np.random.default_rng(0)
    keys, rows = rng.choice(2**62, 500, replace=False).astype(np.int64), unit(rng, 500)
    store = reopen()
    store.add(keys[:200], rows[:200])
    store.add(keys[200:], rows[200:])
    store.delete(keys[:50])
    for _ in range(2):
        assert len(store) == 450
        assert np.array_equal(store.keys(), np.sort(keys[50:]))
        for query in unit(rng, 5):
            hits = store.search(query, 10)
            want_keys, want_scores = expected(keys[50:], rows[50:], query, 10)
            assert np.array_equal(hits.keys, want_keys)
            assert np.allclose(hits.scores, want_scores, atol=1e-6)
        found, got = store.get(keys[[0, 60, 61]])
        assert found.tolist() == [False, True, True]
        assert np.array_equal(got[1:], rows[60:62])
        store.compact()
        store.close()
        store = reopen()
    store.close()


def test_edges(reopen):
    store = reopen()
    query = unit(np.random.default_rng(0), 1)[0]
    assert len(store.search(query, 5).keys) == 0
    store.add(np.empty(0, np.int64), np.empty((0, DIM), np.float32))
    rows = unit(np.random.default_rng(1), 3)
    store.add(np.array([7, 3, 7]), rows)
    assert len(store) == 2
    assert np.array_equal(store.get(np.array([7]))[1][0], rows[2])
    assert len(store.search(query, 100).keys) == 2
    assert len(store.search(query, 0).keys) == 0
    assert len(store.search(query, 5, np.empty(0, np.int64)).keys) == 0
    assert store.search(query, 5, np.array([3, 99, 3])).keys.tolist() == [3]
    store.delete(np.array([1234]))
    with pytest.raises(ValueError, match="shape"):
        store.add(np.array([1]), np.zeros((1, DIM + 1), np.float32))
    store.close()


def test_equal_scores_come_in_order_of_their_keys(reopen):
    store = reopen()
    row = unit(np.random.default_rng(0), 1)
    keys = np.array([9, 2, 5, 7, 1, 8], dtype=np.int64)
    store.add(keys, np.repeat(row, 6, axis=0))
    assert store.search(row[0], 3).keys.tolist() == [1, 2, 5]
    store.close()


def test_a_reader_follows(reopen):
    writer = reopen()
    reader = reopen(writable=False)
    assert not reader.refresh()
    rng = np.random.default_rng(0)
    for start in range(0, 100, 5):  # enough small commits for merges in between
        writer.add(np.arange(start, start + 5), unit(rng, 5))
    assert reader.refresh()
    assert len(reader) == 100
    writer.delete(np.arange(40))
    writer.compact()
    assert len(reader.search(unit(rng, 1)[0], 200).keys) == 100
    assert reader.refresh()
    assert np.array_equal(reader.keys(), np.arange(40, 100))
    with pytest.raises(IndexUnavailableError):
        reader.add(np.array([1]), unit(rng, 1))
    writer.close()
    reader.close()


def test_another_model_is_refused(tmp_path):
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="one", writable=True).store
    store.add(np.array([1]), unit(np.random.default_rng(0), 1))
    store.close()
    with pytest.raises(IndexUnavailableError, match="holds vectors of one"):
        open_vectors("flat", tmp_path, dim=DIM, embedder="two", writable=True)
    with pytest.raises(SettingsError, match="Unknown vector store"):
        open_vectors("nonsense", tmp_path, dim=DIM, embedder="one", writable=True)


class AgainstOracle(RuleBasedStateMachine):
    """Any sequence of writes, on a store that is reopened at will."""

    name = "flat"
    directory = None

    def __init__(self):
        super().__init__()
        self.path = self.directory.mktemp("machine")
        self.store = self._open()
        self.oracle = {}
        self.rng = np.random.default_rng(0)

    def _open(self):
        return open_vectors(self.name, self.path, dim=DIM, embedder="t", writable=True).store

    @rule(keys=st.lists(st.integers(0, 30), min_size=1, max_size=12))
    def add(self, keys):
        rows = unit(self.rng, len(keys))
        self.store.add(np.array(keys, dtype=np.int64), rows)
        self.oracle.update(zip(keys, rows, strict=True))

    @rule(keys=st.lists(st.integers(0, 30), max_size=6))
    def delete(self, keys):
        self.store.delete(np.array(keys, dtype=np.int64))
        for key in keys:
            self.oracle.pop(key, None)

    @rule()
    def compact(self):
        self.store.compact()

    @rule()
    def reopen(self):
        self.store.close()
        self.store = self._open()

    @invariant()
    def agrees(self):
        keys = np.array(sorted(self.oracle), dtype=np.int64)
        assert np.array_equal(self.store.keys(), keys)
        assert len(self.store) == len(keys)
        query = unit(self.rng, 1)[0]
        if len(keys):
            rows = np.array([self.oracle[key] for key in keys.tolist()])
            assert np.array_equal(self.store.search(query, 4).keys, expected(keys, rows, query, 4)[0])
            allowed = keys[::2]
            assert np.array_equal(self.store.search(query, 4, allowed).keys, expected(allowed, rows[::2], query, 4)[0])

    def teardown(self):
        self.store.close()


@pytest.mark.parametrize("name", sorted(VECTOR_STORES))
def test_any_sequence_of_writes_agrees_with_the_oracle(name, tmp_path_factory):
    machine = type("Machine", (AgainstOracle,), {"name": name, "directory": tmp_path_factory})
    machine.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
    machine.TestCase().runTest()


@pytest.mark.parametrize("where", ["header", "rows", "cut", "manifest", "missing"])
def test_damage_costs_no_more_than_what_is_damaged(where, tmp_path):
    rng = np.random.default_rng(0)
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="t", writable=True).store
    store.add(np.arange(10), unit(rng, 10))
    store.add(np.arange(10, 20), unit(rng, 10))
    store.close()
    victim = min(tmp_path.glob("*.segment"))
    data = bytearray(victim.read_bytes())
    if where == "header":
        data[20] ^= 0xFF
        victim.write_bytes(data)
    elif where == "rows":
        data[-100] ^= 0xFF
        victim.write_bytes(data)
    elif where == "cut":
        victim.write_bytes(data[:200])
    elif where == "missing":
        victim.unlink()
    else:
        (tmp_path / "MANIFEST").write_bytes(b"garbage")
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="t", writable=True).store
    if where == "manifest":
        assert len(store) == 20
    else:
        assert store.keys().tolist() == list(range(10, 20))
        assert store.problems
    store.add(np.arange(10), unit(rng, 10))
    assert len(store) == 20
    store.close()


WRITER = textwrap.dedent(
    """
    import sys
    import numpy as np
    from pathlib import Path
    from codekin.storage.vectors import open_vectors
    rng = np.random.default_rng(0)
    store = open_vectors("flat", Path(sys.argv[1]), dim=16, embedder="t", writable=True).store
    start = int(store.keys().max(initial=-1)) + 1
    for number in range(start, start + 100_000):
        rows = rng.standard_normal((1, 16)).astype(np.float32)
        store.add(np.array([number]), rows / np.linalg.norm(rows))
        if number % 10 == 9:
            store.delete(np.array([number - 5]))
            store.compact()
        print(number, flush=True)
    """
)


def test_killed_writer_keeps_what_was_acknowledged(tmp_path):
    rng = np.random.default_rng(1)
    acknowledged = -1
    for _ in range(10):  # ten processes; each is killed after a random number of commits, in the middle of the next one
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(int(rng.integers(1, 60))):
            acknowledged = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in process.stdout.read().split("\n")[:-1])])
        process.stdout.close()
        process.wait()
        store = open_vectors("flat", tmp_path, dim=DIM, embedder="t", writable=True).store
        assert not store.problems
        alive = set(store.keys().tolist())
        deletable = {number - 5 for number in range(9, acknowledged + 12, 10)}
        assert alive >= set(range(acknowledged + 1)) - deletable
        store.close()
