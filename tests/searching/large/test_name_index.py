"""Lookups of names return every file that defines them, and no other."""

from __future__ import annotations

import random
from itertools import accumulate

import numpy as np

from codekin.domain.values import Definition, Node, NodeKind
from codekin.searching.snapshot import name_index
from codekin.searching.snapshot.name_index import MappedNames, NameIndex
from codekin.storage import name_beginnings, pack_nodes
from codekin.storage.name_beginnings import beginnings_of
from codekin.storage.name_table import name_table


def names(*defined):
    definitions = tuple(Definition(name, "function", 0) for name in defined)
    return pack_nodes((Node(1, NodeKind.CODE, 0, 1, definitions=definitions),)).names


INDEX = NameIndex([names("open", "Close"), b"", names("reopen"), names("OPEN", "größe", "open")])


def test_defining_matches_the_complete_name_in_any_case():
    assert INDEX.defining("Open") == [0, 3]
    assert INDEX.defining("close") == [0]
    assert INDEX.defining("GRÖSSE") == []
    assert INDEX.defining("Größe") == [3]
    assert INDEX.defining("pen") == []
    assert INDEX.defining("") == []


def test_containing_matches_any_part_of_a_name():
    assert list(INDEX.containing("pen")) == [0, 2, 3]
    assert list(INDEX.containing("reo")) == [2]
    assert list(INDEX.containing("nc")) == []
    assert list(INDEX.containing("")) == [0, 2, 3]


def test_a_line_break_does_not_end_a_name():
    index = NameIndex([names("a\nb")])
    assert index.defining("a") == []
    assert index.defining("a\nb") == [0]


def test_without_files():
    assert NameIndex([]).defining("a") == []
    assert list(NameIndex([]).containing("")) == []


def mapped(*files):
    joined = np.frombuffer(b"".join(files), np.uint8)
    return MappedNames(joined, list(accumulate(map(len, files))), name_table(files), lambda: beginnings_of(files))


def test_mapped_names_are_found_as_joined_ones_are():
    rng = random.Random(0)
    letters = ["a", "b", "ö", "_", "K"]
    files = [
        names(*("".join(rng.choices(letters, k=rng.randint(1, 4))) for _ in range(rng.randrange(6))))
        for _ in range(300)
    ]
    joined = NameIndex(files)
    index = NameIndex.joined(mapped(*files), list(range(300)), NameIndex([]))
    hidden = [number if number % 3 else -1 for number in range(300)]
    partly = NameIndex.joined(mapped(*files), hidden, NameIndex([names("ab")], [300]))
    for text in ("a", "ab", "öa", "kb", "a_b", "bbbb", "nothing"):
        for lookup in (NameIndex.defining, NameIndex.beginning, NameIndex.containing, NameIndex.subsequence):
            found = list(lookup(joined, text))
            assert list(lookup(index, text)) == found
            beside = [300] if list(lookup(NameIndex([names("ab")]), text)) else []
            assert list(lookup(partly, text)) == [number for number in found if number % 3] + beside


def test_mapped_names_longer_than_a_block_are_searched_to_the_end(monkeypatch):
    monkeypatch.setattr(name_index, "_COPIED_BYTES", 20)
    files = [names(f"name_{number}", f"other_{number}") for number in range(50)]
    index = NameIndex.joined(mapped(*files), list(range(50)), NameIndex([]))
    assert list(index.containing("ther_4")) == [4, *range(40, 50)]
    assert list(index.beginning("name_")) == list(range(50))
    monkeypatch.setattr(name_index, "_MAX_SCANNED_BYTES", 100)
    assert list(index.subsequence("nme")) == [0, 1, 2, 3, 4, 5]


def test_the_filter_of_beginnings_excludes_no_name_and_nearly_all_other_texts(monkeypatch):
    monkeypatch.setattr(name_beginnings, "_BLOCK_BYTES", 97)
    rng = random.Random(3)
    drawn = ["".join(rng.choices("abcö_9", k=rng.randint(1, 12))) for _ in range(400)]
    beginnings = beginnings_of(names(*drawn[at : at + 5]) for at in range(0, 400, 5))
    for name in drawn:
        stored = name.encode()
        assert all(beginnings.may_begin(stored[:length]) for length in range(1, len(stored) + 1)), name
    others = ["".join(rng.choices("xyz", k=8)).encode() for _ in range(1_000)]
    assert sum(map(beginnings.may_begin, others)) < 10
    assert not beginnings_of(()).may_begin(b"abcdef")
