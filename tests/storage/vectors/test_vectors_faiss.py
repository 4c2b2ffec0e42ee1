"""The FAISS graph and lists: built on compaction, kept in sync, written and read again."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.storage.vectors.backends import faiss as vectors_faiss
from codekin.storage.vectors.registry import PROMISED_RECALL
from support.rows import DIM, store_opener, unit

faiss = pytest.importorskip("faiss")
ROWS = 3_000


@pytest.fixture(params=["faiss-hnsw", "faiss-ivf"])
def kind(request, monkeypatch):
    monkeypatch.setattr(vectors_faiss, "MIN_ROWS", 1_000)
    return request.param


@pytest.fixture
def reopen(kind, tmp_path):
    with store_opener(kind, tmp_path / "v") as opened:

        def open_store(**options):
            store = opened(**options)
            store._table.max_gathered = 0  # so that this many rows are not compared exactly
            return store

        yield open_store


@pytest.fixture
def rows():
    """In clusters, as code is."""
    rng = np.random.default_rng(0)
    centres = unit(rng, 60)
    near = centres[rng.integers(0, 60, ROWS)] + 0.1 * rng.standard_normal((ROWS, DIM)).astype(np.float32)
    return near / np.linalg.norm(near, axis=1, keepdims=True)


def recall(store, keys, rows, share=1.0):
    """Of questions beside rows, among a share of the rows."""
    rng = np.random.default_rng(1)
    passing = rng.random(len(keys)) < share
    allowed = None if share == 1 else keys[passing]
    found = []
    for query in rows[rng.integers(0, len(rows), 40)] + 0.05 * unit(rng, 40):
        best = keys[passing][np.argsort(-(rows[passing] @ query))[:10]]
        found.append(len(np.intersect1d(best, store.search(query, 10, allowed).keys)) / 10)
    return np.mean(found)


def test_it_keeps_its_promise_while_rows_come_and_go(reopen, kind, rows):
    store = reopen()
    keys = np.arange(ROWS)
    store.add(keys[:1_500], rows[:1_500])
    assert store._table._index.exact
    store.compact()
    assert not store._table._index.exact
    store.add(keys[1_000:], rows[::-1][: ROWS - 1_000])  # 500 of them other rows than before
    store.add(keys[1_000:], rows[1_000:])
    store.delete(keys[:300])
    kept = keys[300:]
    for share in (1.0, 0.7, 0.2, 0.05):
        assert recall(store, kept, rows[300:], share) >= PROMISED_RECALL[kind]


@pytest.mark.parametrize("tidied_again", [False, True])
def test_what_was_written_is_taken_up_and_brought_up_to_date(reopen, rows, tidied_again):
    keys = np.arange(ROWS)
    store = reopen()
    store.add(keys[:2_000], rows[:2_000])
    store.compact()
    store.add(keys[2_000:], rows[2_000:])
    store.delete(keys[:100])
    store.add(keys[100:101], -rows[100:101])
    if tidied_again:
        store.compact()
    store.close()
    store = reopen()
    assert not store._table._index.exact
    assert store._table._unsaved is not tidied_again
    assert np.array_equal(store._table._index.keys(), keys[100:])
    assert store.search(-rows[100], 1).keys.tolist() == [100]
    assert store.search(rows[2_500], 1).keys.tolist() == [2_500]
    assert not np.isin(store.search(rows[50], 50).keys, keys[:100]).any()


def test_a_reader_follows(reopen, rows):
    keys = np.arange(ROWS)
    store = reopen()
    store.add(keys[:2_000], rows[:2_000])
    store.compact()
    reader = reopen(writable=False)
    store.delete(keys[:10])
    store.add(keys[2_000:], rows[2_000:])
    assert reader.refresh()
    assert reader.search(rows[2_500], 1).keys.tolist() == [2_500]
    assert 5 not in reader.search(rows[5], 10).keys
    assert not reader.refresh()


def test_a_damaged_file_costs_its_making_and_no_answer(reopen, rows, tmp_path, kind):
    keys = np.arange(ROWS)
    store = reopen()
    store.add(keys, rows)
    store.compact()
    store.close()
    file = tmp_path / "v" / kind / "index"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    file.write_bytes(raw)
    store = reopen()
    assert "corrupt" in store.note
    assert store._table._index.exact
    assert store.search(rows[7], 1).keys.tolist() == [7]
    store.compact()
    store.close()
    assert reopen().note.endswith(kind.removeprefix("faiss-"))


def test_it_is_made_anew_when_little_of_it_is_left_or_much_has_come(reopen, rows, kind):
    keys = np.arange(ROWS)
    store = reopen()
    first, then = (keys, keys[:1_500]) if kind == "faiss-hnsw" else (keys[:700], keys)
    store.add(first, rows[first])
    vectors_faiss.MIN_ROWS = 500
    store.compact()
    before = store._table._index
    store.compact()
    assert store._table._index is before
    store.delete(np.setdiff1d(first, then))
    store.add(then, rows[then])
    store.compact()
    assert store._table._index is not before
    assert not store._table._index.stale()
    assert recall(store, then, rows[then]) >= PROMISED_RECALL[kind]
