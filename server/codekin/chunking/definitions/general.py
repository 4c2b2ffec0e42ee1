"""Rules that most languages share: functions, classes, and what is wrapped around one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule
from codekin.chunking.definitions.names import name_node, name_of
from codekin.chunking.grammar import BODIES
from codekin.chunking.parsing import children

if TYPE_CHECKING:
    from tree_sitter import Node

_TYPES = frozenset(("type", "enum", "struct"))
"""Kinds that may have members.

Examples are the methods of a Go interface and the bodies of enumeration constants.
"""


def closed(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Skip a node in which nothing is defined."""


def wrapper(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Search an export, a template or a decorated definition.

    A definition in it begins where the wrapper begins.
    """
    for child in children(node):
        finder.take(child, place, extent)


def container(kind: str) -> Rule:
    """Return the rule of a node that defines something with members."""

    def rule(finder: Finder, node: Node, place: Place, extent: Node) -> None:
        bodies = [child for child in node.named_children if child.type in BODIES]
        if not bodies and node.type.endswith("_specifier"):
            return  # `struct x *f();` names a struct and defines none
        named = name_node(node)
        name = name_of(finder.syntax, node, named)
        finder.add(name, kind, named or node, place, extent, container=True)
        inner = place.within(name, level=Level.OPEN)
        for body in bodies:
            finder.visit(body, inner)
        if not bodies:
            finder.visit(node, inner)

    return rule


def unit(kind: str) -> Rule:
    """Return the rule of a node that defines something without members.

    There may be further functions in it.
    """

    def rule(finder: Finder, node: Node, place: Place, extent: Node) -> None:
        if node.type == "enum_specifier" and node.child_by_field_name("body") is None:
            return
        named = name_node(node)
        name = name_of(finder.syntax, node, named)
        receiver = _receiver(finder, node)
        inner = place.within(receiver) if receiver else place
        is_method = kind == "function" and inner.scope and place.level is Level.OPEN
        finder.add(name, "method" if is_method else kind, named or node, inner, extent)
        if kind in _TYPES:
            finder.visit(node, inner.within(name))
        elif finder.may_hold(body := node.child_by_field_name("body") or node):
            finder.visit(body, inner.within(name, level=Level.LOCAL))

    return rule


def guarded(finder: Finder, node: Node, place: Place, _extent: Node) -> None:
    """Search a declaration of something else, whose value may be a class without a name."""
    if finder.may_hold(node):
        finder.visit(node, place.within(level=Level.LOCAL))


def _receiver(finder: Finder, node: Node) -> str:
    receiver = node.child_by_field_name("receiver")
    if receiver is None:
        return ""
    words = finder.text(receiver).strip("()").replace("*", " ").replace("[", " ").split()
    return words[1] if len(words) > 1 else (words[0] if words else "")
