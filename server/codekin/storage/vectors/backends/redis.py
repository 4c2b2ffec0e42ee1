"""Vectors in Redis: one hash per row, searched by RediSearch, exactly or with HNSW.

RediSearch is part of Redis 8 and of Redis Stack. How durable a write is when it returns is the
server's own setting (`appendonly`, `appendfsync`): waiting for a sync would take up to a second per
saved file.
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
    redacted_message,
    server_url,
    without_secrets,
)
from codekin.storage.vectors.table_store import TableStore, check_made_by

EXTRA = "redis"
URL = "CODEKIN_REDIS_URL"
_ANSWER_S = 15
"""Timeout for an answer; a frozen server delays a search by this long."""
_INDEXING_S = 120
_INDEXING_POLL_S = 0.05
_FLAT = ("FLAT", 6)
_HNSW = ("HNSW", 12, "M", 24, "EF_CONSTRUCTION", 200, "EF_RUNTIME", 500)
_ROWS_PER_WRITE = 100
"""Number of rows that are written at once.

Nobody else is answered meanwhile. In a graph of a million rows, a row takes milliseconds, and a
busy server would not answer within `_ANSWER_S` if it got thousands of rows.
"""
_KEYS_PER_COMMAND = 1_000
"""Maximum number of keys in one command."""


def open_store(
    directory: Path, *, dim: int, embedder: str, writable: bool, hnsw: bool, collection: str = ""
) -> TableStore:
    """Open the store; `collection` names a shared one, "" means the index's own.

    Raises SettingsError without an address, StoreAwayError if the server does not answer, and
    IndexUnavailableError if it cannot search.
    """
    load("redis", EXTRA)
    url = server_url(URL, EXTRA, "redis://user:password@host:6379/0")
    table = RedisTable(url, _name(directory, collection, embedder, hnsw=hnsw), dim, embedder, hnsw=hnsw)
    return TableStore(table, dim=dim, writable=writable)


class RedisTable:
    """`Table` whose writes are MULTIs of some rows, the set of all keys and the generation."""

    max_allowed = 2_000
    """Measured: ten nearest of 100,000 rows take 260 ms with 10,000 keys, and 30 ms with all."""
    problems: tuple[str, ...] = ()

    def __init__(self, url: str, name: str, dim: int, embedder: str, *, hnsw: bool) -> None:
        redis = load("redis", EXTRA)
        # A call raises ValueError if another thread closes its connection meanwhile.
        self.failures: tuple[type[Exception], ...] = (redis.RedisError, OSError, ValueError)
        self.place = f"{without_secrets(url)}, index {name}"
        self._dim = dim
        self._index = name
        self._hnsw = hnsw
        # The braces make a cluster store everything of one index on one server.
        self._facts, self._keys, self._rows = (f"codekin:{{{name}}}:{part}" for part in ("facts", "keys", "row:"))
        try:
            # Replies of protocol 3 differ between versions of RediSearch.
            self._client: Any = redis.Redis.from_url(
                url, protocol=2, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S, health_check_interval=30
            )
            self.note = self._described()
            stored = self._made_by(embedder)
            check_made_by(self.place, stored, embedder, dim)
            self._open_index()
        except IndexUnavailableError:
            self.close()
            raise
        except self.failures as error:
            raise StoreAwayError(
                f"Could not use Redis at {without_secrets(url)}: {redacted_message(error, url)}"
            ) from None

    def generation(self) -> int:
        """See `Table.generation`."""
        return int(self._client.hget(self._facts, "generation") or -1)

    def keys(self) -> Keys:
        """See `Table.keys`."""
        return _integers(list(self._client.smembers(self._keys)))

    def put(self, keys: Keys, rows: Vectors) -> int:
        """See `Table.put`."""
        generation = 0
        for start in range(0, len(keys), _ROWS_PER_WRITE):
            written = slice(start, start + _ROWS_PER_WRITE)
            writes = self._client.pipeline(transaction=True)
            for key, row in zip(keys[written].tolist(), rows[written].astype("<f4", copy=False), strict=True):
                writes.hset(f"{self._rows}{key}", mapping={"key": key, "row": row.tobytes()})
            writes.sadd(self._keys, *keys[written].tolist())
            writes.hincrby(self._facts, "generation", 1)
            generation = self._written(writes)
        return generation

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        writes = self._client.pipeline(transaction=True)
        for start in range(0, len(keys), _KEYS_PER_COMMAND):
            listed = keys[start : start + _KEYS_PER_COMMAND].tolist()
            writes.unlink(*(f"{self._rows}{key}" for key in listed))
            writes.srem(self._keys, *listed)
        writes.hincrby(self._facts, "generation", 1)
        return self._written(writes)

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        reads = self._client.pipeline(transaction=False)
        for key in keys.tolist():
            reads.hget(f"{self._rows}{key}", "row")
        stored = reads.execute()
        found = np.array([row is not None for row in stored], dtype=np.bool_)
        rows = np.frombuffer(b"".join(row for row in stored if row is not None), dtype="<f4")
        return keys[found], rows.reshape(-1, self._dim)

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        # Tags consist of digits, so nothing in them needs escaping.
        among = "*" if allowed is None else f"@key:{{{'|'.join(map(str, allowed.tolist()))}}}"
        command = ("FT.SEARCH", self._index, f"({among})=>[KNN {k} @row $query AS distance]", "PARAMS", 2, "query")
        # Longer than the client waits, as the server returns partial results on its own timeout.
        answer = ("RETURN", 1, "distance", "LIMIT", 0, k, "DIALECT", 2, "TIMEOUT", 2 * _ANSWER_S * 1000)
        _, *found = self._client.execute_command(*command, query.astype("<f4").tobytes(), *answer)
        keys = _integers([name[len(self._rows) :] for name in found[::2]])
        distances = np.array([float(fields[1]) for fields in found[1::2]], dtype=np.float64)
        return keys, (1 - distances).astype(np.float32)

    def compact(self) -> None:
        """See `Table.compact`: the server reclaims space by itself."""

    def close(self) -> None:
        """See `Table.close`."""
        self._client.close()

    def _written(self, writes: Any) -> int:
        """Run a MULTI that ends with the generation; return the generation."""
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
        description = f"Redis {server['redis_version']}, {'approximate (HNSW)' if self._hnsw else 'exact'}"
        is_durable = server.get("aof_enabled")
        return (
            description
            if is_durable
            else f"{description}; without `appendonly` the server may lose vectors when it restarts"
        )

    def _made_by(self, embedder: str) -> tuple[str, int]:
        known = self._client.hmget(self._facts, "embedder", "dim")
        if None not in known:  # A read-only user must not write.
            return known[0].decode(), int(known[1])
        facts = (("embedder", embedder), ("dim", self._dim), ("generation", 0))
        create = self._client.pipeline(transaction=True)
        for name, value in facts:
            create.hsetnx(self._facts, name, value)
        create.hmget(self._facts, "embedder", "dim")
        stored = create.execute()[-1]
        return stored[0].decode(), int(stored[1])

    def _open_index(self) -> None:
        """Create the index if there is none, and wait until the server has built it.

        After a restart, the server builds it again.
        """
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
                        f"The server at {self.place} has no RediSearch. To fix: use Redis 8 or Redis Stack."
                    ) from error
                self._create_index()
                continue
            if not int(dict(zip(facts[::2], facts[1::2], strict=True))[b"indexing"]):
                return
            time.sleep(_INDEXING_POLL_S)
        raise StoreAwayError(f"The server has not finished building {self.place} after {_INDEXING_S} s.")

    def _create_index(self) -> None:
        redis = load("redis", EXTRA)
        kind = _HNSW if self._hnsw else _FLAT
        vector = ("row", "VECTOR", *kind, "TYPE", "FLOAT32", "DIM", self._dim, "DISTANCE_METRIC", "IP")
        command = ("FT.CREATE", self._index, "ON", "HASH", "PREFIX", 1, self._rows, "SCHEMA", "key", "TAG", *vector)
        try:
            self._client.execute_command(*command)
        except redis.ResponseError as error:
            if "already exists" not in str(error):  # Another process created it first.
                raise


def _name(directory: Path, shared: str, embedder: str, *, hnsw: bool) -> str:
    if not shared:
        return collection_of(directory)
    check_shared_name(shared)
    return f"codekin_{shared}_{model_digest(embedder)}{'_hnsw' if hnsw else ''}"


def _integers(texts: list[bytes]) -> Keys:
    return np.array(texts, dtype="S20").astype(np.int64)
