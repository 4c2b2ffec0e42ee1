"""Chunks that are nearly the same, in groups."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from codekin.domain.search import Filters
from codekin.errors import CancelledError, SettingsError
from codekin.searching import DuplicatesRequest
from codekin.searching.duplicates.near_pairs import near_pairs
from support.engines import open_indexed

RETRY = """def {name}(send, attempts={attempts}):
    for attempt in range(attempts):
        try:
            return send()
        except TimeoutError:
            sleep(2 ** attempt)
    raise RuntimeError("no answer")
"""
OTHER = """def parse_header(line):
    name, separator, value = line.partition(":")
    if not separator:
        raise ValueError(line)
    return name.strip().lower(), value.strip()
"""
SHORT = "def tiny():\n    return 1\n"


@pytest.fixture
def folder(tmp_path):
    files = {
        "a/one.py": RETRY.format(name="send_with_retry", attempts=3),
        "b/two.py": RETRY.format(name="send_with_retry", attempts=3),
        "b/three.py": RETRY.format(name="send_with_retry", attempts=5),
        "c/other.py": OTHER,
        "c/tiny.py": SHORT,
        "d/tiny.py": SHORT,
        "tests/test_one.py": RETRY.format(name="test_send_with_retry", attempts=3),
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


async def found_in(folder, **options):
    async with open_indexed(folder) as engine:
        return await engine.duplicates(DuplicatesRequest(**options))


async def test_copies_are_one_group_and_say_how_similar_they_are(folder):
    found = await found_in(folder)
    assert found.total == 1
    group = found.groups[0]
    assert {place.path for place in group.places} == {"a/one.py", "b/two.py", "b/three.py", "tests/test_one.py"}
    assert group.count == 4
    first, *others = group.places
    assert (first.relation, first.score) == ("", 1.0)
    assert all(place.relation == "duplicate of" and place.score >= 0.95 for place in others)
    same = {place.path for place in (first, *others) if place.snippet == first.snippet}
    assert {place.path for place in others if place.reason == "the same text"} == same - {first.path}
    assert not found.is_cut


async def test_the_limit_is_of_groups_and_those_of_tests_are_last(folder):
    (folder / "tests/test_two.py").write_text(OTHER.replace("parse_header", "test_header") * 4)
    (folder / "tests/test_three.py").write_text(OTHER.replace("parse_header", "test_header") * 4)
    (folder / "c/other.py").unlink()
    found = await found_in(folder)
    assert [group.places[0].kind for group in found.groups] == ["code", "test"]
    limited = await found_in(folder, limit=1)
    assert (len(limited.groups), limited.total) == (1, 2)


async def test_filters_and_threshold_restrict_the_groups(folder):
    found = await found_in(folder, filters=Filters(paths=("b/**",)))
    assert {place.path for place in found.groups[0].places} == {"b/two.py", "b/three.py"}
    assert found.compared == 2
    same = await found_in(folder, least=1.0, filters=Filters(paths=("!b/three.py", "!tests/**")))
    assert {place.path for place in same.groups[0].places} == {"a/one.py", "b/two.py"}
    with pytest.raises(SettingsError, match="not supported"):
        await found_in(folder, filters=Filters(at="main"))


async def test_nothing_indexed_has_no_duplicates(tmp_path):
    found = await found_in(tmp_path)
    assert (found.groups, found.total, found.compared) == ((), 0, 0)


async def test_a_cancelled_request_stops(folder):
    cancel = threading.Event()
    cancel.set()
    async with open_indexed(folder) as engine:
        with pytest.raises(CancelledError):
            await engine.duplicates(DuplicatesRequest(), cancel)


def test_unsaved_vectors_are_in_no_pair():
    rows = np.zeros((3, 64), np.float32)
    rows[0, 0] = 1
    first, second = near_pairs(3, lambda places: rows[places], 0.9)
    assert (len(first), len(second)) == (0, 0)


@pytest.mark.parametrize("least", [0.9, 0.95, 1 - 1e-6])
def test_pairs_are_those_of_all_comparisons(least):
    random = np.random.default_rng(5)
    rows = random.normal(size=(2_000, 96))
    rows[1_000:] = rows[:1_000] + random.normal(size=(1_000, 96)) * random.uniform(0, 0.6, size=(1_000, 1))
    rows[7] = rows[1_007]
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    first, second = near_pairs(len(rows), lambda places: rows[places], least)
    cosines = rows @ rows.T
    exact = {(one, other) for one, other in np.argwhere(cosines >= least).tolist() if one < other}
    found = set(zip(first.tolist(), second.tolist(), strict=True))
    assert found <= {(one, other) for one, other in np.argwhere(cosines >= least - 1e-5).tolist() if one < other}
    assert len(found & exact) >= 0.98 * len(exact) > 0
