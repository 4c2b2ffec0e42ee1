"""Symbols by name: every kind of match, qualified names, and limits."""

from __future__ import annotations

import pytest

from codekin.domain.values import Definition, FileRecord, Node, NodeKind
from codekin.searching import Catalog, find_symbols
from codekin.storage import pack_nodes
from support.processor import bounded

NAMES = ("parseHttpResponse", "parse", "parser", "reparse", "HttpPrinter", "phrase", "PHR", "sparse_hash_row")


@pytest.fixture
def symbols_of(stores):
    def make(*definitions):
        """(symbol of the chunk, name) each."""
        catalog = Catalog("/w")
        nodes = [Node(0, NodeKind.FILE, 0, len(definitions))]
        for number, (symbol, name) in enumerate(definitions):
            item = Definition(name, "function", number)
            nodes.append(Node(number + 1, NodeKind.CODE, number, number + 1, symbol, "function", (item,)))
        catalog.write([FileRecord("a.py", "python", 1, 1, b"", pack_nodes(nodes))])
        snapshot = catalog.view(*stores).built()
        return lambda query, limit=10: [item.name for item in find_symbols([snapshot], query, limit)]

    return make


@pytest.mark.parametrize(
    ("query", "first", "absent"),
    [
        ("parse", ["parse", "parser", "parseHttpResponse", "reparse", "sparse_hash_row"], "HttpPrinter"),
        ("phr", ["PHR", "phrase", "parseHttpResponse", "sparse_hash_row"], "parse"),
        ("parHttp", ["parseHttpResponse"], "HttpPrinter"),
        ("shr", ["sparse_hash_row"], "parse"),
        ("zebra", [], "parse"),
    ],
)
def test_the_order_of_matches(symbols_of, query, first, absent):
    found = symbols_of(*((name, name) for name in NAMES))(query)
    assert found[: len(first)] == first
    assert absent not in found


@pytest.mark.parametrize("query", ["Parcel.price", "Parcel::price", "Parcel#price", "parcel.pri", "Par.price"])
def test_a_qualified_name_asks_for_the_container_as_well(symbols_of, query):
    find = symbols_of(("Letter.price", "price"), ("Parcel.price", "price"), ("price", "price"))
    assert find(query) == ["price"]


def test_an_empty_query_lists_what_there_is(symbols_of):
    assert symbols_of(*((name, name) for name in NAMES))("", 3) == ["PHR", "parse", "parser"]


@pytest.mark.parametrize("query", ["a" * 60 + "b", "ab" * 40, "a.b." * 20, "\n", "😀"])
def test_no_query_takes_long(symbols_of, query):
    find = symbols_of(*((f"{'a' * 150}{number}", f"{'a' * 150}{number}") for number in range(3_000)))
    with bounded():  # with backtracking: for ever
        find(query)
