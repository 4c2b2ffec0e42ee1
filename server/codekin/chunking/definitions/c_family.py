"""Rules of C and C++: declarators, prototypes, type names, and macros that define something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Level, Place, Rule
from codekin.chunking.definitions.names import declared, name_of, plain

if TYPE_CHECKING:
    from tree_sitter import Node

_MACRO = re.compile(r"[A-Z][A-Z0-9_]{2,}\Z|[A-Z][A-Z0-9]*_[A-Za-z0-9_]+\Z")
_TEST = re.compile(r"(?:\w*_)?(?:TEST|BENCHMARK|TYPED_TEST)(?:_\w+)?\Z")
_DEFINING = re.compile(r"(?:[A-Z0-9]+_)*(?:DEFINE|DECLARE|IMPLEMENT|IMPL)\w*\Z")
_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_FIRST_WORD = re.compile(r"\w+")
_MOST_ARGUMENTS = 8
_NO_NAMES = frozenset((
    "namespace", "decltype", "if", "else", "for", "while", "switch", "return", "sizeof", "noexcept", "void", "const", "static", "struct",
))  # fmt: skip
"""Words that a grammar puts in the place of a name where it fails."""
_CLASSES = frozenset(("class_specifier", "struct_specifier", "union_specifier", "enum_specifier"))


def function(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a function with its body.

    `TEST(Suite, name) {` and `SYSCALL_DEFINE3(name, ...) {` define the names in their arguments.
    """
    declarator = node.child_by_field_name("declarator")
    named = declared(declarator)
    name = plain(finder.text(named)) if named is not None else name_of(finder.syntax, node, named)
    scope, kind = place, "method" if place.scope and place.level is Level.OPEN else "function"
    if node.child_by_field_name("type") is None and _MACRO.match(name) and declarator is not None:
        given = _arguments(finder, declarator)
        if given and _TEST.match(name):
            scope, name, kind = place.within(*given[: min(len(given) - 1, 1)]), given[min(len(given) - 1, 1)], "test"
        elif given:
            name = given[0]
    specifier = node.child_by_field_name("type")
    if specifier is not None and specifier.child_by_field_name("body") is not None:
        finder.take(specifier, place, specifier)
    elif specifier is not None and specifier.type in _CLASSES and declarator is named:
        finder.misread = True  # `class MACRO Name {...}`
    if name not in _NO_NAMES:
        finder.add(name, kind, named or node, scope, extent)
    body = node.child_by_field_name("body")
    if body is not None and finder.may_hold(body):
        finder.visit(body, scope.within(name, level=Level.LOCAL))


def _arguments(finder: Finder, declarator: Node) -> list[str]:
    """Return the names among the arguments of a macro, which the grammar takes for parameters."""
    parameters = declarator.child_by_field_name("parameters")
    if parameters is None:
        return []
    texts = (finder.text(child).strip() for child in parameters.named_children[:_MOST_ARGUMENTS])
    return [text for text in texts if _NAME.match(text)]


def prototype(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record a declaration of functions without a body, or of a class with one."""
    specifier = node.child_by_field_name("type")
    if specifier is not None and specifier.child_by_field_name("body") is not None:
        finder.take(specifier, place, specifier)
    for declarator in node.children_by_field_name("declarator"):
        if _is_function(declarator):
            named = declared(declarator)
            name = plain(finder.text(named)) if named is not None else ""
            if named is not None and name not in _NO_NAMES:
                finder.add(name, "declaration", named, place, extent)


def _is_function(declarator: Node | None) -> bool:
    """Whether a declarator declares a function, and not a pointer to one."""
    for _ in range(_MOST_ARGUMENTS):
        if declarator is None or declarator.type in ("init_declarator", "parenthesized_declarator"):
            return False
        if declarator.type in ("function_declarator", "operator_cast"):
            inner = declarator.child_by_field_name("declarator")
            return inner is not None and inner.type != "parenthesized_declarator"
        last = declarator.named_children[-1] if declarator.named_child_count else None
        declarator = declarator.child_by_field_name("declarator") or last
    return False


def type_names(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`typedef struct tag {...} name, *pointer`: all three are defined."""
    specifier = node.child_by_field_name("type")
    for declarator in node.children_by_field_name("declarator"):
        named = declared(declarator)
        if named is not None:
            finder.add(plain(finder.text(named)), "type", named, place, extent)
    if specifier is not None and specifier.child_by_field_name("body") is not None:
        finder.take(specifier, place, specifier)


def statement(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Record `DEFINE_X(name, ...);` and `Name::~Name() = default;` outside functions.

    The grammar takes both for expressions.
    """
    inner = node.named_children[0] if node.named_child_count else None
    if place.level is not Level.OPEN or inner is None:
        return
    call = inner.child_by_field_name("left") if inner.type == "assignment_expression" else inner
    if call is None or call.type != "call_expression":
        return
    called, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_child_count else None
    if called is not None and called.type == "qualified_identifier":
        if inner is not call and finder.text(inner.child_by_field_name("right")) in ("default", "delete"):
            finder.add(plain(finder.text(called)), "function", called, place, extent)
    elif first is not None and first.type == "identifier" and _DEFINING.match(finder.text(called)):
        kind = "declaration" if "DECLARE" in finder.text(called) else "function"
        finder.add(finder.text(first), kind, first, place, extent)


def directive(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`#define NAME` in an enumeration, which the grammar takes for any directive."""
    argument = node.child_by_field_name("argument")
    named = _FIRST_WORD.match(finder.text(argument))
    if named and "".join(finder.text(node.child_by_field_name("directive")).split()) == "#define":
        finder.add(named[0], "macro", node, place, extent)


RULES: dict[str, Rule] = {
    "function_definition": function,
    "inline_method_definition": function,
    "declaration": prototype,
    "field_declaration": prototype,
    "type_definition": type_names,
    "expression_statement": statement,
    "preproc_call": directive,
}
