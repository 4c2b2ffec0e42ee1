"""Protocols with more than one real implementation. Each has a registry beside its implementations and one conformance
suite that runs over that registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from codekin.domain.values import Changes, FileRecord, Skipped

Vectors = npt.NDArray[np.float32]
Keys = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hits:
    """Best first: descending score, ties by ascending key. `keys` int64 (n,), `scores` float32 (n,), n <= k."""

    keys: Keys
    scores: npt.NDArray[np.float32]


class Embedder(Protocol):
    """Turns text into unit vectors. Blocking, pure, deterministic, safe to call from several threads."""

    @property
    def name(self) -> str:
        """Model and version; vectors of different names are never mixed."""

    @property
    def dim(self) -> int:
        """Width of every vector, at least 1."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """float32, C order, shape (len(texts), dim), rows of unit length (a text without any known token: a zero row).
        Raises EmbedderError.
        """

    def embed_query(self, text: str) -> Vectors:
        """float32, shape (dim,), unit length or zero. Raises EmbedderError."""

    def __hash__(self) -> int:
        """By identity: the vectors of the latest queries are kept by embedder and text."""


class VectorStore(Protocol):
    """Vectors by content key. Blocking; any thread may call; one process writes, others read and `refresh`."""

    @property
    def dim(self) -> int:
        """Width of every row."""

    def __len__(self) -> int:
        """Number of live rows."""

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Stores unit rows, replacing those of known keys; committed when it returns. Shapes (n,) and (n, dim); n may
        be 0; a key that occurs twice: the last row wins. Raises ValueError for another shape or dtype,
        IndexUnavailableError.
        """

    def delete(self, keys: Keys) -> None:
        """Forgets rows; unknown keys are ignored; committed when it returns."""

    def contains(self, keys: Keys) -> Mask:
        """Bool (n,), one for each key asked for, in order."""

    def get(self, keys: Keys) -> tuple[Mask, Vectors]:
        """(found, rows): rows has shape (n, dim), zero where not found, in the order of `keys`."""

    def keys(self) -> Keys:
        """All live keys, ascending."""

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> Hits:
        """The k rows nearest by cosine, only among `allowed` (unordered, may hold unknown keys) when given.
        k > len(self) gives all; k <= 0 or an empty store or `allowed`: none.
        """

    def compact(self) -> None:
        """Gives back the room of deleted and replaced rows. Safe to kill at any moment."""

    def refresh(self) -> bool:
        """Takes up what another process has committed since; True if there was anything."""

    def retire(self) -> None:
        """Another one takes its place: no change comes from it any more, of its own accord either. It goes on answering the searches
        that began with it, until it is closed. Blocking. Idempotent.
        """

    def close(self) -> None:
        """Releases files and connections. Idempotent."""


class MetadataStore(Protocol):
    """The truth about files and nodes. Coroutines of one event loop; one process writes, others read."""

    @property
    def active(self) -> str:
        """Name in the registry: "sqlite" or "memory"."""

    async def apply(self, changes: Changes) -> int:
        """All of it or nothing, in one transaction; returns the new generation (one more than before).
        A written path is no longer skipped, a skipped one is no longer written. Raises IndexUnavailableError.
        """

    async def generation(self) -> int:
        """0 for a new store; grows by one with every `apply`, of any process."""

    async def load(self, since: int = 0) -> tuple[int, list[FileRecord], list[str]]:
        """(generation, files written after generation `since`, paths forgotten or skipped after it), one consistent
        snapshot. `since=0` loads everything and forgets nothing. Files ascending by path.
        """

    async def skipped(self) -> list[Skipped]:
        """Ascending by path."""

    async def get_meta(self, name: str) -> str | None:
        """A named fact about the index (schema, embedder, chunker version, ...)."""

    async def set_meta(self, name: str, value: str) -> None:
        """Durable when it returns."""

    async def clear(self) -> None:
        """Forgets all files, skips and facts; the generation goes on growing."""

    async def close(self) -> None:
        """Idempotent."""
