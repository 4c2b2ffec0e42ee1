"""Rules of JavaScript and TypeScript.

Most definitions there are the values of variables, properties or assignments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule, is_small
from codekin.chunking.definitions.general import container
from codekin.chunking.definitions.names import LONGEST_NAME, plain
from codekin.chunking.parsing import children

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTION_VALUES = frozenset((
    "arrow_function", "function_expression", "generator_function", "function_definition", "anonymous_function",
))  # fmt: skip
_PASSED = frozenset((
    "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression",
))  # fmt: skip
_MOST_PASSED = 8
_NO_NAMES = frozenset(("module", "exports", "prototype", "this", "self", "window", "globalThis"))


def value_of(node: Node | None) -> Node | None:
    """Return the value inside parentheses, casts, `a || b` and further assignments."""
    for _ in range(_MOST_PASSED):
        if node is None:
            return None
        if node.type == "assignment_expression":
            node = node.child_by_field_name("right")
        elif node.type == "binary_expression":
            right = node.child_by_field_name("right")
            if right is None or right.type not in ("function_expression", "arrow_function", "class", "object"):
                return node
            node = right
        elif node.type in _PASSED and node.named_child_count:
            node = node.named_children[0]
        else:
            return node
    return node


def anonymous(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a function that is an argument, if it has a name.

    Definitions in it count in either case.
    """
    name = finder.text(node.child_by_field_name("name"))
    if name and (place.level is not Level.LOCAL or not is_small(node)):
        finder.add(plain(name), "function", node, place, extent)
    finder.visit(node, place.within(name, level=Level.CALLBACK if place.level is Level.OPEN else Level.LOCAL))


def defined(finder: Finder, named: Node, name: str, value: Node, place: Place, extent: Node, kinds: str) -> bool:
    """Record a named value if it is a function or a class, and return whether it is.

    `kinds` is the kind that is recorded for a function.
    """
    if value.type in FUNCTION_VALUES:
        finder.add(name, kinds, named, place, extent)
        own = value.child_by_field_name("name")
        if own is not None and finder.text(own) != name:
            finder.add(finder.text(own), kinds, own, place, extent)
        finder.visit(value, place.within(name, level=Level.LOCAL))
    elif value.type == "class":
        finder.add(name, "class", named, place, extent, container=True)
        finder.visit(value, place.within(name, level=Level.OPEN))
    else:
        return False
    return True


def variables(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`const name = value`: a function, a class, or a constant, whose object may hold methods."""
    for declarator in children(node):
        if declarator.type != "variable_declarator":
            continue
        named, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        name = finder.text(named) if named is not None and named.type == "identifier" else ""
        meant = value_of(value)
        if (
            named is not None
            and name
            and meant is not None
            and defined(finder, named, name, meant, place, extent, "function")
        ):
            continue
        if named is not None:
            finder.add(name, "constant", named, place, extent)
        if value is not None and meant is not None:
            inner = place.within(name) if meant.type == "object" else place
            finder.take(meant if meant.type == "object" else value, inner, value)


def pair(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`name: value` in an object; a sentence in place of a name says what a test shows."""
    key, value = node.child_by_field_name("key"), value_of(node.child_by_field_name("value"))
    if key is None or value is None:
        return
    name = plain(finder.text(key)) if key.type != "computed_property_name" else ""
    if not name or not defined(finder, key, name, value, place, extent, "test" if " " in name else "method"):
        finder.take(value, place.within(name) if value.type == "object" else place, value)


def field(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a field of a class if its value is a function or a class."""
    named = node.child_by_field_name("name") or node.child_by_field_name("property")
    value = value_of(node.child_by_field_name("value"))
    if named is None or value is None:
        return
    if not defined(finder, named, finder.text(named), value, place, extent, "method"):
        finder.take(value, place, value)


def assignment(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`exports.name = function`, `module.exports = class Name`, `Name.prototype = {...}`."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    value = value_of(right)
    if left is None or right is None or value is None:
        return
    outer, name = _target(finder.text(left))
    if not name and value.type in (*FUNCTION_VALUES, "class"):
        name = finder.text(value.child_by_field_name("name"))
    inner = place.within(*outer)
    is_plain = left.type in ("identifier", "member_expression")
    if right.type == "assignment_expression":
        finder.take(right, place, right)
        if is_plain and name and value.type in FUNCTION_VALUES:
            finder.add(name, "function", left, inner, extent)
    elif not (is_plain and name and defined(finder, left, name, value, inner, extent, "function")):
        if left.type == "identifier":
            finder.add(name, "constant", left, place, extent)
        finder.take(value, inner.within(name) if value.type == "object" else place, value)


def _target(text: str) -> tuple[list[str], str]:
    """Return (enclosing names, name) for the target of an assignment.

    The name is "" for `module.exports` and `Name.prototype`.
    """
    parts = [part.strip() for part in text.split(".")]
    *outer, last = parts
    return [part for part in outer if part not in _NO_NAMES and part.isidentifier()], (
        "" if last in _NO_NAMES else last[:LONGEST_NAME]
    )


def class_value(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a class that is a value, such as a returned class."""
    container("class")(finder, node, place, extent)


RULES: dict[str, Rule] = {
    **dict.fromkeys(FUNCTION_VALUES, anonymous),
    "lexical_declaration": variables,
    "variable_declaration": variables,
    "pair": pair,
    "field_definition": field,
    "public_field_definition": field,
    "assignment_expression": assignment,
    "class": class_value,
}
