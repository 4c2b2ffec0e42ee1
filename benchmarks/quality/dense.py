"""Dense retrieval alone: the same chunks through any model, with one result per file.

The path and the symbols precede the text of a chunk.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekin.config import load_config
from codekin.domain.ports import Embedder, Vectors
from codekin.domain.values import NodeKind, Skipped
from codekin.embedding import open_embedder
from codekin.files import Rules, scan
from codekin.indexing import prepare_file


@dataclass(frozen=True, slots=True)
class Pooling:
    """How cosines become the score of a file.

    The vector of the path, times `path`, is added to that of each chunk. The file's second best
    chunk counts `second` times as much as its best.
    """

    path: float = 0.0
    second: float = 0.0


POOLINGS = tuple(Pooling(path, second) for path in (0.0, 0.3, 0.5, 0.8) for second in (0.0, 0.3, 0.5))
"""The plain pooling first. `chosen` selects the one for a model on other repositories."""


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Files by path, with their chunks.

    The chunks of file i are rows `first[i]` to `first[i + 1]`, at least one. `seconds` is the time
    of embedding without reading and chunking.
    """

    embedder: Embedder
    paths: tuple[str, ...]
    first: npt.NDArray[np.int64]
    rows: Vectors
    path_rows: Vectors
    seconds: float

    def search(self, query: str, limit: int) -> dict[Pooling, list[str]]:
        """Return files, best first, for each pooling."""
        vector = self.embedder.embed_query(query)
        cosines, path_cosines = self.rows @ vector, self.path_rows @ vector
        file = np.repeat(np.arange(len(self.paths)), np.diff(self.first))
        # |c + a p|² of unit c and p gives the lengths without building the mixed vectors.
        between = np.vecdot(self.rows, self.path_rows[file])
        found = {}
        for way in POOLINGS:
            length = np.sqrt(1 + way.path**2 + 2 * way.path * between)
            scores = (cosines + way.path * path_cosines[file]) / np.maximum(length, 1e-9)
            order = np.argsort(-self._of_files(scores, way.second), kind="stable")[:limit]
            found[way] = [self.paths[at] for at in order]
        return found

    def _of_files(self, scores: Vectors, second: float) -> Vectors:
        ranked = np.lexsort((-scores, np.repeat(np.arange(len(self.paths)), np.diff(self.first))))
        best = scores[ranked[self.first[:-1]]]
        several = np.diff(self.first) > 1
        result: Vectors = best.copy()
        result[several] += second * np.maximum(scores[ranked[self.first[:-1][several] + 1]], 0)
        return result


class Dense:
    """One model, loaded once."""

    def __init__(self, spec: str) -> None:
        self._embedder = open_embedder(spec)
        self._embedder.embed_passages(["warm up"])

    def index(self, root: Path) -> DenseIndex:
        """Embed every chunk of a folder, and the path of every file."""
        config = load_config()
        rules = Rules(root, include=(), exclude=(), max_file_bytes=config.max_file_bytes)
        paths: list[str] = []
        texts: list[str] = []
        first = [0]
        for item in sorted(scan(root, rules, lambda: False), key=lambda item: item.path):
            prepared = None if isinstance(item, Skipped) else prepare_file(root, item.path, config.max_file_bytes)
            if prepared is None or isinstance(prepared, Skipped):
                continue
            chunks = [chunk for chunk in prepared.chunks if chunk.kind is not NodeKind.FILE]
            if chunks:
                paths.append(item.path)
                texts.extend(f"{item.path}\n{chunk.embedding_text}" for chunk in chunks)
                first.append(len(texts))
        started = time.perf_counter()
        rows, path_rows = self._embedder.embed_passages(texts), self._embedder.embed_passages(paths)
        seconds = time.perf_counter() - started
        return DenseIndex(self._embedder, tuple(paths), np.array(first), rows, path_rows, seconds)


def chosen(means: Mapping[str, Sequence[float]]) -> dict[str, int]:
    """Return for each repository the number of the pooling that is best on all others.

    `means` are NDCG@10 by repository and pooling.
    """
    total = np.sum([np.array(values) for values in means.values()], axis=0)
    return {repository: int(np.argmax(total - np.array(values))) for repository, values in means.items()}
