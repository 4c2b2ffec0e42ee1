"""The current model with its vectors.

While the model changes, the old pair answers until the new one is complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from codekin.config import Config
from codekin.domain.ports import Embedder, Keys, Mask, Vectors, VectorStore
from codekin.embedding import open_embedder
from codekin.engine.stores.location import IndexLocation, sibling_directories
from codekin.errors import CodekinError
from codekin.indexing import VectorSource
from codekin.storage import FLAT, DualWriteStore, OpenedVectors, open_cached, open_vectors

_MOST_SIBLINGS = 8


class Choice(msgspec.Struct, frozen=True):
    """The setting of the model and the store, which identify a set of vectors."""

    spec: str
    backend: str


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """A model with its vectors; `why` and `path` are the vector store's, for the status."""

    choice: Choice
    embedder: Embedder
    vectors: VectorStore
    why: str
    path: str


def open_semantic(
    config: Config,
    location: IndexLocation,
    choice: Choice,
    embedder: Embedder | None,
    *,
    mirror: str = "",
    writable: bool,
) -> VectorSpace:
    """Open a model and its vectors.

    `embedder` is used instead of opening the model again. A writer also sends every change to the
    store `mirror`, unless that is empty. Raises EmbedderError, IndexUnavailableError,
    SettingsError.
    """
    model = embedder or open_embedder(choice.spec, allow_downloads=config.allow_downloads)
    directory = location.vectors_directory(choice.backend, model.name)
    opened = open_cached(choice.backend, directory, dim=model.dim, embedder=model.name, writable=writable)
    why, store = opened.why, opened.store
    if config.vectors == "auto":
        why = why.replace("chosen by setting", "default" if choice.backend == FLAT else "moved to", 1)
    if writable and mirror:
        store = DualWriteStore(store, mirror, lambda: open_named(location, model, mirror, writable=True).store)
        why = f"{why}; {store.note}"
    return VectorSpace(choice, model, store, why, opened.path)


def open_named(
    location: IndexLocation, model: Embedder, backend: str, *, writable: bool, exact: bool = False
) -> OpenedVectors:
    """Open the store of a name for one index and model.

    Raises IndexUnavailableError, SettingsError.
    """
    directory = location.vectors_directory(backend, model.name)
    return open_vectors(backend, directory, dim=model.dim, embedder=model.name, writable=writable, exact=exact)


def previous_semantic(
    config: Config, location: IndexLocation, recorded: str | None, current: VectorSpace
) -> VectorSpace | None:
    """Return the pair that answered before the settings changed.

    Returns None if there was none, or if it cannot be opened any more.
    """
    if not recorded:
        return None
    with suppress(msgspec.DecodeError, msgspec.ValidationError, CodekinError):
        choice = msgspec.json.decode(recorded, type=Choice)
        if choice != current.choice:
            embedder = current.embedder if choice.spec == current.choice.spec else None
            return open_semantic(config, location, choice, embedder, writable=False)
    return None


def encode_choice(choice: Choice) -> str:
    """Return the text that the metadata stores."""
    return msgspec.json.encode(choice).decode()


class SiblingVectors:
    """Vectors of the same model in the indexes of other worktrees, opened read-only when needed.

    Few of possibly hundreds of worktrees are opened, those that were written last. Owned by the
    thread of the stores.
    """

    def __init__(self, config: Config, location: IndexLocation, space: VectorSpace) -> None:
        self._config = config
        self._location = location
        self._model = space.embedder
        self._stores: list[VectorStore] | None = None

    def get(self, keys: Keys) -> tuple[Mask, Vectors]:
        """Return the vectors that a worktree has; the result is that of `VectorStore.get`."""
        if self._stores is None:
            self._stores = list(self._opened())
        found = np.zeros(len(keys), np.bool_)
        rows = np.zeros((len(keys), self._model.dim), np.float32)
        for store in self._stores:
            wanted = np.flatnonzero(~found)
            if not len(wanted):
                break
            known, vectors = store.get(keys[wanted])
            rows[wanted[known]] = vectors[known]
            found[wanted[known]] = True
        return found, rows

    def _opened(self) -> Iterator[VectorStore]:
        model = self._model
        directories = [
            IndexLocation(self._location.root, directory, self._location.repository).vectors_directory(FLAT, model.name)
            for directory in sibling_directories(self._config, self._location)
        ]
        newest = sorted(filter(Path.is_dir, directories), key=_changed_ns, reverse=True)
        for directory in newest[:_MOST_SIBLINGS]:
            with suppress(CodekinError):
                yield open_vectors(FLAT, directory, dim=model.dim, embedder=model.name, writable=False).store


def sibling_sources(config: Config, location: IndexLocation, space: VectorSpace) -> list[VectorSource]:
    """Return the source of vectors in other worktrees, if this store can use them."""
    if space.choice.backend != FLAT or not location.repository:
        return []
    return [SiblingVectors(config, location, space).get]


def _changed_ns(directory: Path) -> int:
    try:
        return directory.stat().st_mtime_ns
    except OSError:
        return 0  # Removed meanwhile; it cannot be opened.
