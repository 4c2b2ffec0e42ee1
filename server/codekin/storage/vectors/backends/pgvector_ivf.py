"""An IVFFlat index: the rows in lists around centres, of which a search goes through the nearest. It is made of the rows that are there,
so none is made before there are many, and another one when they have become many more.
"""

from __future__ import annotations

import math
from typing import Any

from codekin.storage.vectors.backends.pgvector_collections import Collection

LEAST_ROWS = 10_000
"""Fewer are compared exactly in some 15 ms."""
_MOST_LISTS = 2_048
"""The sample that they are made of must fit the memory below."""
_MEMORY = "512MB"
PROBED_SHARE = 4
"""One list in so many: 0.97 of the ten nearest on 74,633 chunks of code, questions being comments; one in eight 0.955."""


def lists_for(rows: int) -> int:
    """The power of two nearest to the root of the number of rows; 0 where an index does not pay."""
    return min(2 ** round(math.log2(math.sqrt(rows))), _MOST_LISTS) if rows >= LEAST_ROWS else 0


def lists_of(connection: Any, collection: Collection) -> int:
    """How many the table's index has; 0 where there is none."""
    found = connection.execute(_LISTS, (collection.table,)).fetchone()
    return int(found[0]) if found else 0


def make_lists(connection: Any, collection: Collection, wanted: int) -> None:
    """Puts another index in the place of the one there is, if any. Searches go on until the last moment."""
    with connection.transaction():
        connection.execute(f"SET LOCAL maintenance_work_mem = '{_MEMORY}'")
        old = connection.execute(_NAMES, (collection.table,)).fetchall()
        connection.execute(
            f"CREATE INDEX ON {collection.table} USING ivfflat (row vector_ip_ops) WITH (lists = {wanted})"
        )
        for (name,) in old:
            connection.execute(f"DROP INDEX {name}")


_OF_TABLE = """FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
    WHERE indrelid = to_regclass(%s) AND amname = 'ivfflat'"""
_NAMES = f"SELECT indexrelid::regclass::text {_OF_TABLE}"
_LISTS = f"SELECT substring(array_to_string(reloptions, ',') FROM 'lists=([0-9]+)')::int {_OF_TABLE}"  # nosec B608 # noqa: S608 - the same
