"""Rows of an index, and queries for them: questions of people, and rows that are left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.queries import QUERIES
from codekin.domain.ports import Keys, Vectors
from codekin.embedding import open_embedder
from codekin.storage.vectors.flat import FlatIndex

QUESTIONS = Path(__file__).parents[1] / "quality" / "paraphrases.jsonl"
EMBEDDER = "static"
EACH = 100
"""Number of queries of either kind."""
_EQUAL = 1e-6
"""Products closer than this are equal but for rounding."""
_BLOCK_ROWS = 50_000
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class RealRows:
    """Rows of chunks with ascending keys.

    The first EACH queries are texts, the others are chunks outside of the rows.
    """

    keys: Keys
    rows: Vectors
    queries: Vectors


def real_rows(folder: Path, count: int) -> RealRows:
    """Return `count` random rows of the flat index in a folder of vectors, which is only read.

    Rows of 8-bit integers are multiplied by their scales. Raises ValueError if the index has too
    few rows.
    """
    embedder = open_embedder(EMBEDDER)
    index = FlatIndex.open(folder, dim=embedder.dim, embedder=embedder.name, writable=False)
    try:
        keys = index.keys()
        if len(keys) < count + EACH:
            raise ValueError(f"{folder} has {len(keys):,} rows; at least {count + EACH:,} are needed.")
        drawn = np.random.default_rng(0).permutation(keys)[: count + EACH]
        chosen = np.sort(drawn[:count])
        rows = np.empty((count, embedder.dim), np.float32)
        for here in blocks(count):
            rows[here] = index.get(chosen[here])[1]
        left_out = index.get(drawn[count:])[1]
    finally:
        index.close()
    texts = np.stack([embedder.embed_query(text) for text in _texts()])
    return RealRows(chosen, rows, np.ascontiguousarray(np.concatenate([texts, left_out])))


def asking(real: RealRows, count: int) -> RealRows:
    """Return the same rows with `count` of the queries, half of them texts."""
    half = count // 2
    return replace(real, queries=np.concatenate([real.queries[:half], real.queries[EACH : EACH + half]]))


def blocks(count: int) -> Iterator[slice]:
    """Yield parts of `count` rows that are small in memory."""
    for start in range(0, count, _BLOCK_ROWS):
        yield slice(start, min(start + _BLOCK_ROWS, count))


def alike(real: RealRows) -> Places:
    """Return the places of the tenth of the rows that is nearest to one of them, ascending.

    It stands for a folder, whose chunks resemble each other.
    """
    products = real.rows @ real.rows[len(real.rows) // 2]
    tenth = len(real.rows) // 10
    return np.sort(np.argpartition(-products, tenth)[:tenth])


def kth_products(rows: Vectors, queries: Vectors, k: int) -> Vectors:
    """Return the exact k-th highest product of each query with the rows."""
    best = np.full((len(queries), k), -np.inf, np.float32)
    for here in blocks(len(rows)):
        products = queries @ rows[here].T
        best = -np.partition(np.concatenate([-best, -products], axis=1), k - 1, axis=1)[:, :k]
    return np.asarray(best.min(axis=1))


def share_found(real: RealRows, query: int, found: Keys, kth: float, k: int) -> float:
    """Return the share of k results that are as near as the k-th nearest row or nearer."""
    products = real.rows[np.searchsorted(real.keys, found)] @ real.queries[query]
    return float(np.count_nonzero(products >= kth - _EQUAL)) / k


def _texts() -> list[str]:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    return [*QUERIES, *(json.loads(line)["query"] for line in lines)][:EACH]
