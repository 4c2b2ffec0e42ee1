"""Rules of PowerShell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule
from codekin.chunking.definitions.names import plain

if TYPE_CHECKING:
    from tree_sitter import Node


def powershell_function(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record `function Name {...}`."""
    named = next((child for child in node.named_children if child.type == "function_name"), None)
    name = finder.text(named).rpartition(":")[2]
    finder.add(name, "function", named or node, place, extent)
    finder.visit(node, place.within(name, level=Level.LOCAL))


def _simple_name(node: Node) -> Node | None:
    return next((child for child in node.named_children if child.type == "simple_name"), None)


def powershell_class(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`class Name {...}`."""
    named = _simple_name(node)
    name = finder.text(named)
    finder.add(name, "class", named or node, place, extent, container=True)
    finder.visit(node, place.within(name, level=Level.OPEN))


def powershell_method(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`[type] Name(...) {...}`."""
    named = _simple_name(node)
    name = finder.text(named)
    kind = "constructor" if place.scope and name.lower() == place.scope[-1].lower() else "method"
    finder.add(name, kind, named or node, place, extent)


def powershell_property(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`[type] $Name`."""
    named = next((child for child in node.named_children if child.type == "variable"), None)
    finder.add(plain(finder.text(named).lstrip("$")), "property", named or node, place, extent)


def powershell_enum(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`enum Name {...}`."""
    named = _simple_name(node)
    finder.add(finder.text(named), "enum", named or node, place, extent)


POWERSHELL: dict[str, Rule] = {
    "function_statement": powershell_function,
    "class_statement": powershell_class,
    "class_method_definition": powershell_method,
    "class_property_definition": powershell_property,
    "enum_statement": powershell_enum,
}
