"""The names that nodes give to their definitions."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from codekin.chunking.parsing import Syntax

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST_NAME = 200
_DEEPEST_DECLARATOR = 24
_NAMES = frozenset(
    ("identifier", "simple_identifier", "type_identifier", "name", "constant", "word", "IDENTIFIER", "variable")
)
_OPERATORS = frozenset(("operator_declaration", "conversion_operator_declaration"))
_CALLED = re.compile(r"operator\s*\(\s*\)")
_DEFAULT_NAMES = {"init_declaration": "init", "companion_object": "Companion", "indexer_declaration": "this"}


def name_node(node: Node) -> Node | None:
    """Return the node with the name of a definition, or None if it has none."""
    named = node.child_by_field_name("name")
    if named is None and node.type == "impl_item":
        named = node.child_by_field_name("type")
    if named is None:
        named = node.child_by_field_name("pattern")
    if named is None:
        named = declared(node.child_by_field_name("declarator"))
    if named is None:
        named = next((child for child in node.named_children if child.type in _NAMES), None)
    return named


def name_of(syntax: Syntax, node: Node, named: Node | None) -> str:
    """Return the bare or qualified name of a definition from its node `named`.

    Return "" if the definition has no name.
    """
    if node.type in _OPERATORS:
        return _operator(syntax, node)
    return plain(syntax.text(named)) if named is not None else _DEFAULT_NAMES.get(node.type, "")


def _operator(syntax: Syntax, node: Node) -> str:
    """Return the name of a C# operator, spelled as in C++."""
    converted = node.child_by_field_name("type")
    if node.type == "conversion_operator_declaration":
        return f"operator {syntax.text(converted)}"[:LONGEST_NAME] if converted is not None else ""
    signs = [child for child in node.children if not child.is_named]
    return next((f"operator{after.type}" for sign, after in pairwise(signs) if sign.type == "operator"), "")


def declared(declarator: Node | None) -> Node | None:
    """Return the node of the name that a C declarator declares.

    Pointers, references and parameter lists around the name are removed.
    """
    inner = declarator
    for _ in range(_DEEPEST_DECLARATOR):
        if inner is None:
            return None
        deeper = inner.child_by_field_name("declarator")
        if deeper is None or inner.type == "operator_cast":
            if not inner.named_child_count or not inner.type.endswith("_declarator"):
                return inner
            deeper = inner.named_children[-1]
        inner = deeper
    return None


def plain(text: str) -> str:
    """Return a name without template arguments, quotes and line breaks."""
    if text.startswith("operator") and not text[len("operator") :][:1].isalnum():
        called = _CALLED.match(text)
        return "operator()" if called else " ".join(text.partition("(")[0].split())[:LONGEST_NAME]
    return text.split("<", 1)[0].strip().strip("\"'`").replace("\n", " ")[:LONGEST_NAME]
