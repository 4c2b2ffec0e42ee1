"""Models that turn text into unit vectors, by name."""

from codekin.embedding.registry import EMBEDDERS, has_deep_model, open_embedder

__all__ = ["EMBEDDERS", "has_deep_model", "open_embedder"]
