"""Rules of Python, Ruby and Lua for what is assigned, kept in tables, or defined by a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place
from codekin.chunking.definitions.names import LONGEST_NAME, plain

if TYPE_CHECKING:
    from tree_sitter import Node

_RUBY_DEFINING = frozenset(("define_method", "define_singleton_method", "alias_method"))


def assignment(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`NAME = value` in Python and Ruby."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and left.type in ("identifier", "constant"):
        finder.add(finder.text(left)[:LONGEST_NAME], "constant", left, place, extent)
    if right is not None and right.type in ("assignment", "call"):
        finder.take(right, place, right)


def ruby_call(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`define_method(:name) do` defines one; other calls may hold definitions in their arguments and blocks."""
    called = node.child_by_field_name("method")
    if called is not None and finder.text(called) in _RUBY_DEFINING:
        arguments = node.child_by_field_name("arguments")
        first = arguments.named_children[0] if arguments is not None and arguments.named_child_count else None
        if first is not None and first.type in ("simple_symbol", "string"):
            finder.add(plain(finder.text(first).lstrip(":")), "method", node, place, extent)
    finder.visit(node, place)


def ruby_alias(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`alias new old` defines a method."""
    named = node.child_by_field_name("name")
    if named is not None and not finder.text(named).startswith("$"):
        finder.add(plain(finder.text(named).lstrip(":")), "method", node, place, extent)


def lua_assignment(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`M.name = function`, `local name = value`, several at once too."""
    if node.named_child_count != 2:
        return
    targets, values = node.named_children
    names, given = targets.named_children, values.named_children
    for number, target in enumerate(names):
        value = given[number] if number < len(given) else None
        outer, name = _lua_target(finder.text(target))
        inner = place.within(*outer)
        if value is not None and value.type == "function_definition":
            finder.add(name, "function", target, inner, extent)
            finder.visit(value, inner.within(name, level=Level.LOCAL))
            continue
        if target.type == "identifier":
            finder.add(name, "constant", target, place, extent)
        if value is not None:
            finder.take(value, inner.within(name) if value.type == "table_constructor" else place, value)


def _lua_target(text: str) -> tuple[list[str], str]:
    text = text.replace('["', ".").replace("['", ".").replace('"]', "").replace("']", "").replace(":", ".")
    *outer, last = text.split(".")
    return outer, plain(last)


def lua_field(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`name = function` in a table."""
    named, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if value is None:
        return
    name = plain(finder.text(named)) if named is not None else ""
    if named is not None and value.type == "function_definition":
        finder.add(name, "function", named, place, extent)
        finder.visit(value, place.within(name, level=Level.LOCAL))
    else:
        finder.take(value, place.within(name) if value.type == "table_constructor" else place, value)
