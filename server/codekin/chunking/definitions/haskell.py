"""Rules of Haskell.

A function is a signature and several equations; a type has constructors and fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule, is_small
from codekin.chunking.definitions.names import LONGEST_NAME, name_node, plain

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTION = frozenset(("function", "method"))
_MOST_NAMES = 16


def function(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a signature, an equation, or a binding.

    Consecutive ones with the same name are one definition.
    """
    if any(child.type == "<-" for child in node.children):
        finder.visit(node, place)
        return
    kind = "method" if place.scope and place.level is Level.OPEN else "function"
    name = ""
    for named in _names(node):
        name = finder.text(named).strip("()` \n")[:LONGEST_NAME]
        if not finder.extends_last(name, _FUNCTION, place, extent):
            finder.add(name, kind, named, place, extent)
    if not is_small(node):
        finder.visit(node, place.within(name, level=Level.LOCAL))


def _names(node: Node) -> Iterator[Node]:
    named = node.child_by_field_name("name")
    several = node.child_by_field_name("names") or node.child_by_field_name("pattern")
    if several is not None:
        variables = [child for child in several.named_children if child.type in ("variable", "prefix_id")]
        yield from variables[:_MOST_NAMES] or ([several] if several.type == "variable" else [])
    elif named is not None:
        yield named
    else:
        infix = next((child for child in node.named_children if child.type == "infix"), None)
        operator = infix.child_by_field_name("operator") if infix is not None else None
        if operator is not None:
            yield operator


def data(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a type with its constructors and fields."""
    named = name_node(node)
    if named is None:
        finder.visit(node, place)
        return
    name = plain(finder.text(named).strip("()"))
    finder.add(name, "type", named, place, extent)
    finder.visit(node, place.within(name))


def constructor(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`Name fields` in a data type."""
    holder = node.child_by_field_name("constructor") or node
    named = holder.child_by_field_name("name") or holder.child_by_field_name("operator")
    if named is not None:
        finder.add(plain(finder.text(named).strip("()")), "constructor", named, place, extent)
    finder.visit(node, place)


def field(finder: Finder, node: Node, place: Place, _extent: Node) -> None:
    """`name, name :: Type` in a record."""
    for child in node.named_children:
        if child.type == "field_name":
            finder.add(finder.text(child), "field", child, place, child)


def synonym(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`pattern Name arguments = pattern`."""
    found = node.child_by_field_name("synonym")
    for _ in range(_MOST_NAMES):
        deeper = found.child_by_field_name("function") if found is not None else None
        if deeper is None:
            break
        found = deeper
    if found is not None:
        finder.add(plain(finder.text(found)).split(" ")[0], "constructor", found, place, extent)


RULES: dict[str, Rule] = {
    "function": function,
    "bind": function,
    "signature": function,
    "data_type": data,
    "newtype": data,
    "type_family": data,
    "data_family": data,
    "data_instance": data,
    "data_constructor": constructor,
    "newtype_constructor": constructor,
    "gadt_constructor": constructor,
    "field": field,
    "pattern_synonym": synonym,
    "equation": synonym,
}
