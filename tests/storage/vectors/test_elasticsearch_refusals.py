"""What Elasticsearch refuses, each provoked on a real node, and what it is not asked to do."""

from __future__ import annotations

import contextlib
import json
import socket
import threading

import elasticsearch as library
import numpy as np
import pytest

from codekin.errors import IndexUnavailableError, SettingsError, StoreAwayError
from codekin.storage.vectors.backends import elasticsearch_client, elasticsearch_index
from codekin.storage.vectors.registry import open_cached, open_vectors
from support import servers
from support.rows import DIM, unit
from support.waiting import wait_until

NAME = "elasticsearch"
URL = "CODEKIN_ELASTICSEARCH_URL"


def opened(path, **options):
    return open_vectors(NAME, path, dim=DIM, embedder="t", writable=True, **options).store


def named(path, name):
    """The index of this folder gets that name."""
    path.mkdir(exist_ok=True)
    (path / "collection.txt").write_text(name)
    return name


@pytest.fixture
def client(elasticsearch, monkeypatch):
    """A client of the node that the tests share."""
    monkeypatch.setenv(URL, elasticsearch)
    with library.Elasticsearch(elasticsearch) as connected:
        yield connected


@contextlib.contextmanager
def setting(client, **values):
    """Change settings of the cluster for a while; their names have _ for dots between words."""
    names = {name.replace("__", "."): value for name, value in values.items()}
    client.cluster.put_settings(persistent=names)
    try:
        yield
    finally:
        client.cluster.put_settings(persistent=dict.fromkeys(names))


@pytest.fixture
def template(client):
    """Creates index templates, which are deleted at the end."""
    names = []

    def create(name, settings):
        names.append(name)
        client.indices.put_index_template(
            name=name, index_patterns=[f"codekin_{name}_*"], template={"settings": settings}
        )

    yield create
    for name in names:
        client.indices.delete_index_template(name=name)


@pytest.fixture(scope="module")
def narrow():
    """(server, URL) of a node with little room for requests."""
    with servers.elasticsearch("http.max_content_length=24kb", "indexing_pressure.memory.limit=48kb") as started:
        yield started


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        ("ftp://ann:hidden@a:9200", "does not begin with http:// or https://"),
        ("http://a:9200,ftp://ann:hidden@b:9200", "does not begin with http:// or https://"),
        ("http://ann:hidden@a:9200,,http://b:9200", "is invalid"),
        ("http://ann:hidden@a:9200,", "is invalid"),
        ("http://ann:hidden@a:9200,b:9200", "is invalid"),
        ("http://ann:hid@den@a:9200,http://b:9200", "is invalid"),
        ("http://ann:hidden@a:9200,http://bob:hidden@a:9200", "names a:9200 more than once"),
    ],
)
def test_addresses_that_cannot_be_used_are_named_without_passwords(urls, said, tmp_path, monkeypatch):
    monkeypatch.setenv(URL, urls)
    with pytest.raises(SettingsError, match=said) as raised:
        opened(tmp_path)
    assert "hid" not in str(raised.value)


def test_credentials_of_no_address_are_shown(tmp_path, monkeypatch):
    ports = [servers.free_port(), servers.free_port()]
    monkeypatch.setenv(URL, ",".join(f"http://ann{port}:hidden{port}@127.0.0.1:{port}" for port in ports))
    with pytest.raises(StoreAwayError) as raised:
        opened(tmp_path)
    assert all(f"ann{port}@127.0.0.1:{port}" in str(raised.value) for port in ports)
    assert "hidden" not in str(raised.value)


