"""The index of one collection: how it is created, and what shows that it is ours and unchanged.

Shards and replicas are left to the administrator's index templates.
"""

from __future__ import annotations

from typing import Any

from codekin.errors import IndexUnavailableError, StoreAwayError
from codekin.storage.vectors.backends.elasticsearch_client import EXTRA, PATIENCE_S, Cluster, kind_of
from codekin.storage.vectors.optional_imports import load
from codekin.storage.vectors.table_store import check_made_by

GENERATIONS = "codekin-generations"
INDEX_OPTIONS: dict[str, dict[str, Any]] = {
    "flat": {"type": "flat"},
    "hnsw": {"type": "int8_hnsw", "m": 16, "ef_construction": 100},
}
"""How a kind of store indexes its rows."""
_FLUSH_AT = "64mb"
"""Size of the log at which the server writes segments and empties it; the default is 10 GB."""
_SEES_VECTORS_IN_SOURCE = (9, 2, 0)
"""From this version on, a document does not repeat its vectors."""
_BLOCKS = ("index.blocks.read_only", "index.blocks.read_only_allow_delete", "index.blocks.write")


def rows_alias(name: str) -> str:
    """Return the alias through which rows are written.

    A write that requires an alias fails if the index was deleted; otherwise the server would
    create an index without our mapping.
    """
    return f"{name}-rows"


def open_index(cluster: Cluster, name: str, dim: int, embedder: str, *, kind: str, writable: bool) -> None:
    """Create the index if it is missing; nothing is changed in an index that is not ours.

    Raises IndexUnavailableError if it cannot be used, StoreAwayError if it is blocked, or an error
    of the library.
    """
    indices = cluster.client.indices
    if not indices.exists(index=name):
        _create(cluster, name, dim, embedder, kind)
    ((_, found),) = indices.get(index=name, flat_settings=True).body.items()
    _check(f"{cluster.place}, index {name}", found, dim, embedder, kind)
    blocks = [block for block in _BLOCKS if found["settings"].get(block) == "true"]
    if writable and blocks:
        raise StoreAwayError(
            f"The index {name} at {cluster.place} is blocked by {blocks[0]}. To fix: free disk space on the server, "
            "which then lifts the block itself; otherwise remove the block."
        )
    if writable and not indices.exists(index=GENERATIONS):
        _create_once(indices, GENERATIONS, mappings={"dynamic": False}, settings={"index.number_of_shards": 1})


def mapping_of(dim: int, embedder: str, kind: str) -> dict[str, Any]:
    """Return the mapping of an index."""
    row = {"type": "dense_vector", "dims": dim, "index": True, "similarity": "max_inner_product"}
    return {
        "dynamic": "strict",
        "_meta": {"embedder": embedder, "dim": dim},
        "properties": {"key": {"type": "long"}, "row": {**row, "index_options": INDEX_OPTIONS[kind]}},
    }


def _create(cluster: Cluster, name: str, dim: int, embedder: str, kind: str) -> None:
    # The store refreshes the index itself, before it reads what was written.
    settings: dict[str, Any] = {"index.refresh_interval": "-1", "index.translog.flush_threshold_size": _FLUSH_AT}
    if cluster.version >= _SEES_VECTORS_IN_SOURCE:
        settings["index.mapping.exclude_source_vectors"] = True
    mappings = mapping_of(dim, embedder, kind)
    _create_once(cluster.client.indices, name, mappings=mappings, settings=settings, aliases={rows_alias(name): {}})


def _create_once(indices: Any, name: str, **described: Any) -> None:
    try:
        indices.create(index=name, timeout=f"{PATIENCE_S:g}s", **described)
    except load("elasticsearch", EXTRA).BadRequestError as error:
        if kind_of(error) != "resource_already_exists_exception":  # Another process created it first.
            raise


def _check(place: str, found: dict[str, Any], dim: int, embedder: str, kind: str) -> None:
    """Raise IndexUnavailableError if the index is not ours, of another model, or was changed."""
    mappings = found["mappings"]
    meta = mappings.get("_meta", {})
    if not {"embedder", "dim"} <= meta.keys():
        raise IndexUnavailableError(
            f"{place} was not created by codekin, and nothing was written to it. To fix: delete or rename it, "
            "or delete collection.txt beside the index of this folder."
        )
    check_made_by(place, (str(meta["embedder"]), int(meta["dim"])), embedder, dim)
    changes = _changes(mappings, mapping_of(dim, embedder, kind))
    if rows_alias(place.rpartition(" ")[2]) not in found.get("aliases", {}):
        changes.append("its alias is missing")
    if changes:
        raise IndexUnavailableError(
            f"{place} was changed, or created by another version of codekin: {'; '.join(changes)}. To fix: delete the "
            "index on the server. It is created again and filled from the local copy, without embedding."
        )


def _changes(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Return how a mapping differs; settings that the server adds are not compared."""
    changes = []
    if found.get("dynamic") != wanted["dynamic"]:
        changes.append(f"dynamic is {found.get('dynamic')}")
    fields, known = found.get("properties", {}), wanted["properties"]
    names = sorted(fields.keys() ^ known.keys())
    changes += [f"field {name} is {'missing' if name in known else 'new'}" for name in names]
    for name in sorted(fields.keys() & known.keys()):
        changes += [
            f"{name}.{key} is {fields[name].get(key)}"
            for key, value in known[name].items()
            if key not in {"index", "index_options"} and fields[name].get(key) != value
        ]
    if "row" in fields:
        indexed = fields["row"].get("index_options", {}).get("type")
        if indexed != known["row"]["index_options"]["type"]:
            changes.append(f"row.index_options.type is {indexed}")
    return changes
