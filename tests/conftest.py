"""Fixtures for all tests. No test may leave this machine, and none uses the user's own index."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
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
    for name in ("CODEKIN_METADATA", "CODEKIN_VECTORS", "CODEKIN_EMBEDDER", "CODEKIN_PLACE", "CODEKIN_DEEP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(path / "config"))
    return path


@pytest.fixture
def sample(tmp_path):
    """A copy of the sample workspace."""
    target = tmp_path / "parcelpost"
    shutil.copytree(ROOT / "sample_workspace", target)
    return target


@pytest.fixture
def git():
    """Runs git in a folder, with a name to commit under and no configuration but its own."""

    def run(folder, *arguments):
        settings = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
        done = subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout

    return run
