"""Models that turn text into unit vectors, by name."""

from codekin.embedding.kin import KinWords, kin_words
from codekin.embedding.registry import EMBEDDERS, open_embedder

__all__ = ["EMBEDDERS", "KinWords", "kin_words", "open_embedder"]
