"""The schema of the metadata in SQLite, and what is done with files of earlier versions.

| version | what is new |
| --- | --- |
| 4 | nodes are compressed; see `node_rows` |
| 3 | nodes of a file in one column; files of earlier versions are emptied |
"""

from __future__ import annotations

SCHEMA_VERSION = 4
PLAIN_NODES = "plain_nodes"
"""A fact: some nodes are stored as version 3 did. `SqliteMetadataStore.compact` removes it."""
_WITH_PLAIN_NODES = 3
_RENEWED = "the index metadata was written by an earlier version and has been rebuilt from the files"
_RENEWAL = """
DROP TABLE IF EXISTS nodes;
DROP TABLE files;
UPDATE generation SET number = number + 1;
"""
SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT NOT NULL UNIQUE, language TEXT NOT NULL, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, digest BLOB NOT NULL,
    nodes BLOB NOT NULL, author TEXT NOT NULL, date INTEGER NOT NULL, extra BLOB NOT NULL, generation INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS files_generation ON files (generation);
CREATE TABLE IF NOT EXISTS forgotten (path TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS skipped (path TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS generation (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL);
INSERT OR IGNORE INTO generation VALUES (1, 0);
"""


def is_readable(version: int) -> bool:
    """Return whether a process that only reads can use a file of this version."""
    return version in (_WITH_PLAIN_NODES, SCHEMA_VERSION)


def upgrade(version: int) -> tuple[str, str]:
    """Return (statements that make a file of the current version, what to report).

    Version 0 is a new file. What versions before 3 stored is read from the files again.
    """
    current = f"PRAGMA user_version = {SCHEMA_VERSION};"
    if version == _WITH_PLAIN_NODES:
        marked = f"INSERT OR REPLACE INTO facts VALUES ('{PLAIN_NODES}', 'some');"  # nosec B608 # noqa: S608 - a constant
        return f"{marked} {current}", ""
    if version:
        return f"{_RENEWAL} {SCHEMA} {current}", _RENEWED
    return f"{SCHEMA} {current}", ""
