"""Three nodes behind several addresses, killed one after the other in the middle of work."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import elasticsearch
import numpy as np
import pytest

from codekin.errors import IndexUnavailableError
from codekin.storage.vectors.backends import elasticsearch_client
from codekin.storage.vectors.registry import open_cached, open_vectors
from support import servers
from support.commands import run_codekin
from support.elasticsearch.cluster import cluster
from support.rows import DIM, unit
from support.waiting import wait_until

ROWS = 60_000  # more than are written during the test
STEP = 20


@pytest.fixture(scope="module")
def nodes():
    with cluster() as started:
        yield started


@pytest.fixture
def addresses(nodes, monkeypatch):
    monkeypatch.setenv("CODEKIN_ELASTICSEARCH_URL", ",".join(url for _, url in nodes))


def until_longer(*lists):
    """Wait until each list has 20 more items."""
    wanted = [len(items) + 20 for items in lists]
    wait_until(lambda: all(len(items) > size for items, size in zip(lists, wanted, strict=True)))


def until_green(url):
    with elasticsearch.Elasticsearch(url, request_timeout=60) as client:
        client.cluster.health(wait_for_status="green", wait_for_nodes="3", timeout="60s")


@pytest.mark.slow
def test_each_node_is_killed_in_turn_and_nothing_fails_or_is_lost(nodes, addresses, tmp_path):
    rows = unit(np.random.default_rng(0), ROWS)
    store = open_cached("elasticsearch", tmp_path, dim=DIM, embedder="t", writable=True).store
    acknowledged, right, going_on = [], [], True

    def write():
        for start in range(0, ROWS, STEP):
            if not going_on:
                return
            store.add(np.arange(start, start + STEP), rows[start : start + STEP])
            acknowledged.append(start + STEP)

    def ask():
        while going_on:
            number = (7 * len(right)) % max(1, acknowledged[-1] if acknowledged else 1)
            right.append(not acknowledged or store.search(rows[number], 1).keys.tolist() == [number])

    with ThreadPoolExecutor(2) as threads:
        work = [threads.submit(write), threads.submit(ask)]
        try:
            for server, url in nodes:
                until_longer(acknowledged, right)
                server.stop(signal.SIGKILL)
                until_longer(acknowledged, right)
                server.start()
                until_green(url)
        finally:
            going_on = False
        for item in work:
            item.result(60)
    assert all(right)
    wait_until(lambda: not store.problems and not store.queued)
    store.close()
    direct = open_vectors("elasticsearch", tmp_path, dim=DIM, embedder="t", writable=False).store
    assert np.array_equal(direct.keys(), np.arange(acknowledged[-1]))
    found, got = direct.get(direct.keys())
    assert found.all()
    assert np.array_equal(got, rows[: acknowledged[-1]])
    direct.close()


@pytest.mark.slow
def test_a_node_that_does_not_answer_costs_a_second_and_the_status_names_the_cluster(nodes, addresses, sample):
    done = run_codekin("index", sample, CODEKIN_VECTORS="elasticsearch", check=True)
    status = run_codekin("status", sample, CODEKIN_VECTORS="elasticsearch", check=True).stdout
    assert "cluster tests is green, 3 of 3 addresses answering, 3 data nodes, 1 shard with 1 replica each" in status
    nodes[0][0].stop(signal.SIGKILL)
    status = run_codekin("status", sample, CODEKIN_VECTORS="elasticsearch", check=True).stdout
    assert "2 of 3 addresses answering, 2 data nodes" in status
    done = run_codekin("search", "retry", sample, CODEKIN_VECTORS="elasticsearch", check=True)
    assert "does not answer" not in done.stdout + done.stderr
    nodes[0][0].start()
    until_green(nodes[0][1])


@pytest.mark.slow
def test_a_frozen_node_is_passed_over(nodes, addresses, tmp_path, monkeypatch):
    """The request goes to another node. A shard of the frozen one is the cluster's matter."""
    monkeypatch.setattr(elasticsearch_client, "_IDLE_S", 0)  # as after a pause before each request
    store = open_vectors("elasticsearch", tmp_path, dim=DIM, embedder="t", writable=True).store
    with nodes[1][0].frozen():
        for _ in range(6):  # each address gets its turn
            store._table._cluster.client.transport.perform_request("HEAD", "/")
    answering = [node.answers for node in store._table._cluster.client.transport.node_pool.all()]
    assert sorted(answering) == [False, True, True]
    until_green(nodes[1][1])
    store.close()


def test_nodes_of_different_clusters_are_refused(nodes, request, tmp_path, monkeypatch):
    single, other = request.getfixturevalue("elasticsearch"), nodes[0][1]
    monkeypatch.setenv("CODEKIN_ELASTICSEARCH_URL", f"{single},{other}")
    with pytest.raises(IndexUnavailableError, match="nodes of different clusters") as raised:
        open_vectors("elasticsearch", tmp_path, dim=DIM, embedder="t", writable=True)
    assert single in str(raised.value)
    assert other in str(raised.value)
    name = (tmp_path / "collection.txt").read_text()
    for url in (single, other):
        with elasticsearch.Elasticsearch(url) as client:
            assert not client.indices.exists(index=name)


def test_the_store_is_away_only_if_no_address_answers(nodes, tmp_path, monkeypatch):
    nobody = f"http://127.0.0.1:{servers.free_port()}"
    monkeypatch.setenv("CODEKIN_ELASTICSEARCH_URL", f"{nobody},{nodes[2][1]}")
    store = open_vectors("elasticsearch", tmp_path, dim=DIM, embedder="t", writable=True).store
    rows = unit(np.random.default_rng(0), 5)
    store.add(np.arange(5), rows)
    assert store.search(rows[3], 1).keys.tolist() == [3]
    assert "1 of 2 addresses answering" in store.health()
    store.close()
    monkeypatch.setenv("CODEKIN_ELASTICSEARCH_URL", f"{nobody},http://127.0.0.1:{servers.free_port()}")
    with pytest.raises(IndexUnavailableError, match="Could not use Elasticsearch"):
        open_vectors("elasticsearch", tmp_path, dim=DIM, embedder="t", writable=True)
