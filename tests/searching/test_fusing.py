"""Two models on one scale."""

from __future__ import annotations

import numpy as np

from codekin.searching.fusing import SHARE, SPREAD, fused


def cosines(count, seed, mean, deviation):
    return np.random.default_rng(seed).normal(mean, deviation, count).astype(np.float32)


def test_what_the_deep_model_has_not_read_keeps_its_cosine():
    near, deep = cosines(40, 1, 0.5, 0.1), cosines(40, 2, 0.1, 0.02)
    found = np.arange(40) % 2 == 0
    both = fused(near, found, deep)
    assert np.array_equal(both[~found], near[~found])
    assert not np.allclose(both[found], near[found])
    assert both.dtype == np.float32


def test_scales_do_not_matter_and_the_mean_stays():
    near, deep = cosines(40, 1, 0.5, 0.1), cosines(40, 2, 0.1, 0.02)
    found = np.ones(40, bool)
    both = fused(near, found, deep)
    assert np.allclose(both, fused(near, found, deep * 7 - 3), atol=1e-4)
    assert abs(both.mean() - near.mean()) < 1e-5
    assert np.isclose(fused(near, found, near).std(), near.std() * (1 - SHARE + SHARE * SPREAD), rtol=1e-4)


def test_too_few_to_tell_the_scale_change_nothing():
    near, deep = cosines(40, 1, 0.5, 0.1), cosines(40, 2, 0.1, 0.02)
    assert np.array_equal(fused(near, np.arange(40) < 5, deep), near)
    same = np.full(40, 0.3, np.float32)
    assert np.isfinite(fused(near, np.ones(40, bool), same)).all()


def test_the_input_is_left_alone():
    near = cosines(40, 1, 0.5, 0.1)
    before = near.copy()
    fused(near, np.ones(40, bool), cosines(40, 2, 0.1, 0.02))
    assert np.array_equal(near, before)
