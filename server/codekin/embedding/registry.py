"""The registry of embedders; a model is imported when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from codekin.domain.ports import Embedder
from codekin.errors import EmbedderError


def _static(_name: str, *, allow_downloads: bool) -> Embedder:  # noqa: ARG001 - ships in the package
    from codekin.embedding.static import StaticEmbedder  # noqa: PLC0415

    return StaticEmbedder.bundled()


def _hashing(_name: str, *, allow_downloads: bool) -> Embedder:  # noqa: ARG001 - has no weights
    from codekin.embedding.hashing import HashingEmbedder  # noqa: PLC0415

    return HashingEmbedder()


def _deep(_name: str, *, allow_downloads: bool) -> Embedder:  # noqa: ARG001 - a distribution of its own
    from codekin.embedding.onnx import OnnxEmbedder  # noqa: PLC0415

    return OnnxEmbedder.bundled(DEEP_PACKAGE)


def _onnx(name: str, *, allow_downloads: bool) -> Embedder:  # noqa: ARG001 - a folder on this machine
    from codekin.embedding.onnx import OnnxEmbedder  # noqa: PLC0415

    folder = Path(name).expanduser()
    if not name or not folder.is_dir():
        raise EmbedderError(f'"onnx:{name}" names no folder. Write the path of a model\'s folder after the colon.')
    return OnnxEmbedder(folder)


def _sentence_transformers(name: str, *, allow_downloads: bool) -> Embedder:
    from codekin.embedding.transformers import SentenceTransformersEmbedder  # noqa: PLC0415

    return SentenceTransformersEmbedder(name, allow_downloads=allow_downloads)


DEEP_PACKAGE = "codekin_deep_model"
"""The package of the distribution codekin-deep-model, which holds files only."""
EMBEDDERS: dict[str, Callable[..., Embedder]] = {
    "static": _static,
    "hashing": _hashing,
    "deep": _deep,
    "onnx": _onnx,
    "sentence-transformers": _sentence_transformers,
}
"""Scheme → opener(name, *, allow_downloads); `name` is the part after the colon."""


def open_embedder(spec: str, *, allow_downloads: bool = False) -> Embedder:
    """Open an embedder by its setting.

    It is "static", "deep", "hashing", "onnx:<folder>" or "sentence-transformers:<name or path>".
    Raises EmbedderError; no other model is used as a fallback.
    """
    scheme, _, name = spec.partition(":")
    opener = EMBEDDERS.get(scheme)
    if opener is None:
        raise EmbedderError(f'Unknown embedder "{spec}". Choose one of: {", ".join(EMBEDDERS)}.')
    return opener(name, allow_downloads=allow_downloads)


def has_deep_model() -> bool:
    """Return whether the deep model and the libraries that it needs are installed."""
    return all(find_spec(name) for name in (DEEP_PACKAGE, "onnxruntime", "tokenizers"))


def deep_model_name() -> str:
    """Return the name of the deep model, read from its card alone. Raises EmbedderError."""
    from codekin.embedding.onnx import bundled_name  # noqa: PLC0415

    return bundled_name(DEEP_PACKAGE)
