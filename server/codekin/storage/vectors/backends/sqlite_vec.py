"""Vectors in one SQLite file with sqlite-vec's vec0 tables, searched exactly by a scan.

vec0 has no scalar product. Each row gets one more coordinate that makes it a unit row, zero rows
too. The Euclidean distance d to a query without that coordinate then gives the product: (|query|² +
1 - d²) / 2.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.errors import IndexUnavailableError
from codekin.storage.vectors.optional_imports import load, version_of, why_unusable
from codekin.storage.vectors.table_store import UNLIMITED, TableStore, check_made_by

EXTRA = "sqlite-vec"
BINDINGS = ("sqlite3", "pysqlite3", "apsw")
"""In the order they are tried: many builds of the standard module cannot load extensions."""
_FILE = "vectors.sqlite3"
_BUSY_TIMEOUT_MS = 10_000
_MAX_NEIGHBOURS = 4_096
"""vec0's own limit for k; beyond it the distances of all rows are computed and sorted."""
_PROBE = "from codekin.storage.vectors.backends.sqlite_vec import connect; connect(':memory:', {binding!r}).close()"


def open_store(directory: Path, *, dim: int, embedder: str, writable: bool) -> TableStore:
    """Open the store; raise IndexUnavailableError if no SQLite binding can load the extension."""
    load("sqlite_vec", EXTRA)
    binding, note = _choose_binding(directory)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return TableStore(SqliteVecTable(directory / _FILE, dim, embedder, binding, note), dim=dim, writable=writable)


def connect(path: str, binding: str) -> Any:
    """Return a connection in autocommit mode with the extension loaded.

    Raises ImportError, AttributeError or the binding's error.
    """
    extension = load("sqlite_vec", EXTRA).loadable_path()
    if binding == "apsw":
        connection: Any = _module(binding).Connection(path)
    else:
        connection = _module(binding).connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.enable_load_extension(True)
        connection.load_extension(extension)
        connection.enable_load_extension(False)
    except BaseException:
        connection.close()
        raise
    return connection


