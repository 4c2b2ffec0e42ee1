"""One contract for every vector store; the oracle is a scalar product of all rows in numpy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, rule

from codekin.errors import IndexUnavailableError, SettingsError
from codekin.storage.vectors.registry import PROMISED_RECALL, open_vectors
from support.rows import DIM, WritingMachine, unit

ROUNDING = 2e-6
"""Stores sum float32 in different orders, and some return a distance instead of a product."""


FEWER_EXAMPLES = {"elasticsearch": 6, "elasticsearch-hnsw": 3}
"""Where each write takes a refresh, which makes a file."""


def random_keys(rng, count):
    return rng.choice(2**62, count, replace=False).astype(np.int64)


@pytest.fixture
def assert_best(backend):
    """Return a check for the best k rows of the oracle in order, or the promised share of them.

    Rows whose products differ by at most rounding may be swapped.
    """
    recall = PROMISED_RECALL.get(backend, 1.0)
    return lambda hits, keys, rows, query, k: check_best(recall, hits, keys, rows, query, k)


def check_best(recall, hits, keys, rows, query, k):
    scores = rows @ query
    order = np.lexsort((keys, -scores))[:k]
    found = hits.keys.tolist()
    of_key = dict(zip(keys.tolist(), scores.tolist(), strict=True))
    assert len(set(found)) == len(found)
    assert np.allclose(hits.scores, [of_key[key] for key in found], atol=ROUNDING)
    assert (np.diff(hits.scores) <= 0).all()
    same = hits.scores[:-1] == hits.scores[1:]
    assert (hits.keys[:-1][same] < hits.keys[1:][same]).all()
    if recall == 1:
        assert len(found) == len(order)
        assert np.allclose(hits.scores, scores[order], atol=ROUNDING)
    else:
        worst = scores[order[-1]] - ROUNDING if len(order) else 0
        assert (hits.scores >= worst).sum() >= recall * len(order)


def test_search_is_exact_and_survives_reopening(reopen, assert_best):
    rng = np.random.default_rng(0)
    keys, rows = random_keys(rng, 500), unit(rng, 500)
    store = reopen()
    store.add(keys[:200], rows[:200])
    store.add(keys[200:], rows[200:])
    store.delete(keys[:50])
    for _ in range(2):
        assert len(store) == 450
        assert np.array_equal(store.keys(), np.sort(keys[50:]))
        for query in unit(rng, 5):
            assert_best(store.search(query, 10), keys[50:], rows[50:], query, 10)
        found, got = store.get(keys[[0, 60, 61]])
        assert found.tolist() == [False, True, True]
        assert np.array_equal(got[1:], rows[60:62])
        assert not got[0].any()
        assert store.contains(keys[[61, 3, 499]]).tolist() == [True, False, True]
        store.compact()
        store.close()
        store.close()
        store = reopen()


def test_edges(reopen):
    store = reopen()
    query = unit(np.random.default_rng(0), 1)[0]
    assert len(store.search(query, 5).keys) == 0
    store.add(np.empty(0, np.int64), np.empty((0, DIM), np.float32))
    rows = unit(np.random.default_rng(1), 3)
    store.add(np.array([7, 3, 7]), rows)
    assert len(store) == 2
    assert np.array_equal(store.get(np.array([7, 5, 7]))[1][[0, 2]], rows[[2, 2]])
    assert len(store.search(query, 100).keys) == 2
    assert len(store.search(query, 0).keys) == 0
    assert len(store.search(query, 5, np.empty(0, np.int64)).keys) == 0
    assert len(store.search(query, 5, np.array([4, 5])).keys) == 0
    assert store.search(query, 5, np.array([3, 99, 3])).keys.tolist() == [3]
    store.delete(np.array([1234]))
    store.delete(np.empty(0, np.int64))
    with pytest.raises(ValueError, match="shape"):
        store.add(np.array([1]), np.zeros((1, DIM + 1), np.float32))
    with pytest.raises(ValueError, match="float32"):
        store.add(np.array([1]), np.zeros((1, DIM)))
    for _ in range(2):
        store.retire()
        assert store.search(rows[1], 1).keys.tolist() == [3]


def test_the_largest_and_the_smallest_key(reopen):
    store = reopen()
    keys, rows = np.array([0, 2**63 - 1, 2**53 + 1, 2**53]), unit(np.random.default_rng(0), 4)
    store.add(keys, rows)
    assert np.array_equal(store.keys(), np.sort(keys))
    for key, row in zip(keys, rows, strict=True):
        assert store.search(row, 1).keys.tolist() == [key]
    assert store.search(rows[0], 4, keys[1:3]).keys.tolist() in ([keys[1], keys[2]], [keys[2], keys[1]])


def test_equal_scores_come_in_order_of_their_keys(reopen):
    store = reopen()
    row = unit(np.random.default_rng(0), 1)
    keys = np.array([9, 2, 5, 7, 1, 8, *range(20, 60)], dtype=np.int64)
    store.add(keys, np.repeat(row, len(keys), axis=0))
    assert store.search(row[0], 3).keys.tolist() == [1, 2, 5]
    assert store.search(row[0], 3, keys[2:]).keys.tolist() == [1, 5, 7]


def test_zero_rows_score_zero(reopen, assert_best):
    """A text without any known token has a zero row."""
    rng = np.random.default_rng(0)
    keys, rows = np.arange(40), unit(rng, 40)
    rows[::4] = 0
    store = reopen()
    store.add(keys, rows)
    for query in unit(rng, 3):
        assert_best(store.search(query, 40), keys, rows, query, 40)
        assert_best(store.search(query, 15), keys, rows, query, 15)


def test_filters_of_any_share_give_the_answer_of_the_oracle(reopen, assert_best):
    rng = np.random.default_rng(0)
    keys, rows = random_keys(rng, 3_000), unit(rng, 3_000)
    store = reopen()
    store.add(keys, rows)
    for share in (0.001, 0.02, 0.2, 0.7):
        chosen = np.flatnonzero(rng.random(3_000) < share)
        for query in unit(rng, 3):
            hits = store.search(query, 10, rng.permutation(np.append(keys[chosen], 17)))
            assert_best(hits, keys[chosen], rows[chosen], query, 10)
    opposite = np.argsort(rows @ rows[0])[:600]  # what is allowed lies where the query does not
    hits = store.search(rows[0], 50, keys[opposite])
    assert_best(hits, keys[opposite], rows[opposite], rows[0], 50)


@pytest.mark.slow
def test_many_rows_are_asked_for(reopen, assert_best):
    rng = np.random.default_rng(0)
    keys, rows = random_keys(rng, 6_000), unit(rng, 6_000)
    store = reopen()
    store.add(keys, rows)
    query = unit(rng, 1)[0]
    for k in (800, 5_000, 6_001):
        assert_best(store.search(query, k), keys, rows, query, k)
    assert_best(store.search(query, 4_500, keys[:5_500]), keys[:5_500], rows[:5_500], query, 4_500)
    found, got = store.get(keys[::-1])
    assert found.all()
    assert np.array_equal(got, rows[::-1])
    store.delete(keys[:5_990])
    store.compact()
    assert_best(store.search(query, 20), keys[5_990:], rows[5_990:], query, 20)


def test_a_reader_follows(reopen):
    writer = reopen()
    reader = reopen(writable=False)
    assert not reader.refresh()
    rng = np.random.default_rng(0)
    for start in range(0, 100, 5):  # enough small commits for merges in between
        writer.add(np.arange(start, start + 5), unit(rng, 5))
    assert reader.refresh()
    assert not reader.refresh()
    assert len(reader) == 100
    writer.delete(np.arange(40))
    writer.compact()
    # A file is read as it was when it was opened, a database may show at once what another process
    # committed.
    assert len(reader.search(unit(rng, 1)[0], 200).keys) in (60, 100)
    assert reader.refresh()
    assert np.array_equal(reader.keys(), np.arange(40, 100))
    assert len(reader.search(unit(rng, 1)[0], 200).keys) == 60
    with pytest.raises(IndexUnavailableError):
        reader.add(np.array([1]), unit(rng, 1))
    with pytest.raises(IndexUnavailableError):
        reader.delete(np.array([50]))


FOLLOWER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from codekin.storage.vectors.registry import open_vectors
    store = open_vectors(sys.argv[1], Path(sys.argv[2]), dim=16, embedder="test-1", writable=False).store
    for line in sys.stdin:
        store.refresh()
        keys = store.keys()
        found, rows = store.get(keys)
        best = store.search(rows[0], 1).keys[0] if len(keys) else -1
        print(len(keys), int(found.sum()), best, flush=True)
    store.close()
    """
)


