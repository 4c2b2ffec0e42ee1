"""Find the names, kinds and lines of definitions in a syntax tree, outside function bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codekin.chunking.grammar import BODIES, TRANSPARENT
from codekin.chunking.parsing import Syntax, children

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 24
_FUNCTION_VALUES = frozenset((
    "arrow_function", "function_expression", "function", "generator_function", "function_definition", "anonymous_function",
))  # fmt: skip
_NAMES = frozenset(
    ("identifier", "simple_identifier", "type_identifier", "name", "constant", "word", "IDENTIFIER", "variable")
)
_ELIXIR = {
    "def": "function", "defp": "function", "defmacro": "macro", "defmacrop": "macro", "defguard": "macro", "defdelegate": "function",
    "defmodule": "module", "defprotocol": "interface", "defimpl": "impl", "defstruct": "struct", "test": "test", "describe": "test",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A definition over lines [start_line, end_line), with its name on `line`.

    `scope` are the enclosing names, outermost first.
    """

    name: str
    kind: str
    line: int
    start_line: int
    end_line: int
    scope: tuple[str, ...]
    container: bool


def definitions(syntax: Syntax) -> list[Found]:
    """Return every definition outside function bodies, in the order of the text."""
    found: list[Found] = []
    _walk(syntax.root, syntax, (), 0, found, syntax.root)
    return found


def _walk(node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], outer: Node) -> None:
    if depth > _DEEPEST:
        return
    for child in children(node):
        kind = child.type
        extent = (
            outer if outer is not node and kind not in TRANSPARENT and node.named_child_count <= _WRAPPED else child
        )
        if kind in syntax.grammar.containers:
            _container(child, syntax.grammar.containers[kind], syntax, scope, depth, found, extent)
        elif kind in syntax.grammar.units:
            _unit(child, syntax.grammar.units[kind], syntax, scope, found, extent)
        elif kind in TRANSPARENT:
            inner = outer if outer is not node and node.type in _WRAPPERS else child
            _walk(child, syntax, scope, depth + 1, found, inner if kind in _WRAPPERS else child)
        elif kind in _SPECIAL:
            _SPECIAL[kind](child, syntax, scope, depth, found, extent)


_WRAPPERS = frozenset(
    ("export_statement", "decorated_definition", "template_declaration", "ambient_declaration", "Decl")
)
_WRAPPED = 3


def _add(
    found: list[Found], name: str, kind: str, node: Node, scope: tuple[str, ...], extent: Node, *, container: bool
) -> None:
    start, end = extent.start_point.row, extent.end_point.row + (extent.end_point.column > 0)
    named = node.child_by_field_name("name")
    line = named.start_point.row if named is not None else node.start_point.row
    found.append(Found(name, kind, line, start, max(end, start + 1), scope, container))


