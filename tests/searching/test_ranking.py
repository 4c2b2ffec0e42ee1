"""The scale of a file's scores by words and by vectors."""

from __future__ import annotations

import numpy as np
import pytest

from codekin.searching.ranking.features import _best_three
from codekin.searching.ranking.file_ranking import comparable
from codekin.searching.ranking.weights import NAMES

WORDS, TEST, PATH = NAMES.index("lexical_three"), NAMES.index("test"), NAMES.index("dense_path")


def values(*files):
    """Return signals of files given as (words, test, path)."""
    result = np.zeros((len(files), len(NAMES)))
    result[:, [WORDS, TEST, PATH]] = files
    return result


def test_a_test_does_not_lower_the_score_of_code():
    code = [(8.0, 0, 0.3), (4.0, 0, 0.9)]
    alone = comparable(values(*code))
    beside = comparable(values(*code, (9.0, 1, 0.1)))
    assert alone[:, WORDS].tolist() == [1.0, 0.5]
    assert np.array_equal(beside[:2], alone)
    assert beside[2, [WORDS, TEST, PATH]].tolist() == [1.0, 1.0, 0.1]


def test_code_that_hardly_matches_is_not_raised():
    found = comparable(values((1.0, 0, 0.0), (10.0, 1, 0.0)))
    assert found[0, WORDS] < 0.2
    assert found[1, WORDS] == 1.0


def test_the_best_test_sets_the_scale_if_all_files_are_tests():
    assert comparable(values((2.0, 1, 0.0), (1.0, 1, 0.0)))[:, WORDS].tolist() == [1.0, 0.5]
    assert not len(comparable(np.zeros((0, len(NAMES)))))


def test_many_parts_count_by_the_root_of_their_number():
    scores = np.array([4.0, 0.0, 3.0, 3.0, 1.0, 2.0, 1.0], np.float32)
    found = _best_three(scores, np.array([0, 1, 3, 7, 7]))
    assert found.tolist() == pytest.approx([4.0, 3.0, 6 / 3**0.5, 0.0])