class SqliteVecTable:
    """`Table` on one connection; calls of several threads wait for each other."""

    max_allowed = UNLIMITED
    problems: tuple[str, ...] = ()

    def __init__(self, path: Path, dim: int, embedder: str, binding: str, note: str) -> None:
        self.place = str(path)
        self.note = note
        self.failures: tuple[type[Exception], ...] = (_module(binding).Error, OSError)
        self._dim = dim
        self._lock = threading.Lock()
        self._closed = False
        try:
            self._connection = connect(str(path), binding)
        except self.failures as error:
            raise IndexUnavailableError(f"{path}: {error}") from error
        try:
            self._prepare(embedder)
            check_made_by(self.place, (self._fact("embedder"), int(self._fact("dim"))), embedder, dim)
        except self.failures as error:
            self.close()
            raise IndexUnavailableError(f"{path}: {error}") from error
        except IndexUnavailableError:
            self.close()
            raise

    def generation(self) -> int:
        """See `Table.generation`."""
        return int(self._fact("generation"))

    def keys(self) -> Keys:
        """See `Table.keys`."""
        return np.array(self._all("SELECT key FROM keys"), dtype=np.int64).reshape(-1)

    def put(self, keys: Keys, rows: Vectors) -> int:
        """See `Table.put`."""
        lifted = _with_unit_length(rows)
        with self._transaction() as connection:
            self._remove(keys)
            ((first,),) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM keys").fetchall()
            connection.executemany("INSERT INTO keys (id, key) VALUES (?, ?)", enumerate(keys.tolist(), first))
            connection.executemany(
                "INSERT INTO rows (id, row) VALUES (?, ?)",
                ((number, row.tobytes()) for number, row in enumerate(lifted, first)),
            )
            return self._next_generation()

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        with self._transaction():
            self._remove(keys)
            return self._next_generation()

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        found = self._all(_FETCH, _listed(keys))
        rows = np.frombuffer(b"".join(row for _, row in found), dtype="<f4").reshape(-1, self._dim + 1)
        return np.array([key for key, _ in found], dtype=np.int64), rows[:, : self._dim]

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        point = np.append(query, np.float32(0)).astype("<f4").tobytes()
        listed = () if allowed is None else (_listed(allowed),)
        if k <= _MAX_NEIGHBOURS:
            found = self._all(_NEAREST if allowed is None else _NEAREST_AMONG, point, k, *listed)
        else:
            found = self._all(_SORTED if allowed is None else _SORTED_AMONG, point, *listed, k)
        distances = np.array([distance for _, distance in found], dtype=np.float64)
        scores = (float(query @ query) + 1 - distances**2) / 2
        return np.array([key for key, _ in found], dtype=np.int64), scores.astype(np.float32)

    def compact(self) -> None:
        """See `Table.compact`: builds a new vec0 table.

        Deleted rows keep their space in the old one.
        """
        with self._transaction() as connection:
            # Copied by way of an ordinary table, because a vec0 table cannot be renamed.
            connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, row BLOB NOT NULL)")
            connection.execute("INSERT INTO kept SELECT id, row FROM rows")
            connection.execute("DROP TABLE rows")
            connection.execute(_CREATE.format(width=self._dim + 1))
            connection.execute("INSERT INTO rows (id, row) SELECT id, row FROM kept")
            connection.execute("DROP TABLE kept")
        with self._lock:
            # VACUUM would renumber the rows of vec0's own tables.
            self._connection.execute("PRAGMA incremental_vacuum").fetchall()
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """See `Table.close`."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()

    def _prepare(self, embedder: str) -> None:
        for pragma in (f"busy_timeout = {_BUSY_TIMEOUT_MS}", "auto_vacuum = INCREMENTAL", "journal_mode = WAL"):
            self._all(f"PRAGMA {pragma}")
        if self._all("SELECT 1 FROM sqlite_master WHERE name = 'facts'"):
            return
        with self._transaction() as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchall():
                return  # Another process created it first.
            connection.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
            facts = (("embedder", embedder), ("dim", str(self._dim)), ("generation", "0"))
            connection.executemany("INSERT INTO facts VALUES (?, ?)", facts)
            connection.execute("CREATE TABLE keys (id INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE)")
            connection.execute(_CREATE.format(width=self._dim + 1))

    def _remove(self, keys: Keys) -> None:
        self._connection.execute(_DELETE_ROWS, (_listed(keys),))
        self._connection.execute(_DELETE_KEYS, (_listed(keys),))

    def _fact(self, name: str) -> str:
        return str(self._all("SELECT value FROM facts WHERE name = ?", name)[0][0])

    def _next_generation(self) -> int:
        statement = "UPDATE facts SET value = value + 1 WHERE name = 'generation' RETURNING value"
        return int(self._connection.execute(statement).fetchall()[0][0])

    def _all(self, statement: str, *arguments: Any) -> list[Any]:
        with self._lock:
            return list(self._connection.execute(statement, arguments).fetchall())

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


# Rows have small ids, because vec0 0.1.9 compares ids as 32-bit numbers in filtered searches.
# Chunks have 256 rows, because vec0 scans a chunk once for each of the k nearest. For k = 800 among
# 10,000 rows this takes half the time of the default of 1,024 rows, and for k = 18 the same time.
_CREATE = "CREATE VIRTUAL TABLE rows USING vec0 (id INTEGER PRIMARY KEY, row float[{width}] distance_metric=l2, chunk_size=256)"
_DELETE_KEYS = "DELETE FROM keys WHERE key IN (SELECT value FROM json_each(?))"
_DELETE_ROWS = "DELETE FROM rows WHERE id IN (SELECT id FROM keys WHERE key IN (SELECT value FROM json_each(?)))"
_FETCH = (
    "SELECT key, row FROM keys JOIN rows USING (id) WHERE id IN "
    "(SELECT id FROM keys WHERE key IN (SELECT value FROM json_each(?)))"
)
_NEAREST = (
    "WITH found AS MATERIALIZED (SELECT id, distance FROM rows WHERE row MATCH ? AND k = ?) "
    "SELECT key, distance FROM found JOIN keys USING (id)"
)
_NEAREST_AMONG = (
    "WITH found AS MATERIALIZED (SELECT id, distance FROM rows WHERE row MATCH ? AND k = ? "
    "AND id IN (SELECT id FROM keys WHERE key IN (SELECT value FROM json_each(?)))) "
    "SELECT key, distance FROM found JOIN keys USING (id)"
)
_SORTED = (
    "SELECT key, vec_distance_l2(row, ?) AS distance FROM rows CROSS JOIN keys USING (id) ORDER BY distance LIMIT ?"
)
_SORTED_AMONG = (
    "SELECT key, vec_distance_l2(row, ?) AS distance FROM rows CROSS JOIN keys USING (id) "
    "WHERE key IN (SELECT value FROM json_each(?)) ORDER BY distance LIMIT ?"
)


def _listed(keys: Keys) -> str:
    return json.dumps(keys.tolist())


def _with_unit_length(rows: Vectors) -> Vectors:
    missing = np.sqrt(np.maximum(0, 1 - np.vecdot(rows, rows)))
    # The length of a unit row has a rounding error, which the root would magnify.
    missing[missing < 0.01] = 0  # noqa: PLR2004
    return np.column_stack([rows, missing]).astype("<f4")


def _module(binding: str) -> Any:
    return load({"pysqlite3": "pysqlite3.dbapi2"}.get(binding, binding), EXTRA)


def _choose_binding(directory: Path) -> tuple[str, str]:
    """Return (name, note for the status) of the first binding that works in a separate process."""
    reasons = []
    for binding in BINDINGS:
        distribution = {"sqlite3": "sqlite-vec", "pysqlite3": "pysqlite3-binary"}.get(binding, binding)
        if not version_of(distribution):
            reasons.append(f"{binding} is not installed")
        elif binding == "sqlite3" and not hasattr(_module(binding).Connection, "load_extension"):
            reasons.append("sqlite3 is built without extensions")
        elif reason := why_unusable(directory / binding, distribution, _PROBE.format(binding=binding)):
            reasons.append(f"{binding} {reason}")
        else:
            because = f", because {'; '.join(reasons)}" if reasons else ""
            return binding, f"sqlite-vec {version_of('sqlite-vec')} through the Python module {binding}{because}"
    raise IndexUnavailableError(
        f'The vector store "{EXTRA}" cannot be used: {"; ".join(reasons)}. '
        f"To fix: run `pip install 'codekin[{EXTRA}]'`, or use a Python whose sqlite3 module can load extensions."
    )
