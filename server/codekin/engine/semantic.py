"""The model in use with the vectors it made; during a change of model, the old pair answers until the new one is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from codekin.config import Config
from codekin.domain.ports import Embedder, VectorStore
from codekin.embedding import open_embedder
from codekin.engine.place import Place, sibling_directories
from codekin.errors import CodekinError
from codekin.indexing import VectorSource
from codekin.storage import FLAT, open_vectors


class Choice(msgspec.Struct, frozen=True):
    """What makes two indexes of vectors different: the setting that names the model, and the store."""

    spec: str
    backend: str


@dataclass(frozen=True, slots=True)
class Semantic:
    """`why` and `path` are the vector store's, for the status."""

    choice: Choice
    embedder: Embedder
    vectors: VectorStore
    why: str
    path: str


def configured_choice(config: Config) -> Choice:
    """What the settings ask for."""
    return Choice(config.embedder, FLAT if config.vectors == "auto" else config.vectors)


def open_semantic(
    config: Config, place: Place, choice: Choice, embedder: Embedder | None, *, writable: bool
) -> Semantic:
    """Raises EmbedderError, IndexUnavailableError, SettingsError. `embedder` is taken instead of opening the model anew."""
    model = embedder or open_embedder(
        choice.spec, allow_downloads=config.allow_downloads, models=config.home_path() / "models"
    )
    directory = place.vectors_directory(choice.backend, model.name)
    opened = open_vectors(choice.backend, directory, dim=model.dim, embedder=model.name, writable=writable)
    return Semantic(choice, model, opened.store, opened.why, opened.path)


def previous_semantic(config: Config, place: Place, recorded: str | None, current: Semantic) -> Semantic | None:
    """The pair that answered before the settings changed; None when there was none, or it can no longer be opened."""
    if not recorded:
        return None
    with suppress(msgspec.DecodeError, msgspec.ValidationError, CodekinError):
        choice = msgspec.json.decode(recorded, type=Choice)
        if choice != current.choice:
            embedder = current.embedder if choice.spec == current.choice.spec else None
            return open_semantic(config, place, choice, embedder, writable=False)
    return None


def encode_choice(choice: Choice) -> str:
    """The text kept in the metadata."""
    return msgspec.json.encode(choice).decode()


def sibling_sources(config: Config, place: Place, semantic: Semantic) -> Iterator[VectorSource]:
    """Vectors of the same model in the indexes of other worktrees, read only."""
    if semantic.choice.backend != FLAT:
        return
    for directory in sibling_directories(config, place):
        sibling = Place(place.root, directory, place.repository).vectors_directory(FLAT, semantic.embedder.name)
        if sibling.is_dir():
            with suppress(CodekinError):
                model = semantic.embedder
                opened = open_vectors(FLAT, sibling, dim=model.dim, embedder=model.name, writable=False)
                yield opened.store.get
