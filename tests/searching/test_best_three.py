"""A file with many parts must not outrank a short one only by their number."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.searching.ranking.features import _best_three


def test_sum_of_the_three_best_by_the_root_of_their_number():
    scores = np.array([4.0, 0.0, 3.0, 3.0, 1.0, 2.0, 1.0], np.float32)
    first = np.array([0, 1, 3, 7, 7])
    found = _best_three(scores, first)
    assert found.tolist() == pytest.approx([4.0, 3.0, 6 / 3**0.5, 0.0])
