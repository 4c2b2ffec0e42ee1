"""The registry of vector stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codekin.domain.ports import VectorStore
from codekin.errors import SettingsError
from codekin.storage.flat import FlatIndex

FLAT = "flat"
Opener = Callable[..., VectorStore]

VECTOR_STORES: dict[str, Opener] = {FLAT: FlatIndex.open}
"""Name → opener(directory, *, dim, embedder, writable)."""


@dataclass(frozen=True, slots=True)
class OpenedVectors:
    """A store with what the status says of it."""

    store: VectorStore
    active: str
    why: str
    path: str


def open_vectors(name: str, directory: Path, *, dim: int, embedder: str, writable: bool) -> OpenedVectors:
    """Raises SettingsError for an unknown name, IndexUnavailableError."""
    chosen = FLAT if name == "auto" else name
    opener = VECTOR_STORES.get(chosen)
    if opener is None:
        raise SettingsError(f'Unknown vector store "{name}"; known are auto, {", ".join(sorted(VECTOR_STORES))}.')
    store = opener(directory, dim=dim, embedder=embedder, writable=writable)
    return OpenedVectors(store, chosen, "default" if name == "auto" else "chosen by setting", str(directory))
