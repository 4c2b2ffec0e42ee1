"""The rules of each language: what its nodes mean to the walk."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from codekin.chunking.definitions import c_family, elixir, haskell, javascript, tables, zig
from codekin.chunking.definitions.finder import Finder, Level, Place, Rule
from codekin.chunking.definitions.general import closed, container, guarded, unit, wrapper
from codekin.chunking.definitions.languages import functional, objects, science, scripting
from codekin.chunking.definitions.names import plain
from codekin.chunking.grammar import CLOSED, GRAMMARS, WRAPPERS, Grammar

if TYPE_CHECKING:
    from tree_sitter import Node


def rules_of(grammar: Grammar) -> Mapping[str, Rule]:
    """Return the rules of a grammar by the type of the node."""
    return _rules(grammar.parser)


@cache
def _rules(parser: str) -> Mapping[str, Rule]:
    grammar = next(grammar for grammar in GRAMMARS.values() if grammar.parser == parser)
    rules: dict[str, Rule] = dict.fromkeys((*CLOSED, *grammar.closed), closed)
    rules.update((kind, wrapper) for kind in WRAPPERS)
    rules.update((kind, unit(meaning)) for kind, meaning in grammar.units.items())
    rules.update((kind, container(meaning)) for kind, meaning in grammar.containers.items())
    rules.update(_SPECIAL.get(parser, {}))
    return rules


def _loop(finder: Finder, node: Node, place: Place, _extent: Node) -> None:
    """Search what is assigned in a loop or a `with`, which is not a constant."""
    finder.visit(node, place if place.level is Level.LOCAL else Place(place.scope, Level.CALLBACK))


_PYTHON: dict[str, Rule] = {
    "assignment": tables.assignment,
    "for_statement": _loop,
    "while_statement": _loop,
    "with_statement": _loop,
}
_JAVA: dict[str, Rule] = {"field_declaration": guarded, "constant_declaration": guarded}
_RUBY: dict[str, Rule] = {
    "assignment": tables.assignment,
    "do_block": _loop,
    "block": _loop,
    "call": tables.ruby_call,
    "alias": tables.ruby_alias,
}


def _shell_function(finder: Finder, node: Node, place: Place, extent: Node) -> None:
    """Functions of a shell are known everywhere, also those that another one defines."""
    named = node.child_by_field_name("name")
    finder.add(plain(finder.text(named)), "function", named or node, place, extent)
    finder.visit(node, Place(place.scope, Level.CALLBACK))


_LUA: dict[str, Rule] = {
    "function_definition": javascript.anonymous,
    "assignment_statement": tables.lua_assignment,
    "field": tables.lua_field,
}
_SPECIAL: dict[str, dict[str, Rule]] = {
    "python": _PYTHON,
    "bash": {"function_definition": _shell_function},
    "ruby": _RUBY,
    "java": _JAVA,
    "lua": _LUA,
    "javascript": javascript.RULES,
    "typescript": javascript.RULES,
    "tsx": javascript.RULES,
    "c": c_family.RULES,
    "cpp": c_family.RULES,
    "objc": objects.OBJC,
    "dart": objects.DART,
    "r": science.R,
    "julia": science.JULIA,
    "powershell": scripting.POWERSHELL,
    "ocaml": functional.OCAML,
    "ocaml_interface": functional.OCAML,
    "clojure": functional.CLOJURE,
    "erlang": functional.ERLANG,
    "haskell": haskell.RULES,
    "elixir": elixir.RULES,
    "zig": zig.RULES,
}
