"""Vectors in Redis: a hash for each row, searched by RediSearch (part of Redis 8 and of Redis Stack), exactly or by HNSW.

How durable a write is when it returns is the server's own setting (`appendonly`, `appendfsync`): waiting for its file to be
synced would take up to a second for every saved file.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.errors import IndexUnavailableError, StoreAwayError, StoreReadOnlyError
from codekin.storage.vectors.optional_imports import load
from codekin.storage.vectors.remote.server_address import (
    check_shared_name,
    collection_of,
    model_digest,
    server_url,
    told,
    without_secrets,
)
from codekin.storage.vectors.table_store import TableStore, check_made_by

EXTRA = "redis"
URL = "CODEKIN_REDIS_URL"
_ANSWER_S = 15
"""A server that is frozen holds a search for so long."""
_INDEXING_S = 120
_INDEXING_POLL_S = 0.05
_FLAT = ("FLAT", 6)
_HNSW = ("HNSW", 12, "M", 24, "EF_CONSTRUCTION", 200, "EF_RUNTIME", 500)
_ARGUMENTS = 1_000
"""Keys named in one command."""


def open_store(
    directory: Path, *, dim: int, embedder: str, writable: bool, hnsw: bool, collection: str = ""
) -> TableStore:
    """`collection` is a shared one, "" stands for the index's own. Raises SettingsError without an address,
    StoreAwayError when the server does not answer, IndexUnavailableError when it cannot search.
    """
    load("redis", EXTRA)
    url = server_url(URL, EXTRA, "redis://user:password@host:6379/0")
    table = RedisTable(url, _name(directory, collection, embedder, hnsw=hnsw), dim, embedder, hnsw=hnsw)
    return TableStore(table, dim=dim, writable=writable)


class RedisTable:
    """`Table`: every write is one MULTI with the rows, the set of all keys and the generation."""

    most_allowed = 2_000
    """Ten nearest of 100,000 rows took 260 ms among 10,000 that were named, and 30 ms among all."""
    problems: tuple[str, ...] = ()

    def __init__(self, url: str, name: str, dim: int, embedder: str, *, hnsw: bool) -> None:
        redis = load("redis", EXTRA)
        # A call whose connection another thread closes meanwhile ends with ValueError.
        self.failures: tuple[type[Exception], ...] = (redis.RedisError, OSError, ValueError)
        self.place = f"{without_secrets(url)}, index {name}"
        self._dim = dim
        self._index = name
        self._hnsw = hnsw
        # In braces, so that a cluster keeps all of one index on one of its servers.
        self._facts, self._keys, self._rows = (f"codekin:{{{name}}}:{part}" for part in ("facts", "keys", "row:"))
        try:
            # Replies of protocol 3 differ between versions of RediSearch.
            self._client: Any = redis.Redis.from_url(
                url, protocol=2, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S, health_check_interval=30
            )
            self.note = self._described()
            held = self._made_by(embedder)
            check_made_by(self.place, held, embedder, dim)
            self._open_index()
        except IndexUnavailableError:
            self.close()
            raise
        except self.failures as error:
            raise StoreAwayError(f"Redis at {without_secrets(url)} cannot be used: {told(error, url)}") from None

    def generation(self) -> int:
        """See `Table.generation`."""
        return int(self._client.hget(self._facts, "generation") or -1)

    def keys(self) -> Keys:
        """See `Table.keys`."""
        return _integers(list(self._client.smembers(self._keys)))

    def put(self, keys: Keys, rows: Vectors) -> int:
        """See `Table.put`."""
        writes = self._client.pipeline(transaction=True)
        for key, row in zip(keys.tolist(), rows.astype("<f4", copy=False), strict=True):
            writes.hset(f"{self._rows}{key}", mapping={"key": key, "row": row.tobytes()})
        for start in range(0, len(keys), _ARGUMENTS):
            writes.sadd(self._keys, *keys[start : start + _ARGUMENTS].tolist())
        writes.hincrby(self._facts, "generation", 1)
        return self._written(writes)

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        writes = self._client.pipeline(transaction=True)
        for start in range(0, len(keys), _ARGUMENTS):
            listed = keys[start : start + _ARGUMENTS].tolist()
            writes.unlink(*(f"{self._rows}{key}" for key in listed))
            writes.srem(self._keys, *listed)
        writes.hincrby(self._facts, "generation", 1)
        return self._written(writes)

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        reads = self._client.pipeline(transaction=False)
        for key in keys.tolist():
            reads.hget(f"{self._rows}{key}", "row")
        held = reads.execute()
        found = np.array([row is not None for row in held], dtype=np.bool_)
        rows = np.frombuffer(b"".join(row for row in held if row is not None), dtype="<f4")
        return keys[found], rows.reshape(-1, self._dim)

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        # A tag is digits alone: nothing in it has a meaning to the query language.
        among = "*" if allowed is None else f"@key:{{{'|'.join(map(str, allowed.tolist()))}}}"
        command = ("FT.SEARCH", self._index, f"({among})=>[KNN {k} @row $query AS distance]", "PARAMS", 2, "query")
        # More than is waited for: out of time, the server would answer with what it has found so far, and not say so.
        answer = ("RETURN", 1, "distance", "LIMIT", 0, k, "DIALECT", 2, "TIMEOUT", 2 * _ANSWER_S * 1000)
        _, *found = self._client.execute_command(*command, query.astype("<f4").tobytes(), *answer)
        keys = _integers([name[len(self._rows) :] for name in found[::2]])
        distances = np.array([float(fields[1]) for fields in found[1::2]], dtype=np.float64)
        return keys, (1 - distances).astype(np.float32)

    def compact(self) -> None:
        """See `Table.compact`: the server gives back room by itself."""

    def close(self) -> None:
        """See `Table.close`."""
        self._client.close()

    def _written(self, writes: Any) -> int:
        """Runs a MULTI that ends with the generation."""
        exceptions = load("redis", EXTRA).exceptions
        try:
            return int(writes.execute()[-1])
        except (exceptions.NoPermissionError, exceptions.ReadOnlyError) as error:
            raise StoreReadOnlyError(f"This user may only read {self.place}: {error}") from error

    def _described(self) -> str:
        try:
            server = self._client.info()
        except load("redis", EXTRA).exceptions.NoPermissionError:
            server = {"redis_version": "of unknown version", "aof_enabled": True}
        said = f"Redis {server['redis_version']}, {'approximate (HNSW)' if self._hnsw else 'exact'}"
        kept = server.get("aof_enabled")
        return said if kept else f"{said}; without appendonly the server may lose vectors when it restarts"

    def _made_by(self, embedder: str) -> tuple[str, int]:
        known = self._client.hmget(self._facts, "embedder", "dim")
        if None not in known:  # who may only read is not to write
            return known[0].decode(), int(known[1])
        facts = (("embedder", embedder), ("dim", self._dim), ("generation", 0))
        create = self._client.pipeline(transaction=True)
        for name, value in facts:
            create.hsetnx(self._facts, name, value)
        create.hmget(self._facts, "embedder", "dim")
        held = create.execute()[-1]
        return held[0].decode(), int(held[1])

    def _open_index(self) -> None:
        """Creates the index where there is none, and waits until the server has built it (again, after a restart)."""
        redis = load("redis", EXTRA)
        deadline = time.monotonic() + _INDEXING_S
        while time.monotonic() < deadline:
            try:
                facts = self._client.execute_command("FT.INFO", self._index)
            except redis.exceptions.NoPermissionError:
                raise
            except redis.ResponseError as error:
                if "unknown command" in str(error).lower():
                    raise IndexUnavailableError(
                        f"The server at {self.place} has no RediSearch. Remedy: Redis 8, or Redis Stack."
                    ) from error
                self._create_index()
                continue
            if not int(dict(zip(facts[::2], facts[1::2], strict=True))[b"indexing"]):
                return
            time.sleep(_INDEXING_POLL_S)
        raise StoreAwayError(f"{self.place} is still being built by the server; try again later.")

    def _create_index(self) -> None:
        redis = load("redis", EXTRA)
        kind = _HNSW if self._hnsw else _FLAT
        vector = ("row", "VECTOR", *kind, "TYPE", "FLOAT32", "DIM", self._dim, "DISTANCE_METRIC", "IP")
        command = ("FT.CREATE", self._index, "ON", "HASH", "PREFIX", 1, self._rows, "SCHEMA", "key", "TAG", *vector)
        try:
            self._client.execute_command(*command)
        except redis.ResponseError as error:
            if "already exists" not in str(error):  # another process was quicker
                raise


def _name(directory: Path, shared: str, embedder: str, *, hnsw: bool) -> str:
    if not shared:
        return collection_of(directory)
    check_shared_name(shared)
    return f"codekin_{shared}_{model_digest(embedder)}{'_hnsw' if hnsw else ''}"


def _integers(texts: list[bytes]) -> Keys:
    return np.array(texts, dtype="S20").astype(np.int64)
