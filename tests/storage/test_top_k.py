"""Keys kept in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekin.storage import top_k
from codekin.storage.top_k import ascending, differences, located, merged, present

SETS = st.sets(st.one_of(st.integers(0, 20), st.integers(0, 2**63 - 1)), max_size=30)


def keys(values):
    return np.array(sorted(values), np.int64)


@given(SETS, SETS)
def test_sets_of_keys_are_what_sets_are(held, others):
    assert merged(keys(held), keys(others)).tolist() == sorted(held | others)
    assert present(keys(held), keys(others)).tolist() == [key in held for key in sorted(others)]


@given(st.lists(st.integers(0, 20), max_size=30))
def test_keys_in_any_order_come_in_order_each_once(values):
    assert ascending(np.array(values, np.int64)).tolist() == sorted(set(values))


@pytest.mark.parametrize("kept", [1.0, 0.9999, 0.5, 0.01, 0.0])
def test_positions_in_long_arrays_are_those_of_a_search(kept):
    rng = np.random.default_rng(0)
    asked = np.unique(rng.integers(0, 2**63 - 1, 20_000))
    known = asked[rng.random(len(asked)) < kept]
    for wanted in (asked, rng.permutation(asked), asked[:3], asked[:0]):
        found, positions = located(known, wanted)
        assert np.array_equal(found, np.isin(wanted, known))
        assert np.array_equal(known[positions[found]], wanted[found])
        assert (positions < max(1, len(known))).all()


@given(SETS, SETS, st.integers(1, 9))
def test_differences_are_those_of_sets_however_long_the_blocks_are(before, after, block):
    whole = differences(keys(before), keys(after))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(top_k, "_COMPARED_KEYS", block)
        in_blocks = differences(keys(before), keys(after))
    for gone, new in (whole, in_blocks):
        assert (gone.tolist(), new.tolist()) == (sorted(before - after), sorted(after - before))
