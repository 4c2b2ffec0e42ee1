"""BM25 of groups of chunks against the formula, over stored, deleted and unsaved chunks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from codekin.domain.values import Chunk, NodeKind
from codekin.storage import GroupBM25, GroupedPostings, LexicalIndex, terms_of

TEXTS = ["apple banana", "banana cherry cherry", "cherry", "apple apple date", "elder"]
GROUPS = [0, 0, 1, 2, 2]
PARAMS = GroupBM25(k1=1.5, b=0.5, fields=(1.0, 0.0, 0.0))


def chunk(text: str) -> Chunk:
    return Chunk(NodeKind.CODE, "python", 0, 1, text)


def grouped(index: LexicalIndex, keys=range(5), groups=GROUPS) -> GroupedPostings:
    return GroupedPostings(index.view().parts, np.array(keys, np.int64), np.array(groups, np.int64), 3)


def expected(texts, weights, counted=(0, 1, 2)):
    words = [
        " ".join(text for text, at in zip(texts, GROUPS, strict=True) if at == group).split() for group in range(3)
    ]
    mean = sum(len(words[at]) for at in counted) / len(counted)
    scores = []
    for own in words:
        score = 0.0
        for word, weight in weights.items():
            found = max(1, sum(word in words[at] for at in counted))
            times = own.count(word)
            norm = PARAMS.k1 * (1 - PARAMS.b + PARAMS.b * len(own) / mean)
            rarity = math.log1p((len(counted) - found + 0.5) / (found + 0.5))
            score += weight * rarity * times * (PARAMS.k1 + 1) / (times + norm)
        scores.append(score)
    return scores


def scores(postings, weights, counted=(0, 1, 2)):
    mask = np.isin(np.arange(3), counted)
    return postings.scores({terms_of(word)[0]: weight for word, weight in weights.items()}, mask, PARAMS).tolist()


@pytest.fixture
def index(tmp_path):
    made = LexicalIndex.open(tmp_path, writable=True)
    made.add(np.arange(3), [chunk(text) for text in TEXTS[:3]])
    made.add(np.arange(3, 5), [chunk(text) for text in TEXTS[3:]])
    yield made
    made.close()


def test_scores_are_those_of_the_texts_joined(index):
    weights = {"apple": 1.0, "cherry": 2.0, "elder": 0.5, "nothing": 1.0}
    assert scores(grouped(index), weights) == pytest.approx(expected(TEXTS, weights), rel=1e-5)


def test_rarity_is_that_among_the_counted_groups(index):
    weights = {"apple": 1.0, "cherry": 1.0}
    assert scores(grouped(index), weights, (0, 1)) == pytest.approx(expected(TEXTS, weights, (0, 1)), rel=1e-5)


def test_deleted_chunks_do_not_count(index):
    index.delete(np.array([1]))
    weights = {"cherry": 1.0, "banana": 1.0}
    assert scores(grouped(index), weights) == pytest.approx(expected([TEXTS[0], "", *TEXTS[2:]], weights), rel=1e-5)


def test_a_chunk_counts_in_each_of_its_groups(index):
    twice = grouped(index, [2, 2, 0], [0, 1, 2])
    found = scores(twice, {"cherry": 1.0})
    assert found[0] == found[1] > found[2] == 0


def test_a_chunk_that_is_also_unsaved_counts_once(index):
    before = scores(grouped(index), {"cherry": 1.0})
    index.add(np.array([2]), [chunk(TEXTS[2])], volatile=True)
    assert scores(grouped(index), {"cherry": 1.0}) == before
