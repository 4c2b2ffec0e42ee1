"""Rules of R and Julia."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule
from codekin.chunking.definitions.names import plain

if TYPE_CHECKING:
    from tree_sitter import Node

_ASSIGNMENTS = frozenset(("<-", "=", "<<-", ":="))
_CLASSES = frozenset(("R6Class", "R6::R6Class", "setRefClass", "setClass", "methods::setClass", "ggproto", "new_class"))
_TABLES = frozenset(("list", "c"))
_DEFINING = {
    "setClass": "class", "setRefClass": "class", "setClassUnion": "class", "setGeneric": "function", "setMethod": "method",
    "setReplaceMethod": "method", "test_that": "test", "describe": "test", "methods::setClass": "class",
}  # fmt: skip
_DEEPEST_SIGNATURE = 12
_AROUND_CALLS = frozenset(("signature", "where_expression", "typed_expression"))
_AROUND_TYPES = frozenset(("type_head", "binary_expression", "parametrized_type_expression", "where_expression"))


def r_operator(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`name <- value`."""
    target, value = node.child_by_field_name("lhs"), node.child_by_field_name("rhs")
    if target is None or value is None or finder.text(node.child_by_field_name("operator")) not in _ASSIGNMENTS:
        finder.visit(node, place)
        return
    *outer, last = finder.text(target).replace("@", "$").split("$")
    inner, name = place.within(*outer), plain(last) if target.type != "call" else ""
    called = finder.text(value.child_by_field_name("function")) if value.type == "call" else ""
    if value.type == "function_definition":
        finder.add(name, "function", target, inner, extent)
        finder.visit(value, inner.within(name, level=Level.LOCAL))
    elif called in _CLASSES:
        finder.add(name, "class", target, inner, extent, container=True)
        finder.visit(value, inner.within(name))
    else:
        if target.type == "identifier":
            finder.add(name, "constant", target, place, extent)
        level = place.level if called in _TABLES else max(place.level, Level.CALLBACK)
        finder.visit(value, inner.within(name, level=level))


def r_argument(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`name = function(...)` in a class or a list."""
    named, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if value is None:
        return
    if named is not None and value.type == "function_definition" and place.scope and place.level is Level.OPEN:
        name = plain(finder.text(named))
        finder.add(name, "method", named, place, extent)
        finder.visit(value, place.within(name, level=Level.LOCAL))
    else:
        finder.take(value, place, value)


def r_call(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record `setMethod("name", ...)`, `test_that("name", {...})` and similar calls.

    The arguments of every call are searched for definitions.
    """
    called = finder.text(node.child_by_field_name("function"))
    arguments = node.child_by_field_name("arguments")
    kind = _DEFINING.get(called)
    first = arguments.named_children[0] if kind and arguments is not None and arguments.named_child_count else None
    named = first.child_by_field_name("value") if first is not None and first.type == "argument" else None
    if kind and named is not None and named.type == "string" and place.level is not Level.LOCAL:
        finder.add(plain(finder.text(named)), kind, named, place, extent)
    if arguments is not None:
        open_call = place.scope and (called in _TABLES or called in _CLASSES)
        finder.visit(arguments, place if open_call else Place(place.scope, max(place.level, Level.CALLBACK)))


def r_function(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Search a function without a name."""
    finder.visit(node, Place(place.scope, max(place.level, Level.CALLBACK)))


def _first(node: Node | None, around: frozenset[str]) -> Node | None:
    """Return the first descendant that is not of the types in `around`, or None."""
    for _ in range(_DEEPEST_SIGNATURE):
        if node is None or node.type not in around:
            return node
        node = node.named_children[0] if node.named_child_count else None
    return None


def _signature(node: Node, name: str) -> Node | None:
    return next((child for child in node.named_children if child.type == name), None)


def julia_module(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record `module Name ... end`."""
    named = node.child_by_field_name("name")
    name = finder.text(named)
    finder.add(name, "module", named or node, place, extent, container=True)
    finder.visit(node, place.within(name, level=Level.OPEN))


def _julia_type(kind: str) -> Rule:
    def rule(finder: Finder, node: Node, place: Place, extent: Node) -> None:
        named = _first(_signature(node, "type_head"), _AROUND_TYPES)
        name = plain(finder.text(named))
        finder.add(name, kind, named or node, place, extent)
        finder.visit(node, place.within(name, level=max(place.level, Level.CALLBACK)))

    return rule


def _julia_function(kind: str) -> Rule:
    def rule(finder: Finder, node: Node, place: Place, extent: Node) -> None:
        _julia_called(finder, _signature(node, "signature"), kind, node, place, extent)

    return rule


def _julia_called(finder: Finder, signature: Node | None, kind: str, node: Node, place: Place, extent: Node) -> bool:
    """Record what a signature names, and say whether it is one."""
    call = _first(signature, _AROUND_CALLS)
    is_name = call is not None and call.type in ("identifier", "field_expression") and kind == "function"
    if call is None or not (call.type == "call_expression" or (is_name and node.type == "function_definition")):
        return False
    called = call.named_children[0] if call.type == "call_expression" and call.named_child_count else call
    named = _first(called, _AROUND_TYPES)
    *outer, last = finder.text(named).split("{", 1)[0].rsplit(".", 1)
    name, inner = plain(last.lstrip(":").strip("()")), place.within(*outer)
    finder.add(name, kind, named or node, inner, extent)
    finder.visit(node, inner.within(name, level=Level.LOCAL))
    return True


def julia_assignment(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`f(x) = value`, `f = x -> value`."""
    target = node.named_children[0] if node.named_child_count else None
    if target is None or _julia_called(finder, target, "function", node, place, extent):
        return
    value = node.named_children[-1]
    if target.type == "identifier" and value.type in ("arrow_function_expression", "function_expression"):
        finder.add(finder.text(target), "function", target, place, extent)
        finder.visit(value, place.within(finder.text(target), level=Level.LOCAL))
        return
    finder.take(value, place, value)


def julia_constant(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`const NAME = value`, or a function that is one."""
    value = _signature(node, "assignment")
    target = value.named_children[0] if value is not None and value.named_child_count else None
    if target is not None and target.type in ("identifier", "typed_expression"):
        named = _first(target, _AROUND_CALLS)
        finder.add(plain(finder.text(named)), "constant", named or target, place, extent)
    else:
        finder.visit(node, place)


R: dict[str, Rule] = {
    "binary_operator": r_operator, "argument": r_argument, "call": r_call, "function_definition": r_function,
}  # fmt: skip
JULIA: dict[str, Rule] = {
    "module_definition": julia_module,
    "struct_definition": _julia_type("struct"),
    "abstract_definition": _julia_type("type"),
    "primitive_definition": _julia_type("type"),
    "function_definition": _julia_function("function"),
    "macro_definition": _julia_function("macro"),
    "assignment": julia_assignment,
    "const_statement": julia_constant,
}
