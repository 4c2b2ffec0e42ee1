"""Stores on servers that restart, lack extensions, or are shared by several indexes."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from codekin.errors import IndexUnavailableError
from codekin.storage.vectors.backends import pgvector_ivf as postgres_lists
from codekin.storage.vectors.registry import PROMISED_RECALL, open_vectors
from codekin.storage.vectors.remote.server_address import collection_of, without_secrets
from support import servers
from support.rows import DIM, add_in_steps, unit
from support.waiting import DEADLINE_S, wait_until


def opened(name, path, **options):
    return open_vectors(name, path, dim=DIM, embedder="t", writable=True, **options).store


@pytest.mark.slow
def test_a_server_that_comes_back_has_everything_and_nothing_is_reopened(own_server, tmp_path):
    name, server = own_server
    rng = np.random.default_rng(0)
    rows = unit(rng, 60)
    store = opened(name, tmp_path)
    store.add(np.arange(40), rows[:40])
    store.delete(np.arange(5))
    server.stop()
    started = time.monotonic()
    with pytest.raises(IndexUnavailableError, match=r"127\.0\.0\.1"):
        store.search(rows[0], 5)
    with pytest.raises(IndexUnavailableError):
        store.add(np.arange(40, 60), rows[40:])
    with pytest.raises(IndexUnavailableError):
        store.refresh()
    assert time.monotonic() - started < DEADLINE_S
    assert len(store) == 35
    assert not store.contains(np.arange(40, 60)).any()
    server.start()
    assert store.search(rows[10], 1).keys.tolist() == [10]
    store.add(np.arange(40, 60), rows[40:])
    found, got = store.get(np.arange(60))
    assert np.array_equal(np.flatnonzero(found), np.arange(5, 60))
    assert np.array_equal(got[5:], rows[5:])
    store.close()


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_writing_loses_nothing_acknowledged(own_server, tmp_path):
    name, server = own_server
    rows = unit(np.random.default_rng(0), 40_000)  # more than can be written before the kill
    store = opened(name, tmp_path)
    acknowledged = []

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(add_in_steps, store, rows, acknowledged)
        wait_until(lambda: len(acknowledged) > 200)
        server.stop(signal.SIGKILL)
        with pytest.raises(IndexUnavailableError):
            writing.result(60)
    store.close()
    server.start()
    store = opened(name, tmp_path)
    assert store.contains(np.array(acknowledged)).all()
    keys = store.keys()
    found, got = store.get(keys)
    assert found.all()
    assert np.array_equal(got, rows[keys])
    assert store.search(rows[keys[3]], 1).keys.tolist() == [keys[3]]
    store.close()


@pytest.mark.parametrize("backend", sorted(servers.OF_STORES), indirect=True)
def test_indexes_on_one_server_do_not_meet(backend, tmp_path):
    rows = unit(np.random.default_rng(0), 4)
    first, second = opened(backend, tmp_path / "a"), opened(backend, tmp_path / "b")
    first.add(np.arange(2), rows[:2])
    second.add(np.arange(1, 4), rows[1:])
    second.delete(np.array([1]))
    assert not first.refresh()
    assert first.search(rows[3], 4).keys.tolist() in ([0, 1], [1, 0])
    assert first.keys().tolist() == [0, 1]
    assert second.keys().tolist() == [2, 3]
    first.close()
    second.close()


@pytest.mark.parametrize("backend", ["redis-hnsw"], indirect=True)
def test_a_large_write_does_not_keep_a_server_from_others(backend, tmp_path, redis):
    from redis import Redis

    store = opened(backend, tmp_path)
    with Redis.from_url(redis) as client:
        client.config_resetstat()
        store.add(np.arange(2_000), unit(np.random.default_rng(0), 2_000))
        assert client.info("commandstats")["cmdstat_exec"]["calls"] >= 20
    assert len(store) == 2_000
    assert len(opened(backend, tmp_path)) == 2_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend", ["elasticsearch-hnsw", "pgvector-halfvec", "pgvector-hnsw", "pgvector-ivf", "redis-hnsw"], indirect=True
)
def test_approximate_answers_keep_their_promise_under_filters(backend, tmp_path, monkeypatch):
    """Rows in clusters, as code is; queries beside rows, as questions are."""
    monkeypatch.setattr(postgres_lists, "MIN_ROWS", 1_000)
    rng = np.random.default_rng(0)
    centres = unit(rng, 60)
    rows = centres[rng.integers(0, 60, 3_000)] + 0.1 * rng.standard_normal((3_000, DIM)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    store = opened(backend, tmp_path)
    store.add(np.arange(3_000), rows)
    store.compact()
    store._table.max_gathered = 0  # so that this many rows are not compared exactly
    for share in (1.0, 0.7, 0.2, 0.05):
        allowed = np.flatnonzero(rng.random(3_000) < share)
        found = []
        for query in rows[rng.integers(0, 3_000, 40)] + 0.05 * unit(rng, 40):
            best = set(allowed[np.argsort(-(rows[allowed] @ query))[:10]].tolist())
            found.append(len(best & set(store.search(query, 10, allowed).keys.tolist())) / 10)
        print(f"{backend}, {share:.0%} allowed: recall@10 {np.mean(found):.3f}")
        assert np.mean(found) >= PROMISED_RECALL[backend]
    store.close()


@pytest.mark.parametrize("backend", ["pgvector-ivf"], indirect=True)
def test_lists_are_made_of_many_rows_and_made_anew_of_many_more(backend, tmp_path, monkeypatch):
    monkeypatch.setattr(postgres_lists, "MIN_ROWS", 200)
    rows = unit(np.random.default_rng(0), 4_000)
    store, reader = opened(backend, tmp_path), opened(backend, tmp_path)

    def lists():
        assert reader.refresh()
        assert reader.search(rows[17], 1).keys.tolist() == [17]
        return store._table._lists, reader._table._lists

    store.add(np.arange(100), rows[:100])
    store.compact()
    assert lists() == (0, 0)
    store.add(np.arange(300), rows[:300])
    store.compact()
    assert lists() == (16, 16)
    store.add(np.arange(4_000), rows)
    assert lists() == (16, 16)
    store.compact()
    assert lists() == (64, 64)
    store.compact()
    assert not reader.refresh()
    reader.close()
    store.close()
    store = opened(backend, tmp_path)
    assert store._table._lists == 64
    store.close()


def test_a_database_without_the_extension_says_who_can_help(postgres, tmp_path, monkeypatch):
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute("CREATE DATABASE bare")
    monkeypatch.setenv("CODEKIN_POSTGRES_URL", postgres.replace("codekin@", "plain@").replace("/postgres", "/bare"))
    with pytest.raises(IndexUnavailableError, match="administrator run CREATE EXTENSION vector"):
        opened("pgvector", tmp_path)


@pytest.mark.parametrize("backend", ["elasticsearch"], indirect=True)
def test_what_a_writer_sent_before_its_connection_broke_is_seen_by_the_next(backend, tmp_path, monkeypatch):
    rows = unit(np.random.default_rng(0), 3)
    store = opened(backend, tmp_path)

    def breaks():
        raise ConnectionResetError("the connection was lost")

    monkeypatch.setattr(store._table, "_next_generation", breaks)
    with pytest.raises(IndexUnavailableError, match="the connection was lost"):
        store.add(np.arange(3), rows)
    store.close()
    store = opened(backend, tmp_path)
    assert store.keys().tolist() == [0, 1, 2]
    store.close()


@pytest.mark.parametrize("backend", ["elasticsearch", "elasticsearch-hnsw"], indirect=True)
def test_every_number_comes_back_exactly(backend, tmp_path):
    """Numbers leave the server as decimals."""
    rng = np.random.default_rng(0)
    rows = unit(rng, 400) * np.float32(2) ** -rng.integers(0, 148, (400, DIM)).astype(np.float32)
    rows[0], rows[1] = 0, np.float32(-0.0)
    keys = np.array([2**31 - 1, 2**31, 2**63 - 1, 2**33, *range(396)])
    store = opened(backend, tmp_path)
    store.add(keys, rows)
    store.compact()
    found, got = store.get(keys)
    assert found.all()
    assert np.array_equal(got.view(np.uint32), rows.view(np.uint32))
    store.close()


def test_an_answer_that_breaks_off_in_its_head_is_a_failure(tmp_path, monkeypatch):
    head = b"HTTP/1.1 200 OK\r\nx-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("CODEKIN_ELASTICSEARCH_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")

        def break_off():
            with contextlib.suppress(OSError):
                while True:
                    with listener.accept()[0] as asked:
                        asked.recv(65_536)
                        asked.sendall(head)

        with ThreadPoolExecutor(1) as threads:
            threads.submit(break_off)
            try:
                with pytest.raises(IndexUnavailableError, match="was lost within an answer"):
                    opened("elasticsearch", tmp_path)
            finally:
                listener.shutdown(socket.SHUT_RDWR)


def test_a_collection_keeps_its_name(tmp_path):
    directory = tmp_path / "My Project-0123456789abcdef" / "vectors" / "redis-static"
    name = collection_of(directory)
    assert name.startswith("codekin_my_project_")
    assert collection_of(directory) == name
    assert collection_of(tmp_path / "other") != name
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(collection_of, [tmp_path / "third"] * 8))) == 1
    (directory / "collection.txt").write_text("x; DROP TABLE users")
    with pytest.raises(IndexUnavailableError, match="not contain a valid collection name"):
        collection_of(directory)


def test_addresses_are_shown_without_secrets():
    assert without_secrets("redis://ann:secret@host:6379/2?password=x") == "redis://ann@host:6379/2"
    assert without_secrets("https://host") == "https://host"
