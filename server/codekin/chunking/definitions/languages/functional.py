"""Rules of OCaml, Clojure and Erlang."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule
from codekin.chunking.definitions.names import plain
from codekin.chunking.parsing import children

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTIONS = frozenset(("fun_expression", "function_expression"))
_DEFINING = re.compile(r"def(?!ault)[a-z][\w-]*\*?!?\Z|def\Z")
_KINDS = {
    "def": "constant", "defonce": "constant", "defmacro": "macro", "defprotocol": "interface", "definterface": "interface",
    "defrecord": "record", "deftype": "class", "defmethod": "method", "deftest": "test", "defspec": "test",
}  # fmt: skip
_NO_DEFINITION = frozenset(("default", "defaults", "defined?"))
_MERGED = frozenset(("function",))


def _named(node: Node, *kinds: str) -> Node | None:
    return next((child for child in node.named_children if child.type in kinds), None)


def _ocaml_holder(kind: str, binding: str, name: str) -> Rule:
    """Return the rule of a definition with members, such as a module or a class.

    Several definitions may be joined by `and`.
    """

    def rule(finder: Finder, node: Node, place: Place, extent: Node) -> None:
        for part in [child for child in node.named_children if child.type == binding] or [node]:
            named = _named(part, name)
            known = finder.text(named)
            finder.add(known, kind, named or part, place, extent if part is node else part, container=True)
            finder.visit(part, place.within(known, level=max(place.level, Level.OPEN)))

    return rule


def ocaml_types(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`type name = ... and other = ...`."""
    for number, part in enumerate(child for child in node.named_children if child.type == "type_binding"):
        named = part.child_by_field_name("name")
        if named is not None:
            is_only = not number and node.named_child_count == 1
            finder.add(plain(finder.text(named)), "type", named, place, extent if is_only else part)


def ocaml_values(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`let name parameter = value and other = value`."""
    bindings = [child for child in node.named_children if child.type == "let_binding"]
    for part in bindings:
        pattern, body = part.child_by_field_name("pattern"), part.child_by_field_name("body")
        name = ""
        if pattern is not None and pattern.type in ("value_name", "parenthesized_operator"):
            name = plain(finder.text(pattern))
            is_function = _named(part, "parameter") is not None or (body is not None and body.type in _FUNCTIONS)
            whole = extent if len(bindings) == 1 else part
            finder.add(name, "function" if is_function else "constant", pattern, place, whole)
        if body is not None:
            finder.visit(part, place.within(name, level=Level.LOCAL))


def _ocaml_leaf(kind: str, *names: str) -> Rule:
    def rule(finder: Finder, node: Node, place: Place, extent: Node) -> None:
        holder = _named(node, "constructor_declaration") or node
        named = _named(holder, *names)
        if named is not None:
            finder.add(plain(finder.text(named)), kind, named, place, extent)

    return rule


def clojure_list(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record `(defn name ...)`, or a form of the project whose name has the same pattern.

    Any other form is searched for definitions.
    """
    values = node.children_by_field_name("value")
    head = _clojure_name(finder, values[0]) if values else ""
    named = values[1] if len(values) > 1 else None
    is_module = head in ("ns", "in-ns")
    if not is_module and (not _DEFINING.match(head) or head in _NO_DEFINITION):
        finder.visit(node, place)
        return
    kind = "module" if is_module else _KINDS.get(head, "function")
    name = _clojure_name(finder, named) if named is not None else ""
    if not name or named is None or place.level is Level.LOCAL:
        return
    holds = kind in ("interface", "record", "class")
    finder.add(name, kind, named, place, extent, container=holds)
    for member in values[2:] if holds else ():
        parts = member.children_by_field_name("value") if member.type == "list_lit" else []
        method = _clojure_name(finder, parts[0]) if parts else ""
        finder.add(method, "declaration" if kind == "interface" else "method", member, place.within(name), member)


def _clojure_name(finder: Finder, node: Node) -> str:
    """Return the name of a symbol without its namespace and metadata.

    Return "" for any other node.
    """
    named = node.child_by_field_name("name") if node.type == "sym_lit" else None
    return finder.text(named)


def erlang_function(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a clause of a function."""
    clause = node.child_by_field_name("clause")
    named = clause.child_by_field_name("name") if clause is not None else None
    name = plain(finder.text(named))
    if named is not None and not finder.extends_last(name, _MERGED, place, extent):
        finder.add(name, "function", named, place, extent)


def _erlang(kind: str, field: str) -> Rule:
    def rule(finder: Finder, node: Node, place: Place, extent: Node) -> None:
        named = node.child_by_field_name(field)
        inner = next(children(named).__iter__(), None) if named is not None and named.named_child_count else named
        finder.add(plain(finder.text(inner)), kind, named or node, place, extent)

    return rule


OCAML: dict[str, Rule] = {
    "module_definition": _ocaml_holder("module", "module_binding", "module_name"),
    "module_type_definition": _ocaml_holder("interface", "", "module_type_name"),
    "class_definition": _ocaml_holder("class", "class_binding", "class_name"),
    "class_type_definition": _ocaml_holder("interface", "class_type_binding", "class_type_name"),
    "type_definition": ocaml_types,
    "value_definition": ocaml_values,
    "method_definition": _ocaml_leaf("method", "method_name"),
    "value_specification": _ocaml_leaf("declaration", "value_name", "parenthesized_operator"),
    "external": _ocaml_leaf("function", "value_name", "parenthesized_operator"),
    "exception_definition": _ocaml_leaf("type", "constructor_name"),
}
CLOJURE: dict[str, Rule] = {"list_lit": clojure_list}
ERLANG: dict[str, Rule] = {
    "fun_decl": erlang_function,
    "module_attribute": _erlang("module", "name"),
    "record_decl": _erlang("record", "name"),
    "pp_define": _erlang("macro", "lhs"),
    "type_alias": _erlang("type", "name"),
    "opaque": _erlang("type", "name"),
    "callback": _erlang("declaration", "fun"),
}
