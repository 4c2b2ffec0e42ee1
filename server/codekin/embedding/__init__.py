"""Models that turn text into unit vectors, by name."""

from codekin.embedding.registry import EMBEDDERS, open_embedder

__all__ = ["EMBEDDERS", "open_embedder"]
