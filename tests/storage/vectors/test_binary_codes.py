"""Two-stage search of many rows: nearly exact, and without deleted or filtered rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from codekin.storage.vectors.flat import TWO_STAGE_ROWS, FlatIndex

_ROWS, _DIM = TWO_STAGE_ROWS + 1_000, 128


@pytest.fixture(scope="module")
def rows():
    chance = np.random.default_rng(5)
    centres = chance.normal(size=(400, _DIM))
    rows = centres[chance.integers(0, len(centres), _ROWS)] + 0.7 * chance.normal(size=(_ROWS, _DIM))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def stores(tmp_path_factory, rows):
    directory = tmp_path_factory.mktemp("flat")
    store = FlatIndex.open(directory, dim=_DIM, embedder="m", writable=True)
    store.add(np.arange(_ROWS), rows)
    exact = FlatIndex.open(tmp_path_factory.mktemp("exact"), dim=_DIM, embedder="m", writable=True, exact=True)
    exact.add(np.arange(_ROWS), rows)
    yield store, exact
    store.close()
    exact.close()


def queries(rows):
    chance = np.random.default_rng(6)
    noisy = rows[chance.integers(0, len(rows), 50)] + 0.05 * chance.normal(size=(50, _DIM))
    return (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)


def recall(store, exact, rows, k, allowed=None):
    found = [
        (store.search(query, k, allowed), exact.search(query, k, allowed).keys.tolist()) for query in queries(rows)
    ]
    for hits, _ in found:
        assert np.allclose(hits.scores, np.sort(hits.scores)[::-1])
    return np.mean([len(set(hits.keys.tolist()) & set(want)) / len(want) for hits, want in found])


def test_search_mode_is_reported(stores):
    store, exact = stores
    assert "two stages" in store.search_mode
    assert exact.search_mode == "exact"


@pytest.mark.parametrize("k", [1, 10, 100])
def test_recall(stores, rows, k):
    assert recall(*stores, rows, k) >= 0.97


def test_signs_of_small_components_are_not_compared(tmp_path, rows):
    """As in models whose first components vary most; the queries are far from all rows."""
    sizes = np.arange(1, _DIM + 1) ** -0.5
    varying = (rows * sizes).astype(np.float32)
    varying /= np.linalg.norm(varying, axis=1, keepdims=True)
    store = FlatIndex.open(tmp_path, dim=_DIM, embedder="m", writable=True)
    store.add(np.arange(_ROWS), varying)
    found = []
    for query in (np.random.default_rng(6).normal(size=(50, _DIM)) * sizes).astype(np.float32):
        wanted = np.argsort(-np.vecdot(varying, query), kind="stable")[:100]
        found.append(len(np.intersect1d(wanted, store.search(query, 100).keys)) / 100)
    store.close()
    assert np.mean(found) >= 0.62  # 0.53 if all signs are compared, 0.69 with the larger half


def test_the_answer_does_not_depend_on_segments(tmp_path, stores, rows):
    parts = FlatIndex.open(tmp_path, dim=_DIM, embedder="m", writable=True)
    bounds = [0, TWO_STAGE_ROWS + 1, _ROWS]
    for start, end in itertools.pairwise(bounds):
        parts.add(np.arange(start, end), rows[start:end])
    allowed = np.arange(0, _ROWS - 5)
    for query in queries(rows)[:10]:
        assert np.array_equal(parts.search(query, 5).keys, stores[0].search(query, 5).keys)
        assert np.array_equal(parts.search(query, 5, allowed).keys, stores[0].search(query, 5, allowed).keys)
    parts.close()


def test_filter_is_kept_and_costs_no_recall(stores, rows):
    allowed = np.arange(0, _ROWS, 3)
    assert recall(*stores, rows, 10, allowed) >= 0.97
    assert all((stores[0].search(query, 50, allowed).keys % 3 == 0).all() for query in queries(rows))


def test_a_filter_that_leaves_few_rows_loses_only_what_is_rounded(stores, rows):
    allowed = np.arange(0, _ROWS, 7)
    assert recall(*stores, rows, 10, allowed) >= 0.99


def test_more_results_than_a_first_stage_can_leave_out(stores, rows):
    store, exact = stores
    query = queries(rows)[0]
    found, expected = store.search(query, _ROWS), exact.search(query, _ROWS)
    assert np.array_equal(np.sort(found.keys), np.sort(expected.keys))
    assert np.allclose(found.scores, expected.scores, atol=0.002)


def test_exact_mode_is_the_scan(stores, rows):
    query = queries(rows)[1]
    want = np.lexsort((np.arange(_ROWS), -np.vecdot(rows, query)))[:20]
    assert stores[1].search(query, 20).keys.tolist() == want.tolist()


def test_deleted_rows_are_never_found(tmp_path, rows):
    store = FlatIndex.open(tmp_path, dim=_DIM, embedder="m", writable=True)
    store.add(np.arange(_ROWS), rows)
    query = queries(rows)[0]
    best = store.search(query, 10).keys
    store.delete(best)
    assert not np.isin(store.search(query, 10).keys, best).any()
    store.close()
