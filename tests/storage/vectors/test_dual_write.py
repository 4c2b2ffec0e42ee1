"""A store whose every change another one follows.

Moves between real stores are in `tests/engine/stores/test_migration.py`.
"""

from __future__ import annotations

import numpy as np

from codekin.storage import DualWriteStore
from codekin.storage.vectors.registry import open_vectors

DIM = 16


def test_a_mirror_that_is_empty_is_opened_once_and_closed(tmp_path):
    """Stores have a length, and what has none is false."""

    def opened(name):
        stores.append(open_vectors(name, tmp_path / name, dim=DIM, embedder="t", writable=True).store)
        return stores[-1]

    stores = []
    both = DualWriteStore(opened("flat"), "sqlite-vec", lambda: opened("sqlite-vec"))
    assert both.both == tuple(stores)
    both.delete(np.arange(3))
    both.add(np.arange(1), np.eye(1, DIM, dtype=np.float32))
    assert len(stores) == 2
    assert stores[1].keys().tolist() == [0]
    both.delete(np.arange(1))
    both.close()
    assert stores[1]._table._closed
