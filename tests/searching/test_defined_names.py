"""Names whose words are all in a query are found, whether or not their stems are kept."""

from __future__ import annotations

import random

import pytest

from codekin.domain.values import Definition, Node, NodeKind
from codekin.domain.words import words
from codekin.searching.snapshot.defined_names import DefinedNames, stems_of_name
from codekin.storage import pack_nodes, stem

NAMES = (
    "parseHTTPResponse_v2",
    "mutex_lock",
    "MutexLock",
    "_lock",
    "lock__",
    "retries",
    "RetryPolicy.retry",
    "std::vector",
    "operator<<",
    "$scope",
    "8.2.0",
    "v8.2",
    "Fixed in v8.2.0",
    "two\nlines",
    "dying skies",
    "Übergröße",
    "\N{KELVIN SIGN}elvin",
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}stanbul",
    "naïve_parser",
    "e\N{COMBINING ACUTE ACCENT}tude",
    "日本語の名前",
    "→arrow",
    "x\N{RIGHTWARDS ARROW}y",
    "2d_point",
    "point2d",
    "\ud800half",
    "-",
    "",
)


def names_of(names):
    definitions = tuple(Definition(name, "function", line) for line, name in enumerate(names))
    return DefinedNames(pack_nodes([Node(1, NodeKind.CODE, 0, 1, "", "", definitions)]))


def expected(names, stems):
    return {found for name in names if (found := stems_of_name(name)) and stems.issuperset(found)}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_by_its_own_words(name):
    stems = frozenset(stem(word) for word in words(name))
    assert set(names_of(NAMES).within(stems)) == expected(NAMES, stems)


def test_any_words_find_the_same_names_with_and_without_kept_stems():
    rng = random.Random(5)
    known = sorted({stem(word) for name in NAMES for word in words(name)})
    letters = "abz_A Z.0é"
    for _ in range(2_000):
        more = ["".join(rng.choices(letters, k=rng.randrange(1, 8))) for _ in range(5)]
        listed = (*NAMES, *more)
        pool = known + [stem(word) for name in more for word in words(name)]
        stems = frozenset(rng.sample(pool, rng.randrange(1, 6)))
        names = names_of(listed)
        assert set(names.within(stems)) == expected(listed, stems)
        names.keep()
        assert set(names.within(stems)) == expected(listed, stems)


def test_stems_are_worth_keeping_after_some_looks_and_once():
    names = names_of(NAMES)
    assert not names.are_worth_keeping
    for _ in range(2):
        names.within(frozenset({"lock"}))
    assert names.are_worth_keeping
    names.keep()
    assert not names.are_worth_keeping
