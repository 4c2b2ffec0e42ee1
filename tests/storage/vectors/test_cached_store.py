"""A store on a server with a local copy: real servers are stopped, killed and disconnected."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from urllib.parse import urlsplit

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, rule

from codekin.errors import IndexUnavailableError, StoreAwayError
from codekin.storage.vectors.flat import FlatIndex
from codekin.storage.vectors.registry import open_cached, open_vectors
from codekin.storage.vectors.remote.cached_store import CachedRemoteStore
from codekin.storage.vectors.remote.retry_loop import RetryLoop
from support import servers
from support.rows import DIM, MOST_KEYS, WritingMachine, add_in_steps, unit
from support.waiting import DEADLINE_S, wait_until

OPENED = []


def cached(name, path, *, writable=True):
    store = open_cached(name, path, dim=DIM, embedder="t", writable=writable).store
    OPENED.append(store)
    return store


@pytest.fixture(autouse=True)
def nothing_left():
    """A test that fails leaves no thread behind for those after it to count."""
    yield
    while OPENED:
        store = OPENED.pop()
        if not store._closed:
            store.close()


def on_the_server(name, path):
    """(keys, rows) that the server holds, asked without the copy."""
    store = open_vectors(name, path, dim=DIM, embedder="t", writable=False).store
    try:
        return store.keys(), store.get(store.keys())[1]
    finally:
        store.close()


def tenders(name):
    """How many threads look after stores of that name."""
    return sum(thread.name == f"codekin-{name}" for thread in threading.enumerate())


@pytest.mark.slow
def test_a_server_killed_while_rows_are_written_gets_them_all_later(own_server, tmp_path):
    name, server = own_server
    rows = unit(np.random.default_rng(0), 4_000)
    store = cached(name, tmp_path)
    written = []

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(add_in_steps, store, rows, written)
        wait_until(lambda: len(written) > 200)
        server.stop(signal.SIGKILL)
        writing.result(60)  # no write failed
    assert len(store) == 4_000
    (problem,) = store.problems
    assert "does not answer" in problem
    assert "To fix: " in problem
    assert store.search(rows[3_999], 1).keys.tolist() == [3_999]
    store.delete(np.arange(30))
    server.start()
    wait_until(lambda: not store.problems and len(on_the_server(name, tmp_path)[0]) == 3_970)
    keys, held = on_the_server(name, tmp_path)
    assert np.array_equal(keys, np.arange(30, 4_000))
    assert np.array_equal(held, rows[30:])
    assert np.array_equal(store.keys(), keys)
    store.close()


@pytest.mark.slow
def test_searches_go_on_while_a_server_dies_and_comes_back(own_server, tmp_path):
    name, server = own_server
    rows = unit(np.random.default_rng(0), 500)
    store = cached(name, tmp_path)
    store.add(np.arange(500), rows)
    asked = []
    going_on = True

    def ask():
        while going_on:
            number = len(asked) % 500
            hits = store.search(rows[number], 3)
            asked.append(hits.keys[0] == number and len(hits.keys) == 3 and store.get(np.array([number]))[0].all())

    with ThreadPoolExecutor(2) as threads:
        asking = [threads.submit(ask) for _ in range(2)]
        wait_until(lambda: len(asked) > 20)
        server.stop(signal.SIGKILL)
        wait_until(lambda: store.problems)
        before = len(asked)
        wait_until(lambda: len(asked) > before + 50)
        server.start()
        wait_until(lambda: not store.problems)
        before = len(asked)
        wait_until(lambda: len(asked) > before + 50)
        going_on = False
        for item in asking:
            item.result(30)
    assert all(asked)
    store.close()


@pytest.mark.slow
def test_a_server_that_is_frozen_holds_no_search_for_long(own_server, tmp_path):
    name, server = own_server
    rows = unit(np.random.default_rng(0), 60)
    store = cached(name, tmp_path)
    store.add(np.arange(40), rows[:40])
    with server.frozen():
        started = time.monotonic()
        assert store.search(rows[7], 1).keys.tolist() == [7]
        store.add(np.arange(40, 60), rows[40:])
        assert store.search(rows[50], 1).keys.tolist() == [50]
        assert time.monotonic() - started < DEADLINE_S
        (problem,) = store.problems
        assert "does not answer" in problem
    wait_until(lambda: not store.problems and len(on_the_server(name, tmp_path)[0]) == 60)
    store.close()


@pytest.mark.slow
def test_a_start_without_the_server_loses_and_embeds_nothing(own_server, tmp_path):
    name, server = own_server
    rows = unit(np.random.default_rng(0), 60)
    raw = open_vectors(name, tmp_path, dim=DIM, embedder="t", writable=True).store
    raw.add(np.arange(40), rows[:40])  # by an earlier version, which kept no copy
    raw.close()
    store = cached(name, tmp_path)
    assert store.contains(np.arange(20)).all()
    wait_until(lambda: store.search_mode.startswith("20 "))
    store.close()
    server.stop()
    store = cached(name, tmp_path)
    assert store.contains(np.arange(40)).all()
    assert len(store) == 40
    assert "which lacks 20 vectors" in store.problems[0]
    assert store.search(rows[7], 1).keys.tolist() == [7]
    store.add(np.arange(40, 60), rows[40:])
    store.delete(np.arange(5))
    store.close()
    follower = cached(name, tmp_path, writable=False)
    assert follower.search(rows[50], 1).keys.tolist() == [50]
    follower.close()
    store = cached(name, tmp_path)
    assert np.array_equal(store.keys(), np.arange(5, 60))
    server.start()
    wait_until(lambda: not store.problems and np.array_equal(on_the_server(name, tmp_path)[0], np.arange(5, 60)))
    assert np.array_equal(on_the_server(name, tmp_path)[1], rows[5:])
    store.close()


@pytest.mark.slow
def test_a_server_that_lost_everything_is_filled_again(own_server, tmp_path):
    name, _ = own_server
    rows = unit(np.random.default_rng(0), 50)
    store = cached(name, tmp_path)
    store.add(np.arange(50), rows)
    servers.empty(name)
    wait_until(lambda: np.array_equal(on_the_server(name, tmp_path)[0], np.arange(50)))
    wait_until(lambda: not store.problems and store.search(rows[9], 1).keys.tolist() == [9])
    store.close()


@pytest.mark.parametrize("backend", sorted(servers.OF_STORES), indirect=True)
def test_a_server_that_never_answered_is_an_error(backend, tmp_path, monkeypatch):
    variable, _ = servers.OF_STORES[backend]
    nobody = urlsplit(os.environ[variable])._replace(netloc=f"127.0.0.1:{servers.free_port()}")
    monkeypatch.setenv(variable, nobody.geturl())
    with pytest.raises(IndexUnavailableError, match="Could not use"):
        cached(backend, tmp_path)


@pytest.mark.parametrize("backend", sorted(servers.OF_STORES), indirect=True)
def test_one_that_was_replaced_answers_and_brings_nothing_back(backend, tmp_path):
    rows = unit(np.random.default_rng(0), 40)
    old = cached(backend, tmp_path)
    old.add(np.arange(40), rows)
    new = cached(backend, tmp_path)
    old.retire()
    wait_until(lambda: tenders(backend) == 1)  # that of the new one
    new.delete(np.arange(20))
    new.close()
    wait_until(lambda: not tenders(backend))
    assert old.search(rows[30], 1).keys.tolist() == [30]
    old.refresh()  # which tells it that the server lacks rows of the copy
    with pytest.raises(IndexUnavailableError):
        old.add(np.arange(1), rows[:1])
    old.close()
    assert on_the_server(backend, tmp_path)[0].tolist() == list(range(20, 40))


class Held(FlatIndex):
    """Takes rows once it is let."""

    def add(self, keys, vectors):
        self.reached.set()
        assert self.let.wait(DEADLINE_S)
        super().add(keys, vectors)

    reached, let = threading.Event(), threading.Event()


def test_a_row_deleted_while_it_is_sent_does_not_come_back(tmp_path):
    copy, remote = (
        kind.open(tmp_path / kind.__name__, dim=DIM, embedder="t", writable=True, exact=True)
        for kind in (FlatIndex, Held)
    )
    copy.add(np.arange(10), unit(np.random.default_rng(0), 10))
    store = CachedRemoteStore("held", tmp_path, copy, lambda: remote, writable=True, shared=False)
    assert remote.reached.wait(DEADLINE_S)
    with ThreadPoolExecutor(1) as threads:
        deleting = threads.submit(store.delete, np.array([3]))
        wait([deleting], 0.3)  # it may have to wait itself until the rows are sent
        remote.let.set()
        deleting.result(DEADLINE_S)
    left = [key for key in range(10) if key != 3]
    wait_until(lambda: remote.keys().tolist() == left, remote.keys)
    assert store.keys().tolist() == left
    store.close()


class Unanswered(FlatIndex):
    """A store that accepts rows and then loses the connection, until it is restored."""

    tried, joined = threading.Event(), threading.Event()

    def add(self, keys, vectors):
        super().add(keys, vectors)
        if not self.joined.is_set():
            raise StoreAwayError("the answer was lost")

    def keys(self):
        return super().keys() if self.joined.is_set() else np.empty(0, np.int64)

    @classmethod
    def reached(cls, path):
        if cls.tried.is_set() and not cls.joined.is_set():
            raise StoreAwayError("nobody answers")
        cls.tried.set()
        return cls.open(path, dim=DIM, embedder="t", writable=True, exact=True)


def test_a_row_whose_sending_was_not_answered_can_be_deleted(tmp_path):
    there = tmp_path / "there"

    def opened():
        copy = FlatIndex.open(tmp_path / "copy", dim=DIM, embedder="t", writable=True, exact=True)
        return CachedRemoteStore(
            "unanswered", tmp_path, copy, lambda: Unanswered.reached(there), writable=True, shared=False
        )

    left = [0, 1, 2, 5, 6, 7, 8, 9]
    store = opened()
    store.add(np.arange(10), unit(np.random.default_rng(0), 10))
    assert store.problems
    store.delete(np.array([3, 99]))
    store.close()
    store = opened()
    store.delete(np.array([4]))
    assert (len(store), store.keys().tolist()) == (8, left)
    Unanswered.joined.set()
    wait_until(lambda: not store.problems)
    assert (len(store), store.keys().tolist()) == (8, left)
    store.close()
    remote = Unanswered.reached(there)
    assert remote.keys().tolist() == left
    remote.close()


def test_a_row_that_comes_meanwhile_takes_the_place_of_none_that_is_allowed(tmp_path, monkeypatch):
    rows = unit(np.random.default_rng(0), 40)
    store, other = (open_vectors("sqlite-vec", tmp_path, dim=DIM, embedder="t", writable=True).store for _ in range(2))
    other.add(np.arange(4), rows[:4])
    assert store.refresh()
    nearest = store._table.nearest

    def overtaken(query, k, allowed):
        other.add(np.arange(4, 40), rows[4:])
        return nearest(query, k, allowed)

    monkeypatch.setattr(store._table, "nearest", overtaken)
    best = np.argsort(-(rows[:4] @ rows[20]))
    assert store.search(rows[20], 3, np.arange(4)).keys.tolist() == best[:3].tolist()
    store.close()
    other.close()


def test_work_goes_on_after_any_failure():
    rounds, told = [], []

    def work():
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise TypeError("nobody thought of this")

    tender = RetryLoop("tender", work, told.append)
    tender.start()
    wait_until(lambda: len(rounds) > 1)
    tender.end()
    assert [str(error) for error in told] == ["nobody thought of this"]


class AgainstOracle(WritingMachine):
    """The same on a server that comes and goes."""

    wire = None

    def __init__(self):
        self.wire.join()
        super().__init__()
        self.of_key = unit(self.rng, MOST_KEYS)

    def open(self):
        return cached(self.name, self.path)

    def rows(self, keys):
        return self.of_key[keys]

    @rule()
    def cut(self):
        self.wire.cut()

    @rule()
    def join(self):
        self.wire.join()

    @invariant()
    def finds_the_best(self):
        query = unit(self.rng, 1)[0]
        keys = self.held()[0]
        for allowed in (keys, keys[::2]):
            best = allowed[np.argsort(-(self.of_key[allowed] @ query))][:4]
            assert self.store.search(query, 4, None if allowed is keys else allowed).keys.tolist() == best.tolist()

    def teardown(self):
        self.wire.join()
        keys = sorted(self.oracle)
        wait_until(lambda: not self.store.problems and on_the_server(self.name, self.path)[0].tolist() == keys)
        super().teardown()


@pytest.mark.slow
@pytest.mark.parametrize("backend", sorted(servers.OF_STORES), indirect=True)
def test_any_sequence_of_writes_and_losses_agrees_with_the_oracle(backend, tmp_path_factory, monkeypatch):
    variable = servers.OF_STORES[backend][0]
    with servers.Wire(variable) as wire:
        monkeypatch.setenv(variable, wire.url)
        machine = type("Machine", (AgainstOracle,), {"name": backend, "directory": tmp_path_factory, "wire": wire})
        machine.TestCase.settings = settings(
            max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        )
        machine.TestCase().runTest()
