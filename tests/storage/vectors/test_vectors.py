"""The flat index under damage.

What it has in common with the other stores is in `test_vectors_contract.py`.
"""

from __future__ import annotations

import numpy as np
import pytest

from codekin.storage.vectors.flat import TWO_STAGE_ROWS
from codekin.storage.vectors.registry import open_vectors
from support.rows import DIM, unit


@pytest.mark.parametrize("where", ["header", "rows", "cut", "manifest", "missing"])
def test_damage_costs_no_more_than_what_is_damaged(where, tmp_path):
    rng = np.random.default_rng(0)
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="t", writable=True).store
    rows = unit(rng, 10)
    store.add(np.arange(10), rows)
    store.add(np.arange(10, 20), unit(rng, 10))
    store.close()
    victim = min(tmp_path.glob("*.segment"))
    data = bytearray(victim.read_bytes())
    if where == "header":
        data[20] ^= 0xFF
        victim.write_bytes(data)
    elif where == "rows":
        data[data.index(rows[3].tobytes()) + 5] ^= 0xFF
        victim.write_bytes(data)
    elif where == "cut":
        victim.write_bytes(data[:200])
    elif where == "missing":
        victim.unlink()
    else:
        (tmp_path / "MANIFEST").write_bytes(b"garbage")
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="t", writable=True).store
    if where == "manifest":
        assert len(store) == 20
    else:
        kept = store.keys().tolist()
        assert kept[-10:] == list(range(10, 20))
        assert len(kept) == (19 if where == "rows" else 10), kept
        assert store.problems
    store.add(np.arange(10), unit(rng, 10))
    assert len(store) == 20
    store.close()


def test_a_large_index_is_searched_exactly_where_that_is_asked_for(tmp_path):
    """Stores are compared by what they hold, not by how they are searched."""
    rows = unit(np.random.default_rng(0), TWO_STAGE_ROWS + 1, 64)
    store = open_vectors("flat", tmp_path, dim=64, embedder="t", writable=True).store
    store.add(np.arange(len(rows)), rows)
    assert store.search_mode.startswith("in two stages")
    store.close()
    store = open_vectors("flat", tmp_path, dim=64, embedder="t", writable=False, exact=True).store
    assert store.search_mode == "exact"
    store.close()


def test_a_query_that_cannot_change_is_answered_as_others_are(tmp_path):
    """What the store remembers of it holds for as long as its rows stay as they are."""
    rows = unit(np.random.default_rng(0), 400)
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="t", writable=True).store
    store.add(np.arange(400), rows)
    fixed, open_to_changes = rows[7].copy(), rows[7].copy()
    fixed.flags.writeable = False
    half = np.arange(0, 400, 2)

    def answers(query):
        found = [store.search(query, 5, allowed) for allowed in (None, half, np.arange(400), None, half)]
        return [(hits.keys.tolist(), hits.scores.tolist()) for hits in found]

    for change in (
        lambda: None,
        lambda: store.delete(np.arange(5, 300, 7)),
        lambda: store.add(np.arange(400, 500), rows[:100]),
        store.compact,
    ):
        change()
        assert answers(fixed) == answers(open_to_changes)
    open_to_changes[:] = rows[8]
    assert answers(open_to_changes) == answers(rows[8])
    store.close()


@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_keys_that_cannot_change_restrict_as_others_do(share, tmp_path):
    """What the store remembers of them holds for as long as its rows stay as they are."""
    rng = np.random.default_rng(0)
    rows = unit(rng, 400)
    store = open_vectors("flat", tmp_path, dim=DIM, embedder="t", writable=True).store
    store.add(np.arange(0, 800, 2), rows)
    allowed = np.flatnonzero(rng.random(900) < share).astype(np.int64)
    fixed = allowed.copy()
    fixed.flags.writeable = False

    def answers(keys):
        return [
            tuple(map(tuple, (hits.keys, hits.scores))) for k in (3, 500) for hits in (store.search(rows[7], k, keys),)
        ]

    for change in (
        lambda: None,
        lambda: store.delete(np.arange(0, 400, 4)),
        lambda: store.add(np.arange(1, 100, 2), rows[:50]),
        store.compact,
    ):
        change()
        assert answers(fixed) == answers(fixed) == answers(allowed) == answers(allowed[::-1].copy())
    store.close()
