"""Collections in PostgreSQL: a table in the user's schema, or a schema that a team shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from codekin.errors import IndexUnavailableError, StoreAwayError
from codekin.storage.vectors.backends.pgvector_connections import EXTRA, connect
from codekin.storage.vectors.optional_imports import load
from codekin.storage.vectors.remote.server_address import (
    check_shared_name,
    collection_of,
    model_digest,
    redacted_message,
    server_url,
)

URL = "CODEKIN_POSTGRES_URL"
EXAMPLE = "postgresql://user@host/database (the password in PGPASSWORD or ~/.pgpass)"
PostgresIndex = Literal["", "hnsw", "halfvec", "ivf"]
"""The index on the rows; "" means none, and every search is an exact scan.

"hnsw" is HNSW over the rows. "halfvec" is HNSW over the rows in half precision, which takes half
the space and allows 4,000 dimensions instead of 2,000. "ivf" is IVFFlat, built from existing rows;
see `pgvector_ivf`. The rows themselves always have full precision.
"""
_MAX_PLAIN_DIM = 1_900
"""Rows with more numbers do not fit a page of 8 KiB and are stored outside the table."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A table; `schema` is "" for a table of one index, which the user's search path finds."""

    schema: str
    name: str

    @property
    def table(self) -> str:
        """The table's name in statements, which consists of letters, digits, _ and a dot."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def catalog(self) -> str:
        """The table that records the model, width and generation of each collection."""
        return f"{self.schema}.codekin_collections" if self.schema else "codekin_collections"


@dataclass(frozen=True, slots=True)
class Prepared:
    """The result of `prepare`.

    `made_by` is the (embedder, dim) of the table's rows. `refusal` says why this user may not
    change it, or is "".
    """

    note: str
    made_by: tuple[str, int]
    refusal: str


def collection_for(directory: Path, shared: str, embedder: str, *, index: PostgresIndex) -> Collection:
    """Return the index's own collection, or the shared collection's table for this model and kind.

    Raises SettingsError, IndexUnavailableError.
    """
    if not shared:
        return Collection("", collection_of(directory))
    check_shared_name(shared)
    return Collection(f"codekin_{shared}", f"vectors_{model_digest(embedder)}{f'_{index}' if index else ''}")


def prepare(connection: Any, collection: Collection, dim: int, embedder: str, *, index: PostgresIndex) -> Prepared:
    """Create what is missing, if this user may. Raises IndexUnavailableError, psycopg.Error."""
    denied = load("psycopg.errors", EXTRA).InsufficientPrivilege
    try:
        if _made_by(connection, collection) is None:
            _create(connection, collection, dim, embedder, index=index)
        made_by = _made_by(connection, collection)
    except denied as error:
        raise IndexUnavailableError(
            f"The role {connection.info.user} may not use or create {collection.table}: {error}. "
            f"To fix: ask its owner to run `codekin store share` for this model, with --reader {connection.info.user} "
            f"or --writer {connection.info.user}."
        ) from error
    (version,) = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    server = str(connection.info.server_version)
    kind = _DESCRIBED[index]
    note = f"PostgreSQL {server[:-4]}.{int(server[-4:])}, pgvector {version}, {kind}"
    return Prepared(note, made_by or ("", 0), _refusal(connection, collection))


def share(
    collection: str, embedder: str, dim: int, *, index: PostgresIndex, readers: Sequence[str], writers: Sequence[str]
) -> str:
    """Create the shared collection with its table for this model, and grant access to the roles.

    Returns the statements of the grants. Raises SettingsError, IndexUnavailableError.
    """
    psycopg = load("psycopg", EXTRA)
    shared = collection_for(Path(), collection, embedder, index=index)
    url = server_url(URL, EXTRA, EXAMPLE)
    try:
        with connect(url) as connection:
            prepare(connection, shared, dim, embedder, index=index)
            granted = _grants(shared.schema, readers, writers)
            for statement in granted:
                connection.execute(statement)
            return "".join(f"{statement.as_string(connection)};\n" for statement in granted)
    except (psycopg.errors.UndefinedObject, psycopg.errors.InsufficientPrivilege) as error:
        raise IndexUnavailableError(f"Could not share the collection {collection}: {error}.") from error
    except psycopg.Error as error:
        raise StoreAwayError(f"Could not use PostgreSQL: {redacted_message(error, url)}") from None


def _grants(schema: str, readers: Sequence[str], writers: Sequence[str]) -> list[Any]:
    """Return the statements of the grants.

    The default privileges apply to tables of other models that the same owner creates later.
    """
    sql = load("psycopg.sql", EXTRA)
    statements: list[Any] = []
    for role in (*readers, *writers):
        rights = "SELECT, INSERT, UPDATE, DELETE" if role in writers else "SELECT"
        templates = (
            "GRANT USAGE ON SCHEMA {schema} TO {role}",
            f"GRANT {rights} ON ALL TABLES IN SCHEMA {{schema}} TO {{role}}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {{schema}} GRANT {rights} ON TABLES TO {{role}}",
        )
        names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
        statements.extend(sql.SQL(template).format(**names) for template in templates)
    return statements


def _made_by(connection: Any, collection: Collection) -> tuple[str, int] | None:
    if connection.execute("SELECT to_regclass(%s)", (collection.catalog,)).fetchone() == (None,):
        return None
    statement = f"SELECT embedder, dim FROM {collection.catalog} WHERE name = %s"  # nosec B608 # noqa: S608 - only letters, digits and _
    row = connection.execute(statement, (collection.name,)).fetchone()
    return (str(row[0]), int(row[1])) if row else None


def _create(connection: Any, collection: Collection, dim: int, embedder: str, *, index: PostgresIndex) -> None:
    # Despite IF NOT EXISTS, two processes that create the same object at once would fail.
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('codekin'))")
    _create_extension(connection)
    if collection.schema:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {collection.schema}")
    connection.execute(_CATALOG.format(catalog=collection.catalog))
    register = _REGISTER.format(catalog=collection.catalog)
    if connection.execute(register, (collection.name, embedder, dim)).rowcount:
        storage = " STORAGE PLAIN" if dim <= _MAX_PLAIN_DIM else ""
        table = collection.table
        connection.execute(f"CREATE TABLE {table} (key bigint PRIMARY KEY, row vector({dim}){storage} NOT NULL)")
        if index in _INDEX:
            connection.execute(_INDEX[index].format(table=table, dim=dim))


def _create_extension(connection: Any) -> None:
    if connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone():
        return
    errors = load("psycopg.errors", EXTRA)
    try:
        connection.execute("CREATE EXTENSION vector")
    except (errors.InsufficientPrivilege, errors.UndefinedFile, errors.FeatureNotSupported) as error:
        raise IndexUnavailableError(
            f"The PostgreSQL database {connection.info.dbname} lacks the extension pgvector, and creating it failed: "
            f"{error}. To fix: install pgvector on the server and have its administrator run CREATE EXTENSION vector."
        ) from error


def _refusal(connection: Any, collection: Collection) -> str:
    may_change = (
        "SELECT has_table_privilege(%(table)s, 'INSERT') AND has_table_privilege(%(table)s, 'DELETE')"
        " AND has_table_privilege(%(catalog)s, 'UPDATE'), current_setting('transaction_read_only') = 'on'"
    )
    names = {"table": collection.table, "catalog": collection.catalog}
    allowed, read_only = connection.execute(may_change, names).fetchone()
    if read_only:
        return f"The PostgreSQL server of {collection.table} is read-only (transaction_read_only)."
    if not allowed:
        return f"The role {connection.info.user} may only read {collection.table}."
    return ""


_DESCRIBED: dict[PostgresIndex, str] = {
    "": "exact",
    "hnsw": "approximate (HNSW)",
    "halfvec": "approximate (HNSW over halves, best rescored)",
    "ivf": "approximate (IVFFlat, exact while the collection is small)",
}
_INDEX: dict[PostgresIndex, str] = {
    "hnsw": "CREATE INDEX ON {table} USING hnsw (row vector_ip_ops) WITH (m = 16, ef_construction = 128)",
    "halfvec": "CREATE INDEX ON {table} USING hnsw ((row::halfvec({dim})) halfvec_ip_ops) WITH (m = 16, ef_construction = 128)",
}
_CATALOG = """CREATE TABLE IF NOT EXISTS {catalog} (
    name text PRIMARY KEY, embedder text NOT NULL, dim integer NOT NULL, generation bigint NOT NULL DEFAULT 0)"""
_REGISTER = "INSERT INTO {catalog} (name, embedder, dim) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
