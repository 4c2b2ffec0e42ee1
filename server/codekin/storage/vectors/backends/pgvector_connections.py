"""Connections to PostgreSQL with a time limit for every answer.

A server that is frozen, or a network that drops everything, sends nothing at all, and a server's
own statement timeouts do not help then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from codekin.storage.vectors.optional_imports import load

EXTRA = "pgvector"
CONNECT_S = 10
_ANSWER_S = 15.0
"""For a statement: an exact search in ten million rows may take some seconds."""
_CHECK_S = 3.0


@cache
def connection_class() -> Any:
    """Return psycopg's connection class, with a time limit of `answer_s` for every answer.

    A connection that exceeds it is closed.
    """
    psycopg = load("psycopg", EXTRA)
    base: Any = psycopg.Connection

    class Connection(base):  # type: ignore[misc] # psycopg may be missing, so its types are unknown
        """A psycopg connection with a time limit."""

        answer_s = _ANSWER_S

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            """Wait for the server; every exchange passes here, a COPY part by part."""
            limit_s = self.answer_s if timeout is None else timeout
            try:
                return super().wait(gen, interval=interval, timeout=limit_s)
            except psycopg.errors._WaitTimeout:  # noqa: SLF001 - it has no public name
                self.close()  # A late answer would belong to no statement.
                raise psycopg.OperationalError(f"the server does not answer within {limit_s:g} s") from None

    return Connection


def connect(url: str) -> Any:
    """Return a new connection. Raises psycopg.Error."""
    return connection_class().connect(url, connect_timeout=CONNECT_S)


@contextmanager
def time_limit(connection: Any, answer_s: float) -> Iterator[None]:
    """Set another time limit for the statements in the block."""
    usual, connection.answer_s = connection.answer_s, answer_s
    try:
        yield
    finally:
        connection.answer_s = usual


def check_connection(connection: Any) -> None:
    """Raise psycopg.Error if the server does not answer at once."""
    with time_limit(connection, _CHECK_S):
        load("psycopg_pool", EXTRA).ConnectionPool.check_connection(connection)
