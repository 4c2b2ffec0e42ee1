"""The registry of embedders. A model is imported when it is opened, never before."""

from __future__ import annotations

from collections.abc import Callable

from codekin.domain.ports import Embedder
from codekin.errors import EmbedderError


def _static(_name: str, *, allow_downloads: bool) -> Embedder:  # noqa: ARG001 - ships in the package
    from codekin.embedding.static import StaticEmbedder  # noqa: PLC0415

    return StaticEmbedder.bundled()


def _hashing(_name: str, *, allow_downloads: bool) -> Embedder:  # noqa: ARG001 - has no weights
    from codekin.embedding.hashing import HashingEmbedder  # noqa: PLC0415

    return HashingEmbedder()


def _sentence_transformers(name: str, *, allow_downloads: bool) -> Embedder:
    from codekin.embedding.transformers import SentenceTransformersEmbedder  # noqa: PLC0415

    return SentenceTransformersEmbedder(name, allow_downloads=allow_downloads)


EMBEDDERS: dict[str, Callable[..., Embedder]] = {
    "static": _static,
    "hashing": _hashing,
    "sentence-transformers": _sentence_transformers,
}
"""Scheme → opener(name, *, allow_downloads); `name` is what stands behind the colon."""


def open_embedder(spec: str, *, allow_downloads: bool = False) -> Embedder:
    """`spec` is "static", "hashing" or "sentence-transformers:<name or path>". Raises EmbedderError; another model is
    never taken instead.
    """
    scheme, _, name = spec.partition(":")
    opener = EMBEDDERS.get(scheme)
    if opener is None:
        raise EmbedderError(f'Unknown embedder "{spec}"; known are {", ".join(EMBEDDERS)}.')
    return opener(name, allow_downloads=allow_downloads)