def test_another_process_follows(reopen, backend, tmp_path):
    rng = np.random.default_rng(0)
    store = reopen()
    store.add(np.arange(5, 50), unit(rng, 45))
    command = [sys.executable, "-c", FOLLOWER, backend, str(tmp_path / "v")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def seen():
            process.stdin.write("\n")
            process.stdin.flush()
            return process.stdout.readline().split()

        assert seen() == ["45", "45", "5"]
        store.add(np.arange(3, 10), unit(rng, 7))
        assert seen() == ["47", "47", "3"]
        store.delete(np.arange(3, 30))
        assert seen() == ["20", "20", "30"]
        store.compact()
        store.add(np.array([1]), unit(rng, 1))
        assert seen() == ["21", "21", "1"]
        process.stdin.close()
        assert process.wait(60) == 0


def test_searches_go_on_while_rows_are_written(reopen):
    rng = np.random.default_rng(0)
    rows = unit(rng, 200)
    store = reopen()
    store.add(np.arange(100), rows[:100])

    def ask(number):
        hits = store.search(rows[number], 5, np.arange(100))
        assert hits.keys[0] == number
        return store.get(np.arange(100))[0].all()

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(ask, number) for number in range(60)]
        for start in range(100, 200, 20):
            store.add(np.arange(start, start + 20), rows[start : start + 20])
        store.delete(np.arange(100, 150))
        assert all(item.result() for item in asked)
    assert len(store) == 150


