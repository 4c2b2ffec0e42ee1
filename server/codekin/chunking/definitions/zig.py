"""Rules of Zig, whose structs are values of constants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule, is_small
from codekin.chunking.definitions.names import plain
from codekin.chunking.parsing import children

if TYPE_CHECKING:
    from tree_sitter import Node

_FURTHEST = 8


def declaration(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a function with its body, or a variable. Both begin where `pub` does."""
    name = ""
    for child in children(node):
        if child.type == "FnProto":
            name = finder.text(child.child_by_field_name("function"))
            function(finder, child, place, extent)
        elif child.type == "Block":
            if not is_small(child):
                finder.visit(child, place.within(name, level=Level.LOCAL))
        else:
            finder.take(child, place, extent)


def function(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`fn name(...)`."""
    named = node.child_by_field_name("function")
    if named is not None:
        is_method = place.scope and place.level is Level.OPEN
        finder.add(finder.text(named), "method" if is_method else "function", named, place, extent)


def variable(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`const Name = struct {...}`, or any other value."""
    named = node.child_by_field_name("variable_type_function")
    if named is None:
        return
    body = next(_descend(node, "ContainerDecl", _FURTHEST), None)
    name = finder.text(named)
    if body is None:
        finder.add(name, "constant", named, place, extent)
        return
    finder.add(name, "struct", named, place, extent, container=True)
    finder.visit(body, place.within(name, level=Level.OPEN))


def _descend(node: Node, wanted: str, depth: int) -> Iterator[Node]:
    if node.type == wanted:
        yield node
    elif depth:
        for child in node.named_children:
            yield from _descend(child, wanted, depth - 1)


def test(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`test "name" {...}`."""
    named = next((child for child in node.named_children if child.type.startswith(("STRING", "IDENT"))), None)
    if named is not None:
        finder.add(plain(finder.text(named)), "test", named, place, extent)


RULES: dict[str, Rule] = {"Decl": declaration, "FnProto": function, "VarDecl": variable, "TestDecl": test}
