"""Collections in PostgreSQL: a table of an index's own in the user's schema, or a schema that a team shares, with its grants."""

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
    server_url,
    told,
)

URL = "CODEKIN_POSTGRES_URL"
EXAMPLE = "postgresql://user@host/database (the password in PGPASSWORD or ~/.pgpass)"
PostgresIndex = Literal["", "hnsw", "halfvec", "ivf"]
"""None: every search is an exact scan. HNSW over the rows, or over the rows in half precision: half the index, and up to 4,000
dimensions instead of 2,000. IVFFlat, which is made of the rows that are there: see `pgvector_ivf`. The rows themselves are always whole.
"""
_WIDEST_PLAIN = 1_900
"""Rows of more numbers do not fit a page of 8 KiB and are stored beside the table."""


@dataclass(frozen=True, slots=True)
class Collection:
    """`name` is the table's; `schema` is "" for a table of one index, found by the user's search path."""

    schema: str
    name: str

    @property
    def table(self) -> str:
        """As statements name it; made of letters, digits and _ alone."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def catalog(self) -> str:
        """The table that tells what each collection was made for, and how often it was changed."""
        return f"{self.schema}.codekin_collections" if self.schema else "codekin_collections"


@dataclass(frozen=True, slots=True)
class Prepared:
    """`made_by` is (embedder, dim) of what the table holds; `refusal` why this user may not change it, "" if he may."""

    note: str
    made_by: tuple[str, int]
    refusal: str


def collection_for(directory: Path, shared: str, embedder: str, *, index: PostgresIndex) -> Collection:
    """The index's own, or the shared one's table for this model and kind. Raises SettingsError, IndexUnavailableError."""
    if not shared:
        return Collection("", collection_of(directory))
    check_shared_name(shared)
    return Collection(f"codekin_{shared}", f"vectors_{model_digest(embedder)}{f'_{index}' if index else ''}")


def prepare(connection: Any, collection: Collection, dim: int, embedder: str, *, index: PostgresIndex) -> Prepared:
    """Creates what is missing, if this user may. Raises IndexUnavailableError, psycopg.Error."""
    denied = load("psycopg.errors", EXTRA).InsufficientPrivilege
    try:
        if _made_by(connection, collection) is None:
            _create(connection, collection, dim, embedder, index=index)
        made_by = _made_by(connection, collection)
    except denied as error:
        raise IndexUnavailableError(
            f"The role {connection.info.user} may not use {collection.table}, or not make it: {error}. Remedy: its owner runs "
            f"`codekin store share` for this model, with --reader {connection.info.user} or --writer {connection.info.user}."
        ) from error
    (version,) = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    server = str(connection.info.server_version)
    kind = _DESCRIBED[index]
    note = f"PostgreSQL {server[:-4]}.{int(server[-4:])}, pgvector {version}, {kind}"
    return Prepared(note, made_by or ("", 0), _refusal(connection, collection))


def share(
    collection: str, embedder: str, dim: int, *, index: PostgresIndex, readers: Sequence[str], writers: Sequence[str]
) -> str:
    """Makes the shared collection with its table for this model, and lets the roles use it; returns the statements of the grants.
    Raises SettingsError, IndexUnavailableError.
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
        raise IndexUnavailableError(f"The collection {collection} cannot be shared: {error}.") from error
    except psycopg.Error as error:
        raise StoreAwayError(f"PostgreSQL cannot be used: {told(error, url)}") from None


def _grants(schema: str, readers: Sequence[str], writers: Sequence[str]) -> list[Any]:
    """The defaults are for tables of other models that the same owner makes later."""
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
    statement = f"SELECT embedder, dim FROM {collection.catalog} WHERE name = %s"  # nosec B608 # noqa: S608 - letters, digits and _ alone
    row = connection.execute(statement, (collection.name,)).fetchone()
    return (str(row[0]), int(row[1])) if row else None


def _create(connection: Any, collection: Collection, dim: int, embedder: str, *, index: PostgresIndex) -> None:
    # Two processes that create the same thing at once would fail in spite of IF NOT EXISTS.
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('codekin'))")
    _create_extension(connection)
    if collection.schema:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {collection.schema}")
    connection.execute(_CATALOG.format(catalog=collection.catalog))
    register = _REGISTER.format(catalog=collection.catalog)
    if connection.execute(register, (collection.name, embedder, dim)).rowcount:
        storage = " STORAGE PLAIN" if dim <= _WIDEST_PLAIN else ""
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
            f"The PostgreSQL database {connection.info.dbname} has no extension pgvector, and it cannot be created: {error}. "
            "Remedy: install pgvector on the server and have its administrator run CREATE EXTENSION vector."
        ) from error


def _refusal(connection: Any, collection: Collection) -> str:
    may_change = (
        "SELECT has_table_privilege(%(table)s, 'INSERT') AND has_table_privilege(%(table)s, 'DELETE')"
        " AND has_table_privilege(%(catalog)s, 'UPDATE'), current_setting('transaction_read_only') = 'on'"
    )
    names = {"table": collection.table, "catalog": collection.catalog}
    allowed, read_only = connection.execute(may_change, names).fetchone()
    if read_only:
        return f"The PostgreSQL server of {collection.table} takes no changes (transaction_read_only)."
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