def test_another_model_is_refused(reopen):
    store = reopen(embedder="one")
    store.add(np.array([1]), unit(np.random.default_rng(0), 1))
    store.close()
    with pytest.raises(IndexUnavailableError, match="contains vectors of one"):
        reopen(embedder="two")
    with pytest.raises(IndexUnavailableError, match="16 dimensions"):
        reopen(embedder="one", dim=8)


def test_an_unknown_store_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="Unknown vector store"):
        open_vectors("nonsense", tmp_path, dim=DIM, embedder="one", writable=True)


class AgainstOracle(WritingMachine):
    """The same on a store that is compacted at will."""

    def open(self):
        return open_vectors(self.name, self.path, dim=DIM, embedder="t", writable=True).store

    @rule()
    def compact(self):
        self.store.compact()

    @invariant()
    def finds_the_best(self):
        query = unit(self.rng, 1)[0]
        keys, rows = self.held()
        recall = PROMISED_RECALL.get(self.name, 1.0)
        if len(keys):
            check_best(recall, self.store.search(query, 4), keys, rows, query, 4)
            check_best(recall, self.store.search(query, 4, keys[::2]), keys[::2], rows[::2], query, 4)


@pytest.mark.slow
def test_any_sequence_of_writes_agrees_with_the_oracle(backend, tmp_path_factory):
    machine = type("Machine", (AgainstOracle,), {"name": backend, "directory": tmp_path_factory})
    machine.TestCase.settings = settings(
        max_examples=FEWER_EXAMPLES.get(backend, 15),
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine.TestCase().runTest()


WRITER = textwrap.dedent(
    """
    import sys
    import numpy as np
    from pathlib import Path
    from codekin.storage.vectors.registry import open_vectors
    rng = np.random.default_rng(0)
    store = open_vectors(sys.argv[1], Path(sys.argv[2]), dim=16, embedder="test-1", writable=True).store
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


@pytest.mark.slow
def test_killed_writer_keeps_what_was_acknowledged(reopen, backend, tmp_path, assert_best):
    """Each process is killed after a random number of commits, in the middle of the next one."""
    rng = np.random.default_rng(1)
    acknowledged = -1
    for _ in range(10 if backend == "flat" else 3):
        command = [sys.executable, "-c", WRITER, backend, str(tmp_path / "v")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for _ in range(int(rng.integers(1, 60))):
            acknowledged = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in process.stdout.read().split("\n")[:-1])])
        process.stdout.close()
        process.wait()
        store = reopen()
        assert not getattr(store, "problems", ())
        alive = store.keys()
        deletable = {number - 5 for number in range(9, acknowledged + 12, 10)}
        assert set(alive.tolist()) >= set(range(acknowledged + 1)) - deletable
        found, rows = store.get(alive)
        assert found.all()
        assert_best(store.search(rows[0], 20), alive, rows, rows[0], 20)
        store.close()
