"""Models that turn text into unit vectors, by name."""

from codekin.embedding.registry import EMBEDDERS, deep_model_name, has_deep_model, open_embedder

__all__ = ["EMBEDDERS", "deep_model_name", "has_deep_model", "open_embedder"]
