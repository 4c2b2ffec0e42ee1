"""Rules of Objective-C and Dart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codekin.chunking.definitions import c_family
from codekin.chunking.definitions.finder import Finder, Level, Place, Rule
from codekin.chunking.definitions.general import container
from codekin.chunking.definitions.names import plain

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST_DECLARATOR = 8
_SIGNATURES = {
    "function_signature": "method", "getter_signature": "property", "setter_signature": "property",
    "operator_signature": "method", "constructor_signature": "constructor", "factory_constructor_signature": "constructor",
    "constant_constructor_signature": "constructor", "redirecting_factory_constructor_signature": "constructor",
}  # fmt: skip

_BODIED = frozenset((*_SIGNATURES.values(), "function"))


def _first(node: Node, kind: str) -> Node | None:
    return next((child for child in node.named_children if child.type == kind), None)


def _objc_class(kind: str) -> Rule:
    def rule(finder: Finder, node: Node, place: Place, extent: Node) -> None:
        named = _first(node, "identifier")
        name = finder.text(named)
        finder.add(name, kind, named or node, place, extent, container=True)
        finder.visit(node, place.within(name, level=Level.OPEN))

    return rule


def objc_method(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`- (type)part:(type)argument part:(type)argument`, whose name has all the parts."""
    parts: list[str] = []
    named: Node | None = None
    for child in node.named_children:
        if child.type == "identifier":
            parts.append(finder.text(child))
            named = named or child
        elif child.type == "method_parameter":
            parts.append(":")
    finder.add("".join(parts), "method", named or node, place, extent)
    body = _first(node, "compound_statement")
    if body is not None and finder.may_hold(body):
        finder.visit(body, place.within("".join(parts), level=Level.LOCAL))


def objc_property(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`@property (attributes) type name;`."""
    named: Node | None = _first(node, "struct_declaration")
    for _ in range(_DEEPEST_DECLARATOR):
        if named is None or named.type == "identifier":
            break
        named = named.named_children[-1] if named.named_child_count else None
    if named is not None and named.type == "identifier":
        finder.add(finder.text(named), "property", named, place, extent)


def dart_member(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a signature within a class, whose body is the next node."""
    for child in node.named_children:
        if child.type in _SIGNATURES:
            dart_signature(finder, child, place, extent)
            return
    finder.visit(node, place)


def dart_signature(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`type name(parameters)`."""
    kind = _SIGNATURES[node.type] if place.scope else "function"
    names = [child for child in node.children_by_field_name("name") if child.is_named]
    names = names or [child for child in node.named_children if child.type == "identifier"]
    named = names[-1] if kind == "constructor" and names else names[0] if names else None
    name = plain(finder.text(named))
    if node.type == "operator_signature":
        named = node.named_children[0] if node.named_child_count else node
        name = f"operator{finder.text(_first(node, 'binary_operator') or named)}"
    if place.level is Level.OPEN:
        finder.add(name, kind, named or node, place, extent)


def dart_body(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Extend the last definition to the end of its body, and search the body.

    The body is the node after the signature. Definitions in it are local.
    """
    found, start = finder.found, extent.start_point.row
    name = ""
    if found and found[-1].kind in _BODIED and found[-1].end_line - 1 <= start <= found[-1].end_line:
        name, end = found[-1].name, extent.end_point.row + (extent.end_point.column > 0)
        found[-1] = replace(found[-1], end_line=max(end, found[-1].end_line))
    if finder.may_hold(node):
        finder.visit(node, place.within(name, level=Level.LOCAL))


def dart_constant(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`const name = value` outside classes."""
    named = _first(node, "identifier")
    if named is not None and not place.scope:
        finder.add(finder.text(named), "constant", named, place, extent)


OBJC: dict[str, Rule] = {
    **c_family.RULES,
    "class_interface": _objc_class("class"),
    "class_implementation": _objc_class("class"),
    "category_interface": _objc_class("class"),
    "protocol_declaration": _objc_class("interface"),
    "method_declaration": objc_method,
    "method_definition": objc_method,
    "property_declaration": objc_property,
}
DART: dict[str, Rule] = {
    "method_signature": dart_member,
    "declaration": dart_member,
    **dict.fromkeys(_SIGNATURES, dart_signature),
    "function_body": dart_body,
    "mixin_declaration": container("class"),
    "extension_declaration": container("extension"),
    "extension_type_declaration": container("class"),
    "static_final_declaration": dart_constant,
}
