"""The current model with its vectors.

While the model changes, the old pair answers until the new one is complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from codekin.config import Config
from codekin.domain.ports import Embedder, VectorStore
from codekin.embedding import open_embedder
from codekin.engine.stores.location import IndexLocation, sibling_directories
from codekin.errors import CodekinError
from codekin.indexing import VectorSource
from codekin.storage import FLAT, DualWriteStore, OpenedVectors, open_cached, open_vectors


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
    model = embedder or open_embedder(
        choice.spec, allow_downloads=config.allow_downloads, models=config.home_path() / "models"
    )
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


def sibling_sources(config: Config, location: IndexLocation, space: VectorSpace) -> Iterator[VectorSource]:
    """Yield vectors of the same model in the indexes of other worktrees, read only."""
    if space.choice.backend != FLAT:
        return
    for directory in sibling_directories(config, location):
        sibling = IndexLocation(location.root, directory, location.repository).vectors_directory(
            FLAT, space.embedder.name
        )
        if sibling.is_dir():
            with suppress(CodekinError):
                model = space.embedder
                opened = open_vectors(FLAT, sibling, dim=model.dim, embedder=model.name, writable=False)
                yield opened.store.get
