"""Vectors in PostgreSQL with pgvector: a table per index, searched exactly or approximately.

Rows are transferred in PostgreSQL's binary format, which numpy reads and writes. Only the query is
converted to text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.errors import IndexUnavailableError, StoreAwayError
from codekin.storage.vectors.backends.pgvector_collections import (
    EXAMPLE,
    URL,
    Collection,
    PostgresIndex,
    collection_for,
    prepare,
)
from codekin.storage.vectors.backends.pgvector_connections import (
    CONNECT_S,
    EXTRA,
    check_connection,
    connect,
    connection_class,
    time_limit,
)
from codekin.storage.vectors.backends.pgvector_ivf import PROBED_SHARE, lists_for, lists_of, make_lists
from codekin.storage.vectors.optional_imports import load
from codekin.storage.vectors.remote.server_address import redacted_message, server_url
from codekin.storage.vectors.table_store import UNLIMITED, TableStore, check_made_by

_WAIT_S = 5
_RECONNECT_S = 1
"""Time limit for reconnecting in the pool, so that a search does not hang while the server is down.
"""
_CONNECTIONS = 4
_WRITING_S, _COMPACTING_S = 120, 3_600
"""Statement timeouts for writing and compacting.

A write returns when an HNSW index has added all rows, which takes some milliseconds each. Whether
the server answers is checked before.
"""
_MIN_SEARCH_WIDTH, _MAX_SEARCH_WIDTH = 400, 1_000
"""Bounds of pgvector's `ef_search`; 1,000 is its own limit, and more rows are searched exactly.

