"""The registry of vector stores; the libraries of a store are imported when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from codekin.domain.ports import VectorStore
from codekin.errors import SettingsError
from codekin.storage.vectors.backends.pgvector_collections import PostgresIndex
from codekin.storage.vectors.flat import FlatIndex
from codekin.storage.vectors.remote.cached_store import CachedRemoteStore
from codekin.storage.vectors.remote.server_address import check_shared_name

FLAT = "flat"
Opener = Callable[..., VectorStore]


def _by(module: str, **options: object) -> Opener:
    """Return an opener that imports the module and calls its `open_store`."""

    def opened(directory: Path, **named: object) -> VectorStore:
        store: VectorStore = import_module(f"codekin.storage.vectors.backends.{module}").open_store(
            directory, **named, **options
        )
        return store

    return opened


POSTGRES_INDEXES: dict[str, PostgresIndex] = {
    "pgvector": "",
    "pgvector-halfvec": "halfvec",
    "pgvector-hnsw": "hnsw",
    "pgvector-ivf": "ivf",
}

VECTOR_STORES: dict[str, Opener] = {
    FLAT: FlatIndex.open,
    "chroma": _by("chroma"),
    "elasticsearch": _by("elasticsearch", kind="flat"),
    "elasticsearch-hnsw": _by("elasticsearch", kind="hnsw"),
    "faiss": _by("faiss"),
    "faiss-hnsw": _by("faiss", index="hnsw"),
    "faiss-ivf": _by("faiss", index="ivf"),
    "lancedb": _by("lancedb"),
    **{name: _by("pgvector", index=index) for name, index in POSTGRES_INDEXES.items()},
    "redis": _by("redis", hnsw=False),
    "redis-hnsw": _by("redis", hnsw=True),
    "sqlite-vec": _by("sqlite_vec"),
}
"""Name → opener(directory, *, dim, embedder, writable)."""

SHARED = frozenset({"pgvector", "pgvector-halfvec", "pgvector-hnsw", "redis", "redis-hnsw"})
"""Stores whose collections several workspaces may share: `pgvector@name`.

`pgvector-ivf` is not among them: its lists are built by compaction, and no user of a shared
collection compacts it.
"""

ON_SERVERS = frozenset({"elasticsearch", "elasticsearch-hnsw", *POSTGRES_INDEXES, "redis", "redis-hnsw"})
"""Stores that may become unreachable while they are in use."""

PROMISED_RECALL: dict[str, float] = {
    "chroma": 0.95,
    "elasticsearch-hnsw": 0.95,
    "faiss-hnsw": 0.95,
    "faiss-ivf": 0.95,
    "pgvector-halfvec": 0.95,
    "pgvector-hnsw": 0.95,
    "pgvector-ivf": 0.95,
    "redis-hnsw": 0.95,
}
"""Minimum share of the true k nearest that a store finds, filtered or not; 1 if not listed."""


@dataclass(frozen=True, slots=True)
class OpenedVectors:
    """A store with its description for the status."""

    store: VectorStore
    active: str
    why: str
    path: str


def parse_store(name: str) -> tuple[str, str]:
    """Return (kind, shared collection or "") of a store's name. Raises SettingsError."""
    kind, at, collection = name.partition("@")
    if kind not in VECTOR_STORES:
        raise SettingsError(f'Unknown vector store "{kind}". Choose one of: auto, {", ".join(sorted(VECTOR_STORES))}.')
    if at:
        check_shared_name(collection)
        if kind not in SHARED:
            raise SettingsError(
                f'"{name}" cannot be shared. Shared collections are supported by: {", ".join(sorted(SHARED))}.'
            )
    return kind, collection


def is_exact(name: str) -> bool:
    """Return whether the store always finds the true nearest."""
    return parse_store(name)[0] not in PROMISED_RECALL


def open_vectors(
    name: str, directory: Path, *, dim: int, embedder: str, writable: bool, exact: bool = False
) -> OpenedVectors:
    """Open a store by name; with `exact`, the flat index is exact at any size.

    Raises SettingsError for an unknown name, IndexUnavailableError.
    """
    chosen = FLAT if name == "auto" else name
    kind, collection = parse_store(chosen)
    options: dict[str, object] = {"exact": True} if exact and kind == FLAT else {}
    if collection:
        options["collection"] = collection
    store = VECTOR_STORES[kind](directory, dim=dim, embedder=embedder, writable=writable, **options)
    why = "default" if name == "auto" else "chosen by setting"
    note = getattr(store, "note", "")
    return OpenedVectors(store, chosen, f"{why}; {note}" if note else why, getattr(store, "place", str(directory)))


def open_cached(name: str, directory: Path, *, dim: int, embedder: str, writable: bool) -> OpenedVectors:
    """Open a store as `open_vectors` does; a store on a server gets a local copy as a fallback.

    Raises SettingsError, IndexUnavailableError, and StoreAwayError if the server does not answer
    and never has.
    """
    kind, collection = ("", "") if name == "auto" else parse_store(name)
    if kind not in ON_SERVERS:
        return open_vectors(name, directory, dim=dim, embedder=embedder, writable=writable)
    copy = FlatIndex.open(directory / "copy", dim=dim, embedder=embedder, writable=writable, exact=True)
    try:
        store = CachedRemoteStore(
            name,
            directory,
            copy,
            lambda: open_vectors(name, directory, dim=dim, embedder=embedder, writable=writable).store,
            writable=writable,
            shared=bool(collection),
        )
    except BaseException:
        copy.close()
        raise
    return OpenedVectors(store, name, f"chosen by setting; {store.note}", store.place)