def _container(
    node: Node, kind: str, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    name = name_of(syntax, node)
    if node.type.endswith("_specifier") and not any(child.type in BODIES for child in node.named_children):
        return  # `struct x *f();` names a struct but does not define one
    if name:
        _add(found, name, kind, node, scope, extent, container=True)
    inner = (*scope, name) if name else scope
    bodies = [child for child in node.named_children if child.type in BODIES]
    for body in bodies:
        _walk(body, syntax, inner, depth + 1, found, body)


def _unit(node: Node, kind: str, syntax: Syntax, scope: tuple[str, ...], found: list[Found], extent: Node) -> None:
    name = name_of(syntax, node)
    if not name:
        return
    previous = found[-1] if found else None
    if (
        previous
        and previous.name == name
        and previous.scope == scope
        and previous.kind == kind
        and node.type in _CLAUSES
    ):
        found[-1] = Found(
            name, kind, previous.line, previous.start_line, extent.end_point.row + 1, scope, container=False
        )
        return
    receiver = _receiver(syntax, node)
    inner = (*scope, receiver) if receiver else scope
    if kind == "function" and inner:
        kind = "method"
    _add(found, name, kind, node, inner, extent, container=False)


_CLAUSES = frozenset(("function", "bind", "signature"))
"""Haskell writes one function as a signature and several equations."""


def name_of(syntax: Syntax, node: Node) -> str:
    """Return the bare or qualified name that a definition node gives, or ""."""
    named = node.child_by_field_name("name")
    if named is None and node.type == "impl_item":
        named = node.child_by_field_name("type")
    if named is None:
        named = node.child_by_field_name("pattern")
    if named is None:
        named = _declared(node)
    if named is None:
        named = next((child for child in node.named_children if child.type in _NAMES), None)
    if named is None:
        return {"init_declaration": "init", "companion_object": "Companion"}.get(node.type, "")
    return _plain(syntax.text(named))


def _declared(node: Node) -> Node | None:
    """Follow pointers, references and parameter lists to the name that a C declarator declares."""
    inner = node.child_by_field_name("declarator")
    for _ in range(_DEEPEST):
        if inner is None:
            return None
        deeper = inner.child_by_field_name("declarator")
        if deeper is None:
            if inner.named_child_count and inner.type.endswith("_declarator"):
                inner = inner.named_children[-1]
                continue
            return inner
        inner = deeper
    return None


def _receiver(syntax: Syntax, node: Node) -> str:
    receiver = node.child_by_field_name("receiver")
    if receiver is None:
        return ""
    words = syntax.text(receiver).strip("()").replace("*", " ").replace("[", " ").split()
    return words[1] if len(words) > 1 else (words[0] if words else "")


def _plain(text: str) -> str:
    """Return a name without template arguments, quotes and line breaks."""
    head = text.split("<", 1)[0] if not text.startswith("operator") else text
    return head.strip().strip("\"'`").replace("\n", " ")[:200]


def _javascript_variables(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    for declarator in children(node):
        if declarator.type != "variable_declarator":
            continue
        name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
        if name is None or name.type != "identifier":
            continue
        kind = "function" if value is not None and value.type in _FUNCTION_VALUES else "constant"
        _add(found, syntax.text(name), kind, declarator, scope, extent, container=False)
        if value is not None and value.type == "object":
            _object(value, syntax, (*scope, syntax.text(name)), depth, found)


def _object(node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found]) -> None:
    for child in children(node):
        if child.type == "method_definition":
            _unit(child, "method", syntax, scope, found, child)
        elif child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None and value.type in _FUNCTION_VALUES:
                _add(found, _plain(syntax.text(key)), "method", child, scope, child, container=False)


def _exported_object(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], _extent: Node
) -> None:
    _object(node, syntax, scope, depth, found)


def _field(node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node) -> None:
    value = node.child_by_field_name("value")
    name = node.child_by_field_name("name") or node.child_by_field_name("property")
    if name is not None and value is not None and value.type in _FUNCTION_VALUES:
        _add(found, syntax.text(name), "method", node, scope, extent, container=False)


