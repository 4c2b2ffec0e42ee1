"""Exact nearest neighbours, in blocks that fit the cache."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from codekin.mapping.wanted import check

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
_BLOCK_ROWS = 512


def nearest(rows: Floats, among: Floats, k: int, cancel: threading.Event | None = None) -> tuple[Ints, Floats]:
    """Return (indices, squared distances), both (n, min(k, m)), of the nearest rows of `among`.

    Nearest first, for each of `rows`. A row that is in both is its own neighbour. Raises
    CancelledError.
    """
    k = min(k, len(among))
    indices = np.empty((len(rows), k), np.int64)
    distances = np.empty((len(rows), k), np.float32)
    lengths = np.einsum("ij,ij->i", among, among)
    for start in range(0, len(rows), _BLOCK_ROWS):
        check(cancel)
        block = rows[start : start + _BLOCK_ROWS]
        far = lengths - 2.0 * (block @ among.T)
        picked = np.argpartition(far, k - 1, axis=1)[:, :k]
        near = np.take_along_axis(far, picked, axis=1)
        order = np.lexsort((picked, near), axis=1)
        indices[start : start + len(block)] = np.take_along_axis(picked, order, axis=1)
        own = np.einsum("ij,ij->i", block, block)[:, None]
        distances[start : start + len(block)] = np.maximum(np.take_along_axis(near, order, axis=1) + own, 0.0)
    return indices, distances
