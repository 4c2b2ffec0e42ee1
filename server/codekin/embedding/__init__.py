"""Models that turn text into unit vectors, by name."""

from codekin.embedding.kin import SimilarWords, similar_words
from codekin.embedding.registry import EMBEDDERS, open_embedder

__all__ = ["EMBEDDERS", "SimilarWords", "open_embedder", "similar_words"]
