"""One query over many vectors of the bundled model, against numpy in the same run."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.machine import machine
from benchmarks.synthetic import make_workspace
from codekin.chunking import chunk_file
from codekin.domain.ports import Embedder, Vectors
from codekin.domain.values import Skipped
from codekin.embedding import open_embedder
from codekin.files import read_source
from codekin.storage.vectors.flat import FlatIndex

K = 10
QUERIES = 300
TIMED = 60
ROUNDS = 7
_MOST_BYTES = 1_000_000
Search = Callable[[Vectors], npt.NDArray[np.int64]]


def measure_vectors(source: Path, most_rows: int) -> dict[str, Any]:
    """Measure searches for comments of chunks outside the index, as people write about code."""
    embedder = open_embedder("static")
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch) / "workspace"
        make_workspace(source, workspace, most_rows + most_rows // 5)
        rows, queries = _embedded(embedder, workspace, most_rows)
        sizes = sorted({min(size, len(rows)) for size in (1_000, 10_000, most_rows)})
        tables = {f"{size} rows": _table(rows[:size], queries, Path(scratch) / str(size)) for size in sizes}
    return {"machine": machine(), "embedder": embedder.name, "dim": embedder.dim, "queries": len(queries), **tables}


def _table(rows: Vectors, queries: Vectors, directory: Path) -> dict[str, Any]:
    writer = FlatIndex.open(directory, dim=rows.shape[1], embedder="m", writable=True)
    writer.add(np.arange(len(rows)), np.ascontiguousarray(rows))
    writer.close()
    served = FlatIndex.open(directory, dim=rows.shape[1], embedder="m", writable=False)
    exact = FlatIndex.open(directory, dim=rows.shape[1], embedder="m", writable=False, exact=True)

    def matrix_product(query: Vectors) -> npt.NDArray[np.int64]:
        scores = rows @ query
        best = np.argpartition(scores, len(scores) - K)[-K:]
        return best[np.argsort(-scores[best])]

    ways: dict[str, Search] = {
        "numpy V @ q + argpartition": matrix_product,
        "flat, exact": lambda query: exact.search(query, K).keys,
        f"flat, as served ({'two stages' if 'two stages' in served.search_mode else 'exact'})": (
            lambda query: served.search(query, K).keys
        ),
    }
    truth = [set(matrix_product(query).tolist()) for query in queries]
    times = _times(ways, queries[:TIMED])
    baseline = times["numpy V @ q + argpartition"]
    report = {
        name: {
            "ms": round(times[name], 3),
            "times_faster": round(baseline / times[name], 2),
            "recall_at_10": round(_recall(way, queries, truth), 4),
        }
        for name, way in ways.items()
    }
    served.close()
    exact.close()
    return report


def _times(ways: dict[str, Search], queries: Vectors) -> dict[str, float]:
    """Return the median over rounds of the mean processor time of a query in ms.

    The ways of searching take turns.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _, (name, way) in itertools.product(range(ROUNDS), ways.items()):
        started = time.thread_time()
        for query in queries:
            way(query)
        times[name].append((time.thread_time() - started) / len(queries) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def _recall(way: Search, queries: Vectors, truth: list[set[int]]) -> float:
    found = [len(set(way(query).tolist()) & want) / K for query, want in zip(queries, truth, strict=True)]
    return float(np.mean(found))


def _embedded(embedder: Embedder, workspace: Path, most_rows: int) -> tuple[Vectors, Vectors]:
    texts: list[str] = []
    comments: list[str] = []
    for text, comment in _chunks(workspace):
        if len(comment.split()) > 3 and len(comments) * most_rows < len(texts) * QUERIES:
            comments.append(comment)
        else:
            texts.append(text)
    rows = np.unique(embedder.embed_passages(texts), axis=0)
    queries = np.stack([embedder.embed_query(comment) for comment in comments])
    kept = queries[np.linalg.norm(queries, axis=1) > 0]
    return np.random.default_rng(0).permutation(rows)[:most_rows], kept


def _chunks(workspace: Path) -> Iterator[tuple[str, str]]:
    """Yield (text to embed, first line of the comment) of each chunk."""
    for file in sorted(path for path in workspace.rglob("*") if path.is_file()):
        read = read_source(workspace, file.relative_to(workspace).as_posix(), _MOST_BYTES)
        if not isinstance(read, Skipped):
            for chunk in chunk_file(read.path, read.text):
                yield chunk.embedding_text, chunk.doc.partition("\n")[0]
