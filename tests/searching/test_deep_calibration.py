"""What the deep model says of files while it has not read all of them."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.searching.ranking.deep_calibration import standings, trust


def cosines(count, seed, mean=0.3, deviation=0.1):
    return np.random.default_rng(seed).normal(mean, deviation, count)


def test_all_read_stand_in_the_order_of_the_deep_model_alone():
    deep = cosines(40, 1)
    result = standings(deep, cosines(40, 2))
    assert np.array_equal(np.argsort(result), np.argsort(deep))
    assert abs(result.mean()) < 1e-9
    assert np.abs(result).max() < 1.5
    assert np.allclose(result, standings(deep * 7 - 3, np.zeros(40)))


def test_what_was_not_read_stands_where_the_first_model_puts_it():
    near = cosines(40, 1)
    deep = 2 * near - 0.1
    some = np.where(np.arange(40) % 2 == 0, deep, np.nan)
    assert np.allclose(standings(some, near), standings(deep, near))


def test_models_that_disagree_leave_it_in_the_middle():
    near = np.arange(40.0)
    deep = np.where(np.arange(40) < 30, -near, np.nan)
    result = standings(deep, near)
    assert np.allclose(result[30:], result[30])
    assert result[:30].min() < result[30] < result[:30].max()


def test_too_few_to_compare_and_all_alike_say_nothing():
    few = np.full(40, np.nan)
    few[:5] = cosines(5, 1)
    assert not standings(few, cosines(40, 2)).any()
    assert not standings(np.full(40, 0.3), cosines(40, 2)).any()
    assert standings(np.empty(0), np.empty(0)).shape == (0,)


@pytest.mark.parametrize(
    ("read", "named", "expected"),
    [(4, 0.0, 1.0), (2, 0.0, 0.25), (0, 0.0, 0.0), (4, 0.25, 0.5), (4, 0.5, 0.0), (4, 1.0, 0.0)],
)
def test_it_counts_by_what_it_has_read_and_less_where_a_file_is_named(read, named, expected):
    deep = np.full(4, np.nan, np.float32)
    deep[:read] = 0.3
    assert trust(deep, named) == expected


def test_of_no_candidates_it_says_nothing():
    assert trust(np.empty(0, np.float32), 0.0) == 0.0
