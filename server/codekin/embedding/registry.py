"""The registry of embedders; a model is imported when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from codekin.config import load_config
from codekin.domain.ports import Embedder
from codekin.errors import EmbedderError


def _static(_name: str, *, allow_downloads: bool, models: Path) -> Embedder:  # noqa: ARG001 - ships in the package
    from codekin.embedding.static import StaticEmbedder  # noqa: PLC0415

    return StaticEmbedder.bundled()


def _hashing(_name: str, *, allow_downloads: bool, models: Path) -> Embedder:  # noqa: ARG001 - has no weights
    from codekin.embedding.hashing import HashingEmbedder  # noqa: PLC0415

    return HashingEmbedder()


def _deep(_name: str, *, allow_downloads: bool, models: Path) -> Embedder:  # noqa: ARG001 - built, not downloaded
    from codekin.embedding.deep import DeepEmbedder  # noqa: PLC0415

    return DeepEmbedder(models / DeepEmbedder.name)


def _sentence_transformers(name: str, *, allow_downloads: bool, models: Path) -> Embedder:  # noqa: ARG001 - has its own cache
    from codekin.embedding.transformers import SentenceTransformersEmbedder  # noqa: PLC0415

    return SentenceTransformersEmbedder(name, allow_downloads=allow_downloads)


EMBEDDERS: dict[str, Callable[..., Embedder]] = {
    "static": _static,
    "hashing": _hashing,
    "deep": _deep,
    "sentence-transformers": _sentence_transformers,
}
"""Scheme → opener(name, *, allow_downloads, models); `name` is the part after the colon."""


def open_embedder(spec: str, *, allow_downloads: bool = False, models: Path | None = None) -> Embedder:
    """Open an embedder: "static", "deep", "hashing" or "sentence-transformers:<name or path>".

    `models` is the folder of models built on this machine, by default in the user's cache. Raises
    EmbedderError; no other model is used as a fallback.
    """
    scheme, _, name = spec.partition(":")
    opener = EMBEDDERS.get(scheme)
    if opener is None:
        raise EmbedderError(f'Unknown embedder "{spec}". Choose one of: {", ".join(EMBEDDERS)}.')
    return opener(name, allow_downloads=allow_downloads, models=models or load_config().home_path() / "models")
