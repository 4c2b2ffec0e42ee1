"""Dense retrieval alone: the same chunks, with path and symbols before them, through any model; one result for each file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codekin.config import load_config
from codekin.domain.ports import Embedder, Vectors
from codekin.domain.values import NodeKind, Skipped
from codekin.embedding import open_embedder
from codekin.indexing import prepare_file
from codekin.watching import Rules, scan


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """`rows` and the path of each; `seconds` are those of embedding alone, reading and chunking left out."""

    embedder: Embedder
    paths: tuple[str, ...]
    rows: Vectors
    seconds: float

    def search(self, query: str, limit: int) -> list[str]:
        """Files by their best chunk."""
        order = np.argsort(-(self.rows @ self.embedder.embed_query(query)), kind="stable")
        found: dict[str, None] = {}
        for at in order:
            found.setdefault(self.paths[at])
            if len(found) == limit:
                break
        return list(found)


class Dense:
    """One model, loaded once."""

    def __init__(self, spec: str, models: Path) -> None:
        self._embedder = open_embedder(spec, models=models)
        self._embedder.embed_passages(["warm up"])

    def index(self, root: Path) -> DenseIndex:
        """Embeds every chunk of a folder."""
        config = load_config()
        rules = Rules(root, include=(), exclude=(), max_file_bytes=config.max_file_bytes)
        paths: list[str] = []
        texts: list[str] = []
        for item in sorted(scan(root, rules, lambda: False), key=lambda item: item.path):
            prepared = None if isinstance(item, Skipped) else prepare_file(root, item.path, config.max_file_bytes)
            if prepared is None or isinstance(prepared, Skipped):
                continue
            for chunk in prepared.chunks:
                if chunk.kind is not NodeKind.FILE:
                    paths.append(item.path)
                    texts.append(f"{item.path}\n{chunk.embedding_text}")
        started = time.perf_counter()
        rows = self._embedder.embed_passages(texts)
        return DenseIndex(self._embedder, tuple(paths), rows, time.perf_counter() - started)
