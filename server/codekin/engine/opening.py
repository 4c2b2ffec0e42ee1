"""Opening an engine although a model or a store of the settings cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from codekin.config import Config
from codekin.engine.engine import Engine
from codekin.engine.stores.selection import SecondStoreError
from codekin.errors import CodekinError, EmbedderError, SettingsError, StoreMissingError
from codekin.storage import FLAT

_STATIC = "static"


@dataclass(frozen=True, slots=True)
class OpenedEngine:
    """An engine with the settings that it has.

    `replaced` has a sentence for each setting whose default is used instead.
    """

    engine: Engine
    config: Config
    replaced: tuple[str, ...]


async def open_usable(config: Config, roots: Sequence[Path]) -> OpenedEngine:
    """Open an engine that updates its indexes.

    If a model or a store is unknown, or its Python package is missing, the default is used instead.
    The vectors of the other are kept. Raises SettingsError, EmbedderError, IndexUnavailableError.
    """
    replaced: list[str] = []
    while True:
        try:
            return OpenedEngine(await Engine.open(config, roots, watch=True), config, tuple(replaced))
        except CodekinError as error:
            culprit = _culprit(config, error)
            if culprit is None:
                raise
            name, default, instead = culprit
            config = replace(config, **{name: default})
            replaced.append(f"{error} Until then, {instead}. After an installation, restart the server.")


def _culprit(config: Config, error: CodekinError) -> tuple[str, str, str] | None:
    """Return the setting that an error is about, its default, and what the default does."""
    embedder = ("embedder", _STATIC, f'searches use the model "{_STATIC}"')
    vectors = ("vectors", FLAT, f'searches use the vector store "{FLAT}"')
    second = ("dual_write", "", "no second vector store is written")
    if isinstance(error, EmbedderError):
        return embedder if config.embedder != _STATIC else None
    if isinstance(error, SecondStoreError):
        return second
    if isinstance(error, (SettingsError, StoreMissingError)):
        return vectors if config.vectors != FLAT else None
    return None
