"""Connections to PostgreSQL on which nobody waits for ever: a server that is stopped in its tracks, or a network that swallows
everything, says nothing at all, and the time limits that a server knows are its own to keep.
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
"""For what a statement takes: an exact search among ten million rows may need some seconds."""
_CHECK_S = 3.0


@cache
def connection_class() -> Any:
    """psycopg's, closed where the server lets a statement wait longer than `answer_s`."""
    psycopg = load("psycopg", EXTRA)
    base: Any = psycopg.Connection

    class Connection(base):  # type: ignore[misc] # psycopg may be missing: its types are not known
        answer_s = _ANSWER_S

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            """All that goes to the server and comes from it passes here, a COPY part by part."""
            limit_s = self.answer_s if timeout is None else timeout
            try:
                return super().wait(gen, interval=interval, timeout=limit_s)
            except psycopg.errors._WaitTimeout:  # noqa: SLF001 - the only name it has
                self.close()  # what may still come on it belongs to no statement
                raise psycopg.OperationalError(f"the server does not answer within {limit_s:g} s") from None

    return Connection


def connect(url: str) -> Any:
    """A connection of its own. Raises psycopg.Error."""
    return connection_class().connect(url, connect_timeout=CONNECT_S)


@contextmanager
def patient(connection: Any, answer_s: float) -> Iterator[None]:
    """For statements that take another time than usual."""
    usual, connection.answer_s = connection.answer_s, answer_s
    try:
        yield
    finally:
        connection.answer_s = usual


def check_connection(connection: Any) -> None:
    """Raises psycopg.Error where the server does not answer at once."""
    with patient(connection, _CHECK_S):
        load("psycopg_pool", EXTRA).ConnectionPool.check_connection(connection)
