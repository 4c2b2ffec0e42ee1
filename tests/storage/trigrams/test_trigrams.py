"""Trigrams: the same as counted one by one, through writing, merging and reopening."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from codekin.storage.trigrams.coding import decoded, decoded_lists, encoded, encoded_lists, folded, trigrams_of
from codekin.storage.trigrams.index import Condition, TrigramIndex
from support.earlier.segments import trigrams_to_format_2


def slowly(text):
    low = folded(text)
    found = {low[at : at + 3] for at in range(len(low) - 2)}
    return {item for item in found if item.isascii() and not set(item) & {"\n", "\r"}}


def as_text(codes):
    return {bytes([code >> 16, code >> 8 & 255, code & 255]).decode() for code in codes.tolist()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab",
        "abc",
        "aaaa",
        "Straße \N{LATIN SMALL LETTER LONG S}top \N{KELVIN SIGN}ey",
        "a\nbcd\r\nefg\rhij",
        "\udcff" * 4 + "xyz",
    ],
)
def test_trigrams_of_a_text(text):
    codes = trigrams_of(text)
    assert as_text(codes) == slowly(text)
    assert (np.diff(codes.astype(np.int64)) > 0).all()


@pytest.mark.parametrize("most", [1, 127, 128, 129, 20_000, 3_000_000, 2**33])
def test_lists_survive_coding(most):
    rng = random.Random(most)
    lists = [sorted({rng.randrange(most) for _ in range(rng.randrange(1, 50))}) for _ in range(30)]
    first = np.cumsum([0, *map(len, lists)])
    rows, starts = decoded(*encoded(np.array([row for item in lists for row in item], np.int64), first))
    assert np.array_equal(starts, first)
    assert [rows[a:b].tolist() for a, b in pairwise(first)] == lists


@pytest.mark.parametrize("size", [300, 511, 512, 1_001, 9_000])
def test_lists_of_few_and_of_many_rows_survive_coding(size):
    rng = random.Random(size)
    lists = [sorted(rng.sample(range(size), rng.choice([1, 5, size // 8, size // 2, size]))) for _ in range(40)]
    first = np.cumsum([0, *map(len, lists)])
    data, begins = encoded_lists(np.array([row for item in lists for row in item], np.int64), first, size)
    rows, starts = decoded_lists(data, begins, size)
    assert np.array_equal(starts, first)
    assert [rows[a:b].tolist() for a, b in pairwise(first)] == lists
    if size >= 512:
        assert np.diff(begins).max() == -(-size // 8)


def test_lists_of_an_earlier_version_are_read_and_stored_anew(tmp_path):
    rng = random.Random(3)
    texts = {rng.randrange(2**62): f"same {text(rng)}" for _ in range(600)}
    keys = np.array(list(texts), np.int64)
    index = TrigramIndex.open(tmp_path, writable=True)
    index.add(keys, list(texts.values()))
    expected = contents(index)
    index.close()
    (path,) = tmp_path.glob("*.segment")
    new_bytes = path.stat().st_size
    trigrams_to_format_2(path)
    assert path.stat().st_size > new_bytes
    again = TrigramIndex.open(tmp_path, writable=True)
    assert again.outdated
    assert contents(again) == expected
    again.tidy(keys)
    assert not again.outdated
    assert contents(again) == expected
    assert sum(path.stat().st_size for path in tmp_path.glob("*.segment")) <= new_bytes + 4_096
    again.close()


def contents(index):
    found = {}
    for part in index.view().parts:
        for number, trigram in enumerate(part.trigrams.tolist()):
            assert part.size(trigram)
            for row in part.rows(part.trigrams[number]).tolist():
                found.setdefault(int(part.keys[row]), set()).add(trigram)
    return found


def text(rng):
    return "".join(rng.choice("abcdE \n_") for _ in range(rng.randrange(60)))


@pytest.mark.parametrize("seed", range(5))
def test_every_text_has_its_trigrams_however_it_came_about(tmp_path, seed):
    rng = random.Random(seed)
    index = TrigramIndex.open(tmp_path, writable=True)
    follower = TrigramIndex.open(tmp_path, writable=False)
    texts = {}
    for _ in range(40):
        batch = {rng.randrange(2**62): text(rng) for _ in range(rng.choice([1, 3, 40]))}
        index.add(np.array(list(batch), np.int64), list(batch.values()))
        texts.update(batch)
    expected = {key: set(trigrams_of(item).tolist()) for key, item in texts.items() if len(trigrams_of(item))}
    assert contents(index) == expected
    index.tidy(np.array(list(texts), np.int64))
    assert len(index.view().parts) <= 8
    assert contents(index) == expected
    assert follower.refresh()
    assert contents(follower) == expected
    assert contents(TrigramIndex.open(tmp_path, writable=True)) == expected
    known = np.array([*list(texts)[:5], 1, 2], np.int64)
    assert index.missing(known).tolist() == [1, 2]
    assert index.view().possible(known, Condition()).all()


def test_texts_that_are_gone_are_dropped_when_they_are_many(tmp_path, monkeypatch):
    monkeypatch.setattr("codekin.storage.trigrams.index._LEAST_ORPHANED", 10)
    index = TrigramIndex.open(tmp_path, writable=True)
    index.add(np.arange(100, dtype=np.int64), [f"text {number}" for number in range(100)])
    index.tidy(np.arange(95, dtype=np.int64))
    assert len(index) == 100
    index.tidy(np.arange(20, dtype=np.int64))
    assert set(contents(index)) == set(range(20))
    index.empty()
    assert len(index) == 0
    assert contents(index) == {}
