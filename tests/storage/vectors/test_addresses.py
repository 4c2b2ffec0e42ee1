"""Addresses of servers: where they come from, and that no password ever shows, whatever fails."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from codekin.errors import SettingsError
from codekin.storage.vectors.registry import open_cached
from codekin.storage.vectors.remote.server_address import redacted_message, server_url
from support import servers
from support.commands import run_codekin
from support.places import ROOT

PASSWORD = "correct-horse%2Fbattery"
SPELLINGS = ("correct-horse", "battery", "hunter22")
PATIENCE_S = 30


def codekin(*arguments, **environment):
    done = run_codekin(*arguments, **environment)
    return done.returncode, done.stdout + done.stderr


def assert_silent(text):
    for secret in SPELLINGS:
        assert secret not in text


@pytest.fixture
def guarded(postgres):
    """The address of a server that asks ann for her password."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'anna'").fetchone():
            connection.execute("CREATE ROLE anna LOGIN SUPERUSER")
        connection.execute("ALTER ROLE anna PASSWORD 'correct-horse/battery'")
        (file,) = connection.execute("SHOW hba_file").fetchone()
        rules = Path(file).read_text()
        line = "host all anna 127.0.0.1/32 scram-sha-256\n"
        if not rules.startswith(line):
            Path(file).write_text(line + rules)
        connection.execute("SELECT pg_reload_conf()")
    return postgres.replace("codekin@", f"anna:{PASSWORD}@")