@contextlib.contextmanager
def described(version, *headers):
    """The URL of something that describes itself at `/`, and that answers nothing else."""
    body = json.dumps({"cluster_name": "c", "version": version}).encode()
    head = "\r\n".join(["HTTP/1.1 200 OK", "content-type: application/json", f"content-length: {len(body)}", *headers])
    asked = []

    def answer(listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    while request := connection.recv(65_536):
                        asked.append(request.split()[0])
                        connection.sendall(head.encode() + b"\r\n\r\n" + (b"" if asked[-1] == b"HEAD" else body))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.mark.parametrize(
    ("version", "headers", "said"),
    [
        ({"distribution": "opensearch", "number": "2.19.0"}, (), "is OpenSearch, not Elasticsearch.*pgvector or redis"),
        ({"number": "8.11.4"}, ("x-elastic-product: Elasticsearch",), "upgrade it to 8.12 or newer"),
        ({"number": "8.19.0"}, ("x-elastic-product: Elasticsearch",), r"pip install 'elasticsearch>=8\.0,<9'"),
        ({"number": "11.0.0"}, ("x-elastic-product: Elasticsearch",), r"pip install 'elasticsearch>=11\.0,<12'"),
    ],
)
def test_other_servers_and_versions_are_refused_in_words(version, headers, said, tmp_path, monkeypatch):
    with described(version, *headers) as (url, asked):
        monkeypatch.setenv(URL, url)
        with pytest.raises(IndexUnavailableError, match=said):
            opened(tmp_path)
    assert set(asked) <= {b"HEAD", b"GET"}


def test_an_index_that_is_not_ours_is_left_alone(client, tmp_path):
    name = named(tmp_path, "codekin_foreign_0123456789ab")
    client.index(index=name, id="1", document={"theirs": True}, refresh=True)
    with pytest.raises(IndexUnavailableError, match="was not created by codekin"):
        opened(tmp_path)
    assert client.get(index=name, id="1")["_source"] == {"theirs": True}
    assert client.count(index=name)["count"] == 1
    assert not client.indices.exists_alias(name=f"{name}-rows")


def test_a_mapping_that_was_changed_is_named(client, tmp_path):
    name = named(tmp_path, "codekin_changed_0123456789ab")
    opened(tmp_path).close()
    client.indices.put_mapping(index=name, properties={"note": {"type": "keyword"}}, dynamic=False)
    with pytest.raises(IndexUnavailableError, match="dynamic is false; field note is new") as raised:
        opened(tmp_path)
    assert "without embedding" in str(raised.value)
    with pytest.raises(IndexUnavailableError, match=r"row\.index_options\.type is flat"):
        open_vectors("elasticsearch-hnsw", tmp_path, dim=DIM, embedder="t", writable=True)


def test_a_deleted_index_is_not_created_by_a_write(client, tmp_path):
    name = named(tmp_path, "codekin_deleted_0123456789ab")
    store = opened(tmp_path)
    client.indices.delete(index=name)
    with pytest.raises(IndexUnavailableError):
        store.add(np.arange(3), unit(np.random.default_rng(0), 3))
    assert not client.indices.exists(index=name)
    store.close()


def test_templates_decide_on_shards_and_replicas(client, template, tmp_path):
    template("templated", {"number_of_shards": 3, "number_of_replicas": 1})
    name = named(tmp_path, "codekin_templated_0123456789ab")
    rows = unit(np.random.default_rng(0), 300)
    store = opened(tmp_path)
    store.add(np.arange(300), rows)
    assert store.keys().tolist() == list(range(300))
    best = np.argsort(-(rows @ rows[5]))[:10]
    assert store.search(rows[5], 10).keys.tolist() == best.tolist()
    assert "3 shards with 1 replica each" in store.health()
    found = client.indices.get_settings(index=name)[name]["settings"]["index"]
    assert (found["number_of_shards"], found["refresh_interval"]) == ("3", "-1")
    store.close()


def test_a_full_disk_is_said_and_nothing_is_lost(client, tmp_path):
    """The server sets this block when its disk is almost full, and lifts it itself."""
    name = named(tmp_path, "codekin_full_0123456789ab")
    rows = unit(np.random.default_rng(0), 60)
    store = open_cached(NAME, tmp_path, dim=DIM, embedder="t", writable=True).store
    store.add(np.arange(40), rows[:40])
    client.indices.put_settings(index=name, settings={"index.blocks.read_only_allow_delete": True})
    store.add(np.arange(40, 60), rows[40:])
    assert store.search(rows[50], 1).keys.tolist() == [50]
    wait_until(lambda: any("free disk space" in problem for problem in store.problems), lambda: store.problems)
    client.indices.put_settings(index=name, settings={"index.blocks.read_only_allow_delete": None})
    wait_until(lambda: not store.problems and not store.queued)
    store.close()
    direct = opened(tmp_path)
    assert direct.keys().tolist() == list(range(60))
    direct.close()


def test_too_little_memory_for_a_request_makes_smaller_ones(client, tmp_path):
    rows = unit(np.random.default_rng(0), 2_000)
    store = opened(tmp_path)
    with setting(client, network__breaker__inflight_requests__limit="40kb"):
        store.add(np.arange(2_000), rows)
    found, got = store.get(np.arange(2_000))
    assert found.all()
    assert np.array_equal(got, rows)
    store.close()


@pytest.mark.slow
def test_large_requests_and_full_queues_lose_nothing(narrow, tmp_path, monkeypatch):
    server, url = narrow
    if server is None:
        pytest.skip("the limits of a server that is not ours are not changed")
    monkeypatch.setenv(URL, url)
    rows = unit(np.random.default_rng(0), 3_000)
    store = opened(tmp_path)
    store.add(np.arange(3_000), rows)
    found, got = store.get(np.arange(3_000))
    assert found.all()
    assert np.array_equal(got, rows)
    store.close()


def test_shards_that_do_not_start_are_waited_for_and_then_named(client, template, tmp_path, monkeypatch):
    for module in (elasticsearch_client, elasticsearch_index):
        monkeypatch.setattr(module, "PATIENCE_S", 1)
    nobody = {"index.routing.allocation.require._name": "nobody"}
    template("nowhere", nobody)
    name = named(tmp_path, "codekin_nowhere_0123456789ab")
    with pytest.raises(StoreAwayError, match=r"shards of the index are not available.* is red.*To fix: wait until"):
        opened(tmp_path)
    client.indices.put_settings(index=name, settings=dict.fromkeys(nobody))
    client.cluster.health(index=name, wait_for_status="yellow")
    store = opened(tmp_path)
    store.add(np.arange(3), unit(np.random.default_rng(0), 3))
    assert store.keys().tolist() == [0, 1, 2]
    store.close()
