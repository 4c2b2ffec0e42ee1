"""Rules of Perl and PowerShell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.chunking.definitions.finder import Finder, Found, Level, Place, Rule
from codekin.chunking.definitions.names import plain

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_CONSTANTS = 1_000


def perl_package(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`package Name {...}`, or `package Name;`, which holds until the next one."""
    named = node.child_by_field_name("name")
    name = finder.text(named)
    if named is None or not name:
        return
    if any(child.type == "block" for child in node.named_children):
        finder.add(name, "module", named, place, extent, container=True)
        finder.visit(node, place.within(name))
    else:
        line = named.start_point.row
        last = finder.syntax.root.end_point.row + 1
        finder.found.append(Found(name, "module", line, extent.start_point.row, last, place.scope, container=True))


def perl_function(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`sub name {...}`, in the package that was named last."""
    named = node.child_by_field_name("name")
    *outer, name = finder.text(named).split("::")
    place = _in_package(finder, place).within("::".join(outer))
    body = node.child_by_field_name("body")
    finder.add(name, "function", named or node, place, extent)
    if body is not None:
        finder.visit(body, place.within(name, level=Level.LOCAL))


def _in_package(finder: Finder, place: Place) -> Place:
    """Return the place within the current package.

    The package is the last definition, or the outermost scope of the last definition.
    """
    if place.scope or not finder.found:
        return place
    last = finder.found[-1]
    return place.within(last.name) if last.kind == "module" and not last.scope else place.within(*last.scope[:1])


def perl_use(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """`use constant NAME => value`, or several in braces."""
    if finder.text(node.child_by_field_name("module")) != "constant":
        return
    place = _in_package(finder, place)
    given = node.named_children[-1]
    several = given.type == "anonymous_hash_expression"
    values = given.named_children[0] if several and given.named_child_count else given
    names = [child for child in values.named_children[:_MOST_CONSTANTS] if child.type == "autoquoted_bareword"]
    for named in names if several else names[:1]:
        finder.add(finder.text(named), "constant", named, place, named if several else extent)


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


PERL: dict[str, Rule] = {
    "package_statement": perl_package,
    "class_statement": perl_package,
    "subroutine_declaration_statement": perl_function,
    "method_declaration_statement": perl_function,
    "use_statement": perl_use,
}
POWERSHELL: dict[str, Rule] = {
    "function_statement": powershell_function,
    "class_statement": powershell_class,
    "class_method_definition": powershell_method,
    "class_property_definition": powershell_property,
    "enum_statement": powershell_enum,
}
