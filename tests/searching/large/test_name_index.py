"""Lookups of names return every file that defines them, and no other."""

from __future__ import annotations

from codekin.domain.values import Definition, Node, NodeKind
from codekin.searching.snapshot.name_index import NameIndex
from codekin.storage import pack_nodes


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
    assert INDEX.containing("pen") == [0, 2, 3]
    assert INDEX.containing("reo") == [2]
    assert INDEX.containing("nc") == []
    assert INDEX.containing("") == [0, 2, 3]


def test_a_line_break_does_not_end_a_name():
    index = NameIndex([names("a\nb")])
    assert index.defining("a") == []
    assert index.defining("a\nb") == [0]


def test_without_files():
    assert NameIndex([]).defining("a") == []
    assert NameIndex([]).containing("") == []
