"""Metadata as schema 3 stored it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from codekin.storage.metadata.node_rows import from_row


def to_schema_3(path):
    """Store the nodes in the file at `path` as schema 3 did: none of them is compressed."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        rows = connection.execute("SELECT rowid, nodes FROM files")
        plain = [(from_row(nodes).data, number) for number, nodes in rows.fetchall()]
        connection.executemany("UPDATE files SET nodes = ? WHERE rowid = ?", plain)
        connection.execute("PRAGMA user_version = 3")