FAILURES = {
    "wrong password": (
        "pgvector",
        lambda url: url.replace("%2Fbattery", "%2Fbatteryhunter22"),
        "password authentication",
    ),
    "nobody there": (
        "pgvector",
        lambda _: f"postgresql://ann:{PASSWORD}@127.0.0.1:{servers.free_port()}/x",
        "refused",
    ),
    "no such host": ("pgvector", lambda _: f"postgresql://ann:{PASSWORD}@nowhere.invalid/x", "nowhere.invalid"),
    "no TLS": ("pgvector", lambda url: f"{url}?sslmode=require", "SSL"),
    "no root": ("pgvector", lambda url: f"{url}?sslmode=verify-full&sslrootcert=nowhere.pem", "SSL"),
    "no such parameter": ("pgvector", lambda url: f"{url}?password=hunter22&colour=red", "colour"),
    "bare slash": ("pgvector", lambda url: url.replace("%2F", "/"), "is invalid"),
    "bare at": ("pgvector", lambda url: url.replace("%2F", "@"), "is invalid"),
    "no host": ("pgvector", lambda _: f"postgresql://ann:{PASSWORD}", "is invalid"),
    "no URL": ("pgvector", lambda _: f"host=x password={PASSWORD}", "is invalid"),
    "redis, nobody there": (
        "redis",
        lambda _: f"redis://ann:{PASSWORD}@127.0.0.1:{servers.free_port()}/0",
        "refused",
    ),
    "redis, wrong password": (
        "redis",
        lambda url: url.replace("redis://", f"redis://ann:{PASSWORD}@"),
        "invalid username",
    ),
    "redis, no TLS": ("redis", lambda url: url.replace("redis://", f"rediss://ann:{PASSWORD}@"), "Could not use"),
    "redis, no number": (
        "redis",
        lambda _: f"redis://ann:{PASSWORD}@127.0.0.1:1/0?db=hunter22",
        "Could not use",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_shows_a_password(failure, guarded, redis, tmp_path):
    store, spoil, said = FAILURES[failure]
    (tmp_path / "one.py").write_text("def one():\n    return 1\n")
    variable = "CODEKIN_POSTGRES_URL" if store == "pgvector" else "CODEKIN_REDIS_URL"
    address = {variable: spoil(guarded if store == "pgvector" else redis)}
    code, text = codekin("index", tmp_path, CODEKIN_VECTORS=store, **address)
    assert code == 2
    assert said in text, text
    assert "Traceback" not in text
    assert_silent(text)


@pytest.mark.slow
def test_a_password_shows_nowhere_while_a_server_is_used_and_refuses_later(
    guarded, home, tmp_path, caplog, monkeypatch
):
    import psycopg

    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("CODEKIN_POSTGRES_URL", guarded)
    (tmp_path / "one.py").write_text("def one():\n    return 1\n")
    environment = {"CODEKIN_VECTORS": "pgvector", "CODEKIN_EMBEDDER": "hashing"}
    for command in (("index",), ("status",), ("status", "--json"), ("doctor",)):
        code, text = codekin(*command, tmp_path, **environment)
        assert code == 0, text
        assert "anna@127.0.0.1" in text or "--json" not in command
        assert_silent(text)
    store = open_cached("pgvector", tmp_path / "v", dim=4, embedder="t", writable=True)
    store.store.add(np.arange(1), np.eye(4, dtype=np.float32)[:1])
    with psycopg.connect(guarded, autocommit=True) as connection:
        connection.execute("ALTER ROLE anna PASSWORD 'another'")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'anna' AND pid <> pg_backend_pid()"
        )
    deadline = time.monotonic() + PATIENCE_S
    while "password authentication" not in " ".join(store.store.problems):
        assert time.monotonic() < deadline
        store.store.search(np.eye(4, dtype=np.float32)[0], 1)
    for command in (("status",), ("doctor",), ("search", "one")):
        code, text = codekin(*command, tmp_path, **environment)
        assert "password authentication" in text
        assert_silent(text)
    assert_silent(" ".join([*store.store.problems, store.why, store.path, store.store.search_mode, caplog.text]))
    store.store.close()
    for file in home.rglob("*"):
        if file.is_file():
            assert not any(secret.encode() in file.read_bytes() for secret in SPELLINGS)


def test_the_keyring_gives_what_the_environment_does_not(monkeypatch, tmp_path):
    environment = {
        **os.environ,
        "PYTHON_KEYRING_BACKEND": "support.keyrings.FileKeyring",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "KEYRING_OF_TESTS": str(tmp_path / "held"),
    }
    code = "from codekin.storage.vectors.remote.server_address import server_url; print(server_url('CODEKIN_REDIS_URL', 'redis', 'redis://host'))"

    def asked(held, **more):
        (tmp_path / "held").write_text(held)
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, capture_output=True, text=True, env={**environment, **more}
        )
        return (done.stdout or done.stderr).strip().splitlines()[-1]

    assert asked("codekin CODEKIN_REDIS_URL redis://kept\n") == "redis://kept"
    assert asked("codekin CODEKIN_REDIS_URL redis://kept\n", CODEKIN_REDIS_URL="redis://given") == "redis://given"
    assert "keyring set codekin CODEKIN_REDIS_URL" in asked("other CODEKIN_REDIS_URL redis://kept\n")
    assert "the keyring is locked" in asked("locked\n")


@pytest.mark.parametrize(
    "url", ["redis://host:6379/0", "postgresql://ann@a:1,b:2/db", "postgresql://ann:x@[::1]:5432/db?sslmode=require"]
)
def test_an_address_that_can_be_read_is_left_as_it_is(url, monkeypatch):
    monkeypatch.setenv("CODEKIN_POSTGRES_URL", url)
    assert server_url("CODEKIN_POSTGRES_URL", "pgvector", "x") == url


def test_what_a_library_says_is_told_without_the_password(monkeypatch):
    url = "redis://ann:a%2Fb%2Fc@host/0?password=second"
    assert redacted_message(ValueError("a/b/c, a%2Fb%2Fc\n or second?"), url) == "***, *** or ***?"
    monkeypatch.setenv("X_URL", "redis://ann:se:cret@ho:st")
    with pytest.raises(SettingsError) as raised:
        server_url("X_URL", "redis", "redis://host")
    assert "cret" not in str(raised.value)
