"""A model evaluated alone: cosines of chunks and paths are combined into a list of files."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.quality.dense import POOLINGS, Dense, Pooling, chosen

FUNCTION = "def {name}(value):\n" + "".join(f"    value = {{name}}_{line}(value)\n" for line in range(14)) + "\n\n"


@pytest.fixture
def index(tmp_path):
    """Two files of several chunks each, and one of a single chunk."""
    for path, names in (("retry.py", ("wait", "again")), ("paths/split.py", ("head", "tail")), ("one.py", ("only",))):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("".join(FUNCTION.format(name=name) for name in names))
    return Dense("hashing").index(tmp_path)


@pytest.mark.parametrize("way", POOLINGS)
def test_files_come_as_their_mixed_vectors_say(index, way):
    query = "wait, then split the tail of one"
    vector = index.embedder.embed_query(query)
    scores = {}
    for at, path in enumerate(index.paths):
        rows = index.rows[index.first[at] : index.first[at + 1]] + way.path * index.path_rows[at]
        cosines = sorted(rows @ vector / np.linalg.norm(rows, axis=1), reverse=True)
        scores[path] = cosines[0] + way.second * max(0, *cosines[1:2], 0)
    assert np.diff(index.first).tolist().count(1) == 1
    assert index.search(query, 10)[way] == sorted(scores, key=scores.__getitem__, reverse=True)
    assert len(index.search(query, 2)[way]) == 2


def test_pooling_is_chosen_without_the_repository_it_is_scored_on():
    assert chosen({"a": [0.0, 1.0, 0.9], "b": [0.5, 0.1, 0.4], "c": [0.5, 0.2, 0.5]}) == {"a": 0, "b": 2, "c": 2}
    assert POOLINGS[0] == Pooling()
