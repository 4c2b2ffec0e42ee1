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
    """Record the method that `define_method(:name) do` defines.

    The arguments and blocks of every call are searched for definitions.
    """
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
    if not node.named_child_count:
        return
    targets, values = node.named_children[0], node.named_children[-1]
    given = values.named_children
    for number, target in enumerate(targets.named_children):
        value = given[number] if number < len(given) else None
        outer, name = _lua_target(finder, target)
        if value is None or not _lua_value(finder, target, name, value, place.within(*outer), extent):
            if target.type == "identifier" and targets.named_child_count == 1:
                finder.add(name, "constant", target, place, extent)
            if value is not None:
                finder.take(value, place, value)


def lua_field(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`name = function` in a table."""
    named, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if value is None:
        return
    is_computed = node.children[0].type == "[" and named is not None and named.type != "string"
    name = "" if named is None or is_computed else plain(finder.text(named))
    if not _lua_value(finder, named or node, name, value, place, extent):
        finder.take(value, place, value)


def _lua_value(finder: Finder, named: Node, name: str, value: Node, place: Place, extent: Node) -> bool:
    """Record a named function, or the functions in a named table.

    Return False for any other value.
    """
    if not name or not name.isidentifier():
        return False
    if value.type == "function_definition" or _wraps_function(value, named, place):
        finder.add(name, "function", named, place, extent)
        finder.visit(value, place.within(name, level=Level.LOCAL))
    elif value.type == "table_constructor":
        if named.type == "identifier" and named.parent is not None and named.parent.type == "variable_list":
            finder.add(name, "constant", named, place, extent)
        finder.visit(value, place.within(name))
    else:
        return False
    return True


def _wraps_function(value: Node, named: Node, place: Place) -> bool:
    """Return whether a member of a module is a wrapped function.

    An example is `M.name = wrap(function() ... end)`.
    """
    if value.type != "function_call" or named.type == "identifier" or place.level is not Level.OPEN:
        return False
    arguments = value.child_by_field_name("arguments")
    return arguments is not None and any(child.type == "function_definition" for child in arguments.named_children)


def _lua_target(finder: Finder, target: Node) -> tuple[list[str], str]:
    """Return (enclosing names, name) for `M.name`, `M["name"]` or `name`.

    The name is "" for a computed key.
    """
    if target.type == "bracket_index_expression":
        field = target.child_by_field_name("field")
        table = target.child_by_field_name("table")
        if field is None or field.type != "string" or table is None:
            return [], ""
        return finder.text(table).split("."), plain(finder.text(field))
    *outer, last = finder.text(target).replace(":", ".").split(".")
    return outer, plain(last)
