"""Rules of Elixir, where a definition is a call of a macro.

The macro belongs to the language or to the project.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule
from codekin.chunking.definitions.names import plain

if TYPE_CHECKING:
    from tree_sitter import Node

_KINDS = {
    "def": "function", "defp": "function", "defmacro": "macro", "defmacrop": "macro", "defguard": "macro", "defguardp": "macro",
    "defdelegate": "function", "defmodule": "module", "defprotocol": "interface", "defimpl": "impl", "defstruct": "struct",
    "defexception": "struct", "defrecord": "record", "defrecordp": "record", "test": "test", "describe": "test",
}  # fmt: skip
_HOLDERS = frozenset(("module", "interface", "impl"))
_OWN = re.compile(r"def[a-z]\w*\Z")
"""Macros of projects that define something are named like those of the language."""
_NO_DEFINITION = frozenset(("defoverridable", "default", "defaults", "defined"))
_TYPES = {
    "type": "type", "typep": "type", "opaque": "type", "callback": "declaration", "macrocallback": "declaration",
}  # fmt: skip
_MERGED = frozenset(("function", "macro"))


def call(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`def name(arguments) do`, or any other call, in whose block there may be definitions."""
    target = finder.text(node.child_by_field_name("target"))
    kind = _KINDS.get(target)
    if kind is None and _OWN.match(target) and target not in _NO_DEFINITION:
        kind = "function"
    arguments = next((child for child in node.named_children if child.type == "arguments"), None)
    if kind is None or arguments is None or not arguments.named_child_count:
        finder.visit(node, place)
        return
    named = _named(finder, arguments.named_children[0])
    name = "defstruct" if kind == "struct" else _name(finder, named)
    holds = kind in _HOLDERS or target == "describe"
    if name and not (kind in _MERGED and finder.extends_last(name, _MERGED, place, extent)):
        finder.add(name, kind, named, place, extent, container=holds)
    level = Level.OPEN if holds else max(place.level, Level.CALLBACK)
    for child in node.named_children:
        if child is not arguments:
            finder.visit(child, place.within(name, level=level) if holds else Place(place.scope, level))


def _named(finder: Finder, argument: Node) -> Node:
    """Return the part of an argument that holds the name, without guard, type or default."""
    if argument.type == "binary_operator":
        operator = finder.text(argument.child_by_field_name("operator"))
        left = argument.child_by_field_name("left")
        if left is not None and operator in ("when", "::", "\\\\", "|"):
            return _named(finder, left)
    return argument


def _name(finder: Finder, named: Node) -> str:
    if named.type in ("binary_operator", "unary_operator"):
        return finder.text(named.child_by_field_name("operator"))
    called = named.child_by_field_name("target") if named.type == "call" else None
    if called is not None and called.type == "call":
        return ""  # `def unquote(name)(...)`, whose name is known when it runs
    text = finder.text(called or named)
    return "" if text == "unquote" or named.type in ("list", "keywords", "map") else plain(text.lstrip(":"))


def attribute(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`@type name :: type` and `@callback name(arguments) :: type`."""
    operand = node.child_by_field_name("operand")
    if operand is None or operand.type != "call":
        return
    kind = _TYPES.get(finder.text(operand.child_by_field_name("target")))
    arguments = next((child for child in operand.named_children if child.type == "arguments"), None)
    if kind is not None and arguments is not None and arguments.named_child_count:
        named = _named(finder, arguments.named_children[0])
        name = _name(finder, named)
        if name and not finder.extends_last(name, frozenset((kind,)), place, extent):
            finder.add(name, kind, named, place, extent)


RULES: dict[str, Rule] = {"call": call, "unary_operator": attribute}
