"""Fixtures for all tests. No test may leave this machine, and none uses the user's own index."""

from __future__ import annotations

import os
import shutil
import socket

import pytest

from codekin.storage.vectors.registry import VECTOR_STORES
from support import servers
from support.git.repository import run_git
from support.interrupts import pytest_sessionfinish  # noqa: F401 - a hook of pytest
from support.places import SAMPLE

FIXTURES = {"elasticsearch": "elasticsearch", "pgvector": "postgres", "redis": "redis"}
"""Vector store → fixture that gives its server's address."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def pytest_collection_modifyitems(items):
    """Run files with slow tests first, so that no process still runs one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


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
    # Where the deep model is installed, it would work in the background of every test.
    monkeypatch.setenv("CODEKIN_DEEP", "off")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    # The process of the tests holds torch, and the machine may be busy: its memory and pace say
    # nothing of the product.
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
    """Runs git in a folder; see `run_git`."""
    return run_git


@pytest.fixture(scope="session")
def postgres():
    with servers.postgres() as (_, url):
        yield url


@pytest.fixture(scope="session")
def elasticsearch():
    with servers.elasticsearch() as (_, url):
        yield url


@pytest.fixture(scope="session")
def redis():
    with servers.redis() as (_, url):
        yield url


@pytest.fixture(params=sorted(VECTOR_STORES))
def backend(request, monkeypatch):
    """The name of a store that can be opened now."""
    if (store := request.param.partition("-")[0]) in servers.OF_STORES:
        variable, start = servers.OF_STORES[store]
        monkeypatch.setenv(
            variable, request.getfixturevalue(start.__name__)
        )  # the fixture of that name shares its server
    return request.param
