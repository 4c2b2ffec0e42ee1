"""What a node that defines something calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.chunking.parsing import Syntax

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST_NAME = 200
_DEEPEST_DECLARATOR = 24
_NAMES = frozenset(
    ("identifier", "simple_identifier", "type_identifier", "name", "constant", "word", "IDENTIFIER", "variable")
)
_UNNAMED = {"init_declaration": "init", "companion_object": "Companion"}


def name_node(node: Node) -> Node | None:
    """The node of the name that a definition gives."""
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


def name_of(syntax: Syntax, node: Node) -> str:
    """The bare or qualified name that a definition node gives; "" if it has none."""
    named = name_node(node)
    return plain(syntax.text(named)) if named is not None else _UNNAMED.get(node.type, "")


def declared(declarator: Node | None) -> Node | None:
    """Through pointers, references and parameter lists to the name that a C declarator declares."""
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
    """A name without template arguments, quotes and line breaks."""
    if text.startswith("operator"):
        return " ".join(text.partition("(")[0].split())[:LONGEST_NAME] or text
    return text.split("<", 1)[0].strip().strip("\"'`").replace("\n", " ")[:LONGEST_NAME]