def _assignment(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    """Add an assigned definition.

    `NAME = value` in Python and Ruby, `exports.name = function` in JavaScript, `M.name = function`
    in Lua.
    """
    left = node.child_by_field_name("left") or next(iter(node.named_children), None)
    right = node.child_by_field_name("right") or (node.named_children[-1] if node.named_child_count else None)
    if left is None or right is None:
        return
    value = right.named_children[0] if right.type == "expression_list" and right.named_child_count == 1 else right
    name = syntax.text(left)
    is_function = value.type in _FUNCTION_VALUES
    plain = left.type in ("identifier", "constant") or (left.type == "variable_list" and left.named_child_count == 1)
    if is_function or plain:
        *outer, last = name.replace(":", ".").split(".")
        outer = [part for part in outer if part not in ("module", "exports", "prototype", "this", "self")]
        kind = "function" if is_function else "constant"
        _add(found, last.strip()[:200], kind, node, (*scope, *outer), extent, container=False)
    if value.type == "object":
        _object(value, syntax, scope, depth, found)


def _variable_declaration(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    for child in children(node):
        if child.type == "assignment_statement":
            _assignment(child, syntax, scope, depth, found, extent)
        elif child.type == "variable_declarator":
            _javascript_variables(node, syntax, scope, depth, found, extent)
            return


def _prototype(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    """Add a C or C++ declaration: a function without a body, or a class with one."""
    declarator = node.child_by_field_name("declarator")
    for child in children(node):
        if child.type in syntax.grammar.containers:
            _container(child, syntax.grammar.containers[child.type], syntax, scope, depth, found, extent)
    if declarator is not None and "function_declarator" in (
        declarator.type,
        *(c.type for c in declarator.named_children),
    ):
        name = name_of(syntax, node)
        if name:
            _add(found, name, "declaration", node, scope, extent, container=False)


def _elixir_call(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    target = node.child_by_field_name("target")
    kind = _ELIXIR.get(syntax.text(target)) if target is not None else None
    arguments = next((child for child in node.named_children if child.type == "arguments"), None)
    if kind is None or arguments is None or not arguments.named_child_count:
        return
    first = arguments.named_children[0]
    if first.type == "binary_operator":  # a guard: `name(args) when ...`
        first = first.child_by_field_name("left") or first
    called = first.child_by_field_name("target") if first.type == "call" else first
    name = _plain(syntax.text(called or first))
    if kind == "struct":
        name = "defstruct"
    body = next((child for child in node.named_children if child.type == "do_block"), None)
    previous = found[-1] if found else None
    if (
        previous
        and previous.name == name
        and previous.scope == scope
        and not previous.container
        and kind == previous.kind
    ):
        end = extent.end_point.row + 1
        found[-1] = Found(name, kind, previous.line, previous.start_line, end, scope, container=False)
        return
    holds = kind in ("module", "interface", "impl") or (target is not None and syntax.text(target) == "describe")
    _add(found, name, kind, node, scope, extent, container=holds)
    if holds and body is not None:
        _walk(body, syntax, (*scope, name), depth + 1, found, body)


def _zig_function(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    named = node.child_by_field_name("function")
    if named is not None:
        parent = node.parent
        declaration = parent if parent is not None and parent.type == "Decl" else node
        _add(found, syntax.text(named), "method" if scope else "function", node, scope, declaration, container=False)


def _zig_variable(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    named = node.child_by_field_name("variable_type_function")
    if named is None:
        return
    body = next(_descend(node, "ContainerDecl", 8), None)
    parent = node.parent
    declaration = parent if parent is not None and parent.type == "Decl" else node
    _add(
        found,
        syntax.text(named),
        "struct" if body is not None else "constant",
        node,
        scope,
        declaration,
        container=body is not None,
    )
    if body is not None:
        for member in children(body):
            _walk(member, syntax, (*scope, syntax.text(named)), depth + 1, found, member)


def _descend(node: Node, wanted: str, depth: int) -> Iterator[Node]:
    if node.type == wanted:
        yield node
    elif depth:
        for child in node.named_children:
            yield from _descend(child, wanted, depth - 1)


def _test_declaration(
    node: Node, syntax: Syntax, scope: tuple[str, ...], depth: int, found: list[Found], extent: Node
) -> None:
    named = next((child for child in node.named_children if child.type.startswith(("STRING", "IDENT"))), None)
    if named is not None:
        _add(found, _plain(syntax.text(named)), "test", node, scope, extent, container=False)


_Visit = Callable[["Node", Syntax, "tuple[str, ...]", int, "list[Found]", "Node"], None]
_SPECIAL: dict[str, _Visit] = {
    "lexical_declaration": _javascript_variables,
    "variable_declaration": _variable_declaration,
    "public_field_definition": _field,
    "field_definition": _field,
    "object": _exported_object,
    "assignment_expression": _assignment,
    "assignment": _assignment,
    "assignment_statement": _assignment,
    "declaration": _prototype,
    "field_declaration": _prototype,
    "call": _elixir_call,
    "FnProto": _zig_function,
    "VarDecl": _zig_variable,
    "TestDecl": _test_declaration,
}