Of the ten code chunks nearest to a comment, 200 finds 0.937, 400 finds 0.96.
"""
_RESCORED = 20
"""Rows beyond k that are taken from a half-precision index, since rounding may reorder neighbours.
"""
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = b"\xff\xff"
_INT8_ARRAY, _INT8 = 1016, 20


def open_store(
    directory: Path, *, dim: int, embedder: str, writable: bool, index: PostgresIndex, collection: str = ""
) -> TableStore:
    """Open the store; `collection` names a shared one, "" means the index's own.

    Raises SettingsError without an address, StoreAwayError if the server does not answer, and
    IndexUnavailableError if it has no pgvector or this user has no permission.
    """
    load("psycopg", EXTRA)
    load("psycopg_pool", EXTRA)
    url = server_url(URL, EXTRA, EXAMPLE)
    target = collection_for(directory, collection, embedder, index=index)
    table = PgvectorTable(url, target, dim, embedder, index=index)
    return TableStore(table, dim=dim, writable=writable)


class PgvectorTable:
    """`Table` over a pool of connections; a write is one transaction."""

    max_allowed = UNLIMITED
    max_gathered = 20_000
    """Up to this many allowed rows are compared exactly.

    An HNSW index that has to skip most of what it finds misses some.
    """
    problems: tuple[str, ...] = ()

    def __init__(self, url: str, collection: Collection, dim: int, embedder: str, *, index: PostgresIndex) -> None:
        psycopg = load("psycopg", EXTRA)
        self.failures: tuple[type[Exception], ...] = (psycopg.Error, OSError)
        self._dim = dim
        self._collection, self._name = collection, collection.name
        self._lists = 0
        self._index = index
        try:
            with connect(url) as connection:
                info = connection.info
                self.place = f"postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}, table {collection.table}"
                prepared = prepare(connection, collection, dim, embedder, index=index)
        except self.failures as error:
            raise StoreAwayError(f"Could not use PostgreSQL: {redacted_message(error, url)}") from None
        check_made_by(self.place, prepared.made_by, embedder, dim)
        self.note, self.refusal = prepared.note, prepared.refusal
        names = {"dim": str(dim), "table": collection.table, "catalog": collection.catalog}
        self._statements = {what: text.format(**names) for what, text in _STATEMENTS.items()}
        self._pool = load("psycopg_pool", EXTRA).ConnectionPool(
            url,
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=_WAIT_S,
            # After this, the next request reconnects at once; the pool's retries wait ever longer.
            reconnect_timeout=_RECONNECT_S,
            open=True,
            configure=_configure,
            # A connection that is closed or unresponsive is replaced instead of being handed out.
            check=check_connection,
            connection_class=connection_class(),
            kwargs={"connect_timeout": CONNECT_S, "autocommit": True},
        )

    def generation(self) -> int:
        """See `Table.generation`."""
        with self._pool.connection() as connection:
            row = connection.execute(self._statements["generation"], (self._name,)).fetchone()
        return int(row[0]) if row else -1

    def keys(self) -> Keys:
        """See `Table.keys`."""
        with self._pool.connection() as connection:
            if self._index == "ivf":
                self._lists = lists_of(connection, self._collection)
            with connection.cursor().copy(self._statements["keys"]) as copy:
                data = b"".join(copy)
        body = data[len(_COPY_HEADER) : -len(_COPY_TRAILER)]
        return np.frombuffer(body, dtype=[("head", ">i2"), ("bytes", ">i4"), ("key", ">i8")])["key"].astype(np.int64)

    def put(self, keys: Keys, rows: Vectors) -> int:
        """See `Table.put`."""
        with self._writing() as connection:
            connection.execute(self._statements["delete"], (keys,))
            with connection.cursor().copy(self._statements["copy"]) as copy:
                copy.write(_COPY_HEADER + _binary_rows(keys, rows) + _COPY_TRAILER)
            return self._next_generation(connection)

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        with self._writing() as connection:
            connection.execute(self._statements["delete"], (keys,))
            return self._next_generation(connection)

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        with self._pool.connection() as connection:
            found = connection.execute(self._statements["fetch"], (keys,), binary=True).fetchall()
        rows = np.frombuffer(b"".join(row for _, row in found), dtype=_vector_type(self._dim))["row"]
        return np.array([key for key, _ in found], dtype=np.int64), rows.astype(np.float32).reshape(-1, self._dim)

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        point = f"[{','.join(map(repr, query.tolist()))}]"
        with self._pool.connection() as connection:
            if self._indexed and k <= _MAX_SEARCH_WIDTH and (allowed is None or len(allowed) > self.max_gathered):
                found = self._near(connection, point, k, allowed)
            elif allowed is None:
                found = connection.execute(self._statements["nearest"], (point, k), binary=True).fetchall()
            else:
                found = connection.execute(self._statements["among"], (point, allowed, k), binary=True).fetchall()
        scores = np.array([-distance for _, distance in found], dtype=np.float32)
        return np.array([key for key, _ in found], dtype=np.int64), scores

    def compact(self) -> None:
        """See `Table.compact`."""
        with self._pool.connection() as connection, time_limit(connection, _COMPACTING_S):
            connection.execute(self._statements["vacuum"])
            if self._index == "ivf":
                self._make_lists(connection)

    def close(self) -> None:
        """See `Table.close`."""
        self._pool.close()

    @property
    def _indexed(self) -> bool:
        return self._lists > 0 if self._index == "ivf" else bool(self._index)

    def _make_lists(self, connection: Any) -> None:
        (rows,) = connection.execute(self._statements["count"]).fetchone()
        wanted = lists_for(rows)
        if wanted > self._lists:
            make_lists(connection, self._collection, wanted)
            self._lists = wanted
            self._next_generation(connection)  # Other processes must notice the new lists.

    def _near(self, connection: Any, point: str, k: int, allowed: Keys | None) -> list[Any]:
        """Search with the index; with a filter, it continues until k rows have passed."""
        with connection.transaction():
            if self._index == "ivf":
                connection.execute(f"SET LOCAL ivfflat.probes = {max(1, self._lists // PROBED_SHARE)}")
                connection.execute("SET LOCAL ivfflat.iterative_scan = relaxed_order")
            else:
                connection.execute(
                    f"SET LOCAL hnsw.ef_search = {min(max(2 * k, _MIN_SEARCH_WIDTH), _MAX_SEARCH_WIDTH)}"
                )
                connection.execute("SET LOCAL hnsw.iterative_scan = strict_order")
            connection.execute("SET LOCAL enable_seqscan = off")
            what = ("near by halves" if self._index == "halfvec" else "near") + ("" if allowed is None else " among")
            values = {"point": point, "k": k, "nearby": k + _RESCORED, "allowed": allowed}
            return list(connection.execute(self._statements[what], values, binary=True).fetchall())

    def _next_generation(self, connection: Any) -> int:
        row = connection.execute(self._statements["next generation"], (self._name,)).fetchone()
        if row is None:
            raise IndexUnavailableError(
                f"{self.place} was removed on the server. To fix: restart codekin; the table is created again."
            )
        return int(row[0])

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._pool.connection() as connection, time_limit(connection, _WRITING_S), connection.transaction():
            yield connection


# A parameter has one type in a statement, so the query is cast where half precision is needed.
_STATEMENTS = {
    "keys": "COPY {table} (key) TO STDOUT (FORMAT BINARY)",
    "copy": "COPY {table} (key, row) FROM STDIN (FORMAT BINARY)",
    "delete": "DELETE FROM {table} WHERE key = ANY(%s)",
    "fetch": "SELECT key, row FROM {table} WHERE key = ANY(%s)",
    "nearest": "SELECT key, row <#> %s::vector AS distance FROM {table} ORDER BY distance, key LIMIT %s",
    "among": "SELECT key, row <#> %s::vector AS distance FROM {table} WHERE key = ANY(%s) ORDER BY distance, key LIMIT %s",
    "near": "SELECT key, row <#> %(point)s::vector AS distance FROM {table} ORDER BY distance LIMIT %(k)s",
    "near among": "SELECT key, row <#> %(point)s::vector AS distance FROM {table} WHERE key = ANY(%(allowed)s)"
    " ORDER BY distance LIMIT %(k)s",
    "near by halves": "WITH near AS MATERIALIZED (SELECT key, row FROM {table}"
    " ORDER BY row::halfvec({dim}) <#> %(point)s::vector::halfvec({dim}) LIMIT %(nearby)s)"
    " SELECT key, row <#> %(point)s::vector AS distance FROM near ORDER BY distance, key LIMIT %(k)s",
    "near by halves among": "WITH near AS MATERIALIZED (SELECT key, row FROM {table} WHERE key = ANY(%(allowed)s)"
    " ORDER BY row::halfvec({dim}) <#> %(point)s::vector::halfvec({dim}) LIMIT %(nearby)s)"
    " SELECT key, row <#> %(point)s::vector AS distance FROM near ORDER BY distance, key LIMIT %(k)s",
    "generation": "SELECT generation FROM {catalog} WHERE name = %s",
    "next generation": "UPDATE {catalog} SET generation = generation + 1 WHERE name = %s RETURNING generation",
    "count": "SELECT count(*) FROM {table}",
    "vacuum": "VACUUM (ANALYZE) {table}",
}


def _configure(connection: Any) -> None:
    """Register the conversion of int64 arrays of numpy to parameters."""
    connection.adapters.register_dumper(np.ndarray, _key_dumper())


def _key_dumper() -> Any:
    psycopg = load("psycopg", EXTRA)
    base: Any = load("psycopg.adapt", EXTRA).Dumper

    class KeyDumper(base):  # type: ignore[misc] # psycopg may be missing, so its types are unknown
        format = psycopg.pq.Format.BINARY
        oid = _INT8_ARRAY

        def dump(self, obj: Keys) -> bytes:
            head = np.array([1, 0, _INT8, len(obj), 1], dtype=">i4").tobytes()
            items = np.empty(len(obj), dtype=[("bytes", ">i4"), ("key", ">i8")])
            items["bytes"], items["key"] = 8, obj
            return head + items.tobytes()

    return KeyDumper


def _vector_type(dim: int) -> np.dtype[Any]:
    """Return the binary format of one row."""
    return np.dtype([("dim", ">i2"), ("unused", ">i2"), ("row", ">f4", (dim,))])


def _binary_rows(keys: Keys, rows: Vectors) -> bytes:
    """Return the tuples of a binary COPY."""
    dim = rows.shape[1]
    vector = _vector_type(dim)
    tuples = np.zeros(
        len(keys),
        dtype=[("fields", ">i2"), ("key_bytes", ">i4"), ("key", ">i8"), ("row_bytes", ">i4"), ("vector", vector)],
    )
    tuples["fields"], tuples["key_bytes"], tuples["row_bytes"] = 2, 8, vector.itemsize
    tuples["key"] = keys
    tuples["vector"]["dim"] = dim
    tuples["vector"]["row"] = rows
    return tuples.tobytes()
