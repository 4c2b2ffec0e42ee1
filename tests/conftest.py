"""Fixtures for all tests. No test may leave this machine, and none uses the user's own index."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess

import pytest

from codekin.storage.vectors import VECTOR_STORES
from support import servers
from support.places import SAMPLE

SERVERS = {
    "elasticsearch": {"CODEKIN_ELASTICSEARCH_URL": "elasticsearch"},
    "pgvector": {"CODEKIN_POSTGRES_URL": "postgres"},
    "redis": {"CODEKIN_REDIS_URL": "redis"},
}
"""Store → environment variable → fixture that gives its value."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def _stay_on_this_machine(monkeypatch):
    connect = socket.socket.connect

    def guarded(self, address):
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """Where indexes lie during a test."""
    path = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CODEKIN_HOME", str(path))
    for name in [name for name in os.environ if name.startswith("CODEKIN_") and name != "CODEKIN_HOME"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    # The process of the tests holds torch, and the machine may be busy: its memory and pace say nothing of the product.
    monkeypatch.setenv("CODEKIN_MEMORY_LIMIT_BYTES", "0")
    monkeypatch.setenv("CODEKIN_LATENCY_LIMIT_MS", "0")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(path / "config"))
    return path


@pytest.fixture
def sample(tmp_path):
    """A copy of the sample workspace."""
    target = tmp_path / "parcelpost"
    shutil.copytree(SAMPLE, target)
    return target


@pytest.fixture
def git():
    """Runs git in a folder, with a name to commit under and no configuration but its own."""

    def run(folder, *arguments):
        settings = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
        done = subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout

    return run


@pytest.fixture(scope="session")
def postgres():
    with servers.postgres() as (_, url):
        yield url


@pytest.fixture(scope="session")
def elasticsearch():
    with servers.elasticsearch() as (server, url):
        print(f"Elasticsearch: {'an emulator' if server else 'the server that the environment names'}")
        yield url


@pytest.fixture(scope="session")
def redis():
    with servers.redis() as (_, url):
        yield url


@pytest.fixture(params=sorted(VECTOR_STORES))
def backend(request, monkeypatch):
    """The name of a store that can be opened now."""
    for variable, server in SERVERS.get(request.param.partition("-")[0], {}).items():
        monkeypatch.setenv(variable, request.getfixturevalue(server))
    return request.param
