"""What the scores of words and vectors of a file are measured by."""

from __future__ import annotations

import numpy as np

from codekin.searching.ranking.file_ranking import comparable
from codekin.searching.ranking.weights import NAMES

WORDS, TEST, PATH = NAMES.index("lexical_three"), NAMES.index("test"), NAMES.index("dense_path")


def values(*files):
    """Signals of files, (words, test, path) each."""
    result = np.zeros((len(files), len(NAMES)))
    result[:, [WORDS, TEST, PATH]] = files
    return result


def test_a_test_does_not_make_code_small():
    code = [(8.0, 0, 0.3), (4.0, 0, 0.9)]
    alone = comparable(values(*code))
    beside = comparable(values(*code, (9.0, 1, 0.1)))
    assert alone[:, WORDS].tolist() == [1.0, 0.5]
    assert np.array_equal(beside[:2], alone)
    assert beside[2, [WORDS, TEST, PATH]].tolist() == [1.0, 1.0, 0.1]


def test_code_that_hardly_says_what_is_asked_is_not_made_large():
    found = comparable(values((1.0, 0, 0.0), (10.0, 1, 0.0)))
    assert found[0, WORDS] < 0.2
    assert found[1, WORDS] == 1.0


def test_where_everything_is_a_test_the_best_is_the_measure():
    assert comparable(values((2.0, 1, 0.0), (1.0, 1, 0.0)))[:, WORDS].tolist() == [1.0, 0.5]
    assert not len(comparable(np.zeros((0, len(NAMES)))))
