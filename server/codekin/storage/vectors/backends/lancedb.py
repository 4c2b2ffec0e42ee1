"""Vectors in a LanceDB table: versioned columnar files, searched exactly by a scan.

Its wheel needs AVX2 and kills a process on a processor without it.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.storage.vectors.optional_imports import load, require_works, version_of
from codekin.storage.vectors.table_store import TableStore, check_made_by

EXTRA = "lancedb"
_TABLE = "rows"
_OLD_VERSIONS_KEPT = datetime.timedelta(minutes=10)
"""A reader uses its version until it refreshes, which happens within a second."""


def open_store(directory: Path, *, dim: int, embedder: str, writable: bool) -> TableStore:
    """Open the store.

    Raises IndexUnavailableError, also if the directory contains vectors of another model or width.
    """
    require_works(directory, "lancedb", "import lancedb", EXTRA)
    load("lancedb", EXTRA)
    load("pyarrow", EXTRA)
    return TableStore(LanceTable(directory, dim, embedder), dim=dim, writable=writable)


class LanceTable:
    """`Table` whose generation is the version of the LanceDB table."""

    max_allowed = 2_000
    problems: tuple[str, ...] = ()
    failures: tuple[type[Exception], ...] = (RuntimeError, ValueError, OSError)

    def __init__(self, directory: Path, dim: int, embedder: str) -> None:
        self.place = str(directory)
        self.note = f"lancedb {version_of('lancedb')}, exact"
        self._arrow = load("pyarrow", EXTRA)
        self._dim = dim
        arrow = self._arrow
        self._schema = arrow.schema(
            [
                arrow.field("key", arrow.int64(), nullable=False),
                arrow.field("row", arrow.list_(arrow.float32(), dim), nullable=False),
            ],
            metadata={"embedder": embedder, "dim": str(dim)},
        )
        self._table = self._opened(load("lancedb", EXTRA).connect(str(directory)))
        facts = {name.decode(): value.decode() for name, value in (self._table.schema.metadata or {}).items()}
        check_made_by(self.place, (facts.get("embedder", ""), int(facts.get("dim", 0))), embedder, dim)

    def generation(self) -> int:
        """See `Table.generation`."""
        self._table.checkout_latest()
        return int(self._table.version)

    def keys(self) -> Keys:
        """See `Table.keys`."""
        return _keys_of(self._table.search().select(["key"]).limit(None).to_arrow())

    def put(self, keys: Keys, rows: Vectors) -> int:
        """See `Table.put`."""
        arrow = self._arrow
        column = arrow.FixedSizeListArray.from_arrays(arrow.array(rows.reshape(-1)), self._dim)
        batch = arrow.table({"key": arrow.array(keys), "row": column}, schema=self._schema)
        merge = self._table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
        merge.execute(batch)
        return int(self._table.version)

    def drop(self, keys: Keys) -> int:
        """See `Table.drop`."""
        self._table.delete(_among(keys))
        return int(self._table.version)

    def fetch(self, keys: Keys) -> tuple[Keys, Vectors]:
        """See `Table.fetch`."""
        found = self._table.search().where(_among(keys)).limit(None).to_arrow()
        flat = found.column("row").combine_chunks().flatten()
        rows = np.asarray(flat, dtype=np.float32).reshape(-1, self._dim)
        return _keys_of(found), rows

    def nearest(self, query: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Vectors]:
        """See `Table.nearest`."""
        search = self._table.search(query).distance_type("dot").select(["key", "_distance"]).limit(k)
        if allowed is not None:
            search = search.where(_among(allowed), prefilter=True)
        found = search.to_arrow()
        return _keys_of(found), 1 - found.column("_distance").to_numpy()

    def compact(self) -> None:
        """See `Table.compact`; old versions are deleted by a later call."""
        self._table.optimize(cleanup_older_than=_OLD_VERSIONS_KEPT)

    def close(self) -> None:
        """See `Table.close`: nothing stays open between calls."""

    def _opened(self, database: Any) -> Any:
        """Open the table, or create it if no other process has."""
        try:
            return database.open_table(_TABLE)
        except (ValueError, OSError, RuntimeError):
            return database.create_table(_TABLE, schema=self._schema, exist_ok=True)


def _among(keys: Keys) -> str:
    """Return the filter for these keys; it contains only integers, so nothing needs escaping."""
    return f"key IN ({','.join(map(str, keys.tolist()))})"


def _keys_of(found: Any) -> Keys:
    keys: Keys = found.column("key").to_numpy()
    return keys
