"""The servers that stores need, from the environment or started as the tests do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

VARIABLES = {
    "elasticsearch": "CODEKIN_ELASTICSEARCH_URL",
    "pgvector": "CODEKIN_POSTGRES_URL",
    "redis": "CODEKIN_REDIS_URL",
}
_TESTS = Path(__file__).parents[2] / "tests"


@contextmanager
def started(*stores: str) -> Iterator[None]:
    """Provide a server for each store until the block ends, its address in the environment."""
    sys.path.insert(0, str(_TESTS))
    from support import servers  # type: ignore[import-not-found]  # noqa: PLC0415 - needs pytest and the wheels that carry the servers
    from support.elasticsearch import home  # type: ignore[import-not-found]  # noqa: PLC0415 - likewise

    starters = {
        "elasticsearch": lambda: servers.elasticsearch(java=home.FAST),
        "pgvector": servers.postgres,
        "redis": servers.redis,
    }
    with ExitStack() as stack:
        for store in stores:
            if not os.environ.get(VARIABLES[store]):
                _, os.environ[VARIABLES[store]] = stack.enter_context(starters[store]())
                stack.callback(os.environ.pop, VARIABLES[store])
        yield


def index_mb() -> float:
    """Return the size of all our indexes in Elasticsearch, with the logs of what was written."""
    from elasticsearch import Elasticsearch  # noqa: PLC0415 - an extra

    with Elasticsearch(os.environ[VARIABLES["elasticsearch"]]) as client:
        total = client.indices.stats(index="codekin*", metric=["store", "translog"])["_all"]["total"]
    return round((total["store"]["size_in_bytes"] + total["translog"]["size_in_bytes"]) / 1e6, 1)


def resources(store: str, place: Path) -> dict[str, int]:
    """Return the disk space of a store, and the memory of the process that has its rows, in MB.

    Memory that processes of a server share is counted once. Pages of files that the system caches
    are not included.
    """
    kind = store.partition("-")[0]
    if kind not in VARIABLES:
        files = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        return {"disk_mb": round(files / 1e6), "memory_mb": _private_mb([psutil.Process()])}
    port = urlsplit(os.environ[VARIABLES[kind]].partition(",")[0]).port
    owners = {
        found.pid for found in psutil.net_connections("tcp") if found.laddr.port == port and found.status == "LISTEN"
    }
    processes = [psutil.Process(owner) for owner in owners if owner is not None]
    family = {*processes, *(child for process in processes for child in process.children(recursive=True))}
    return {"disk_mb": round(_server_mb(kind)), "memory_mb": _private_mb(family)}


def _private_mb(processes: Iterable[psutil.Process]) -> int:
    """Return the memory of processes, with the share of each in what they have in common."""
    return round(sum(process.memory_full_info().pss for process in processes) / 1e6)


def _server_mb(kind: str) -> float:
    if kind == "elasticsearch":
        return index_mb()
    if kind == "redis":
        import redis  # noqa: PLC0415 - an extra

        with redis.Redis.from_url(os.environ[VARIABLES[kind]], protocol=2) as server:
            return int(server.info("persistence")["aof_current_size"]) / 1e6
    import psycopg  # noqa: PLC0415 - an extra

    tables = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'codekin%'"
    with psycopg.connect(os.environ[VARIABLES[kind]]) as connection:
        return float((connection.execute(tables).fetchone() or (0,))[0]) / 1e6
