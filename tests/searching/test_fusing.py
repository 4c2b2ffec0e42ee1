"""What the deep model says of files while it has not read all of them."""

from __future__ import annotations

import numpy as np

from codekin.searching.fusing import standings


def cosines(count, seed=1, mean=0.3, deviation=0.1):
    return np.random.default_rng(seed).normal(mean, deviation, count)


def test_not_having_been_read_is_neither_praise_nor_blame():
    values = cosines(40)
    values[::2] = np.nan
    result = standings(values)
    assert np.all(result[::2] == 0)
    assert abs(result[1::2].mean()) < 1e-9
    assert np.array_equal(np.argsort(result[1::2]), np.argsort(values[1::2]))
    assert np.abs(result).max() < 1.5


def test_the_scale_of_the_model_does_not_matter():
    values = cosines(40)
    assert np.allclose(standings(values), standings(values * 7 - 3))


def test_too_few_to_compare_and_all_alike_say_nothing():
    values = np.full(40, np.nan)
    values[:5] = cosines(5)
    assert not standings(values).any()
    assert not standings(np.full(40, 0.3)).any()
    assert standings(np.empty(0)).shape == (0,)
