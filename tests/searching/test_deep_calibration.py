"""The deep model's signals while it has not covered all files."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.searching.ranking.deep_calibration import standings, trust


def cosines(count, seed, mean=0.3, deviation=0.1):
    return np.random.default_rng(seed).normal(mean, deviation, count)


def test_covered_files_are_ordered_by_the_deep_model_alone():
    deep = cosines(40, 1)
    result = standings(deep, cosines(40, 2))
    assert np.array_equal(np.argsort(result), np.argsort(deep))
    assert abs(result.mean()) < 1e-9
    assert np.abs(result).max() < 1.5
    assert np.allclose(result, standings(deep * 7 - 3, np.zeros(40)))


def test_a_file_that_is_not_covered_is_placed_by_the_static_model():
    near = cosines(40, 1)
    deep = 2 * near - 0.1
    some = np.where(np.arange(40) % 2 == 0, deep, np.nan)
    assert np.allclose(standings(some, near), standings(deep, near))


def test_it_is_placed_in_the_middle_if_the_models_disagree():
    near = np.arange(40.0)
    deep = np.where(np.arange(40) < 30, -near, np.nan)
    result = standings(deep, near)
    assert np.allclose(result[30:], result[30])
    assert result[:30].min() < result[30] < result[:30].max()


def test_too_few_or_equal_cosines_have_no_effect():
    few = np.full(40, np.nan)
    few[:5] = cosines(5, 1)
    assert not standings(few, cosines(40, 2)).any()
    assert not standings(np.full(40, 0.3), cosines(40, 2)).any()
    assert standings(np.empty(0), np.empty(0)).shape == (0,)


@pytest.mark.parametrize(
    ("read", "named", "expected"),
    [(4, 0.0, 1.0), (2, 0.0, 0.25), (0, 0.0, 0.0), (4, 0.25, 0.5), (4, 0.5, 0.0), (4, 1.0, 0.0)],
)
def test_trust_grows_with_coverage_and_falls_if_a_file_is_named(read, named, expected):
    deep = np.full(4, np.nan, np.float32)
    deep[:read] = 0.3
    assert trust(deep, named) == expected


def test_no_candidates_have_no_effect():
    assert trust(np.empty(0, np.float32), 0.0) == 0.0
