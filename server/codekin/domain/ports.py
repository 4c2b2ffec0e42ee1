"""Protocols with more than one real implementation.

Each has a registry beside its implementations and one conformance test suite for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from codekin.domain.values import Changes, FileRecord, Skipped

Vectors = npt.NDArray[np.float32]
Keys = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hits:
    """Search hits, best first: by descending score, ties by ascending key.

    `keys` is int64 (n,), `scores` float32 (n,), n <= k.
    """

    keys: Keys
    scores: npt.NDArray[np.float32]


@runtime_checkable
class Vocabulary(Protocol):
    """A model that tells which words it has learnt."""

    def knows(self, word: str) -> bool:
        """Return whether a word in lower case has a vector of its own, not only its parts."""


class Embedder(Protocol):
    """A model that turns text into unit vectors.

    Calls block, are pure and deterministic, and are safe from several threads.
    """

    @property
    def name(self) -> str:
        """Model and version; vectors of different names are never mixed."""

    @property
    def dim(self) -> int:
        """Width of every vector, at least 1."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts: float32, C order, shape (len(texts), dim).

        Rows have unit length; a text without a known token has a zero row. Raises EmbedderError.
        """

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a query: float32, shape (dim,), unit length or zero.

        Raises EmbedderError.
        """

    def __hash__(self) -> int:
        """Hash by identity: the vectors of recent queries are cached by embedder and text."""


class VectorStore(Protocol):
    """Vectors by content key.

    Calls block and may come from any thread. One process writes; others read and `refresh`.
    """

    @property
    def dim(self) -> int:
        """Width of every row."""

    def __len__(self) -> int:
        """Return the number of live rows."""

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Store unit rows, replacing those of known keys; committed on return.

        Shapes (n,) and (n, dim); n may be 0. If a key occurs twice, the last row wins. Raises
        ValueError for another shape or dtype, IndexUnavailableError.
        """

    def delete(self, keys: Keys) -> None:
        """Delete rows; committed on return. Unknown keys are ignored."""

    def contains(self, keys: Keys) -> Mask:
        """Return a bool array (n,), one element for each given key, in order."""

    def get(self, keys: Keys) -> tuple[Mask, Vectors]:
        """Return (found, rows) in the order of `keys`.

        `rows` has shape (n, dim), zero where not found.
        """

    def keys(self) -> Keys:
        """Return all live keys, ascending."""

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """Return the k rows nearest by cosine, only among `allowed` if given.

        `allowed` is unordered and may contain unknown keys. k > len(self) returns all rows; k <= 0,
        an empty store or an empty `allowed` returns none.
        """

    def compact(self) -> None:
        """Free the space of deleted and replaced rows.

        The process may be killed at any moment without loss.
        """

    def refresh(self) -> bool:
        """Load what another process has committed since; return whether there was anything."""

    def retire(self) -> None:
        """Stop all changes, because another store replaces this one.

        Background changes stop as well. Searches that began with it are answered until it is
        closed. Blocking. Idempotent.
        """

    def close(self) -> None:
        """Release files and connections. Idempotent."""


class MetadataStore(Protocol):
    """The authoritative record of files and nodes.

    All methods are coroutines of one event loop. One process writes, others read.
    """

    @property
    def active(self) -> str:
        """Name in the registry: "sqlite" or "memory"."""

    @property
    def outdated(self) -> bool:
        """Whether `compact` would store records in less space: an earlier version wrote them."""

    async def apply(self, changes: Changes) -> int:
        """Apply all changes in one transaction and return the new generation.

        The generation grows by one. A written path is no longer skipped; a skipped one is no longer
        written. Raises IndexUnavailableError.
        """

    async def generation(self) -> int:
        """Return the generation: 0 for a new store, one more with every `apply` of any process."""

    async def load(self, since: int = 0) -> tuple[int, list[FileRecord], list[str]]:
        """Return (generation, files, forgotten paths) as one consistent snapshot.

        The files are those written after generation `since`, ascending by path; the forgotten paths
        were forgotten or skipped after it. `since=0` loads all files and no forgotten paths.
        """

    async def skipped(self) -> list[Skipped]:
        """Return the skipped files, ascending by path."""

    async def get_meta(self, name: str) -> str | None:
        """Return a named fact about the index (schema, embedder, chunker version, ...), or None."""

    async def set_meta(self, name: str, value: str) -> None:
        """Store a named fact about the index; durable on return."""

    async def clear(self) -> None:
        """Forget all files, skips and facts; the generation keeps growing."""

    async def compact(self) -> None:
        """Store the records of an earlier version as this one does; safe to kill at any moment.

        Other calls run in between. Raises IndexUnavailableError.
        """

    async def close(self) -> None:
        """Release files and connections. Idempotent."""
