"""Definitions whose members are in braces, in Protocol Buffers, GraphQL and HCL (Terraform)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from codekin.chunking.definitions import Found
from codekin.chunking.lines import split_lines
from codekin.chunking.outlines.masking import Marks, masked

_LOOKED_AT = 1_000
_LONGEST_NAME = 200
_DEEPEST = 24
_PROTO = re.compile(r"\s{0,200}(message|enum|service|rpc|extend)\s+([\w.]+)")
_PROTO_KINDS = {"message": "struct", "enum": "enum", "service": "interface", "rpc": "method", "extend": "extension"}
_GRAPHQL = re.compile(
    r"\s{0,200}(?:extend\s+)?(type|input|enum|interface|union|scalar|directive|fragment|query|mutation|subscription)\s+@?(\w+)"
)
_GRAPHQL_KINDS = {
    "input": "struct", "enum": "enum", "interface": "interface", "union": "union", "scalar": "type",
    "directive": "directive", "fragment": "fragment", "query": "query", "mutation": "mutation",
    "subscription": "subscription", "type": "type",
}  # fmt: skip
_GRAPHQL_FIELD = re.compile(r"\s{0,200}(\w+)\s*[(:]")
_GRAPHQL_ROOTS = frozenset(("Query", "Mutation", "Subscription"))
"""Types whose fields are what a server offers."""
_HCL = re.compile(r'\s{0,200}(\w+)((?:[ \t]+(?:"[^"]*"|[\w-]+)){1,3})[ \t]*\{')
_HCL_LABEL = re.compile(r'"([^"]*)"|([\w-]+)')
_HCL_LOCALS = re.compile(r"\s{0,200}locals\s*\{")
_HCL_LOCAL = re.compile(r"\s{0,200}([\w-]+)\s*=(?!=)")
_HCL_NESTED = frozenset(("job", "group", "task"))
"""Blocks of Nomad that are named within one another."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A definition that begins on a line.

    If `holds` is set, there may be further definitions in it. A `hidden` one has no name itself.
    """

    name: str
    kind: str
    holds: bool
    hidden: bool = False


@dataclass(slots=True)
class _Open:
    """A block that began at a depth of brackets."""

    named: _Named
    place: int
    depth: int
    opened: bool = False


_Reader = Callable[[str, "_Named | None"], "_Named | None"]
"""Takes a line and the block around it."""


def _proto(line: str, around: _Named | None) -> _Named | None:
    found = _PROTO.match(line)
    if found is None or (around is not None and around.kind == "extension"):
        return None
    word, name = found.groups()
    return _Named(name, _PROTO_KINDS[word], word in ("message", "service"))


def _graphql(line: str, around: _Named | None) -> _Named | None:
    if around is not None:
        field = _GRAPHQL_FIELD.match(line)
        return _Named(field.group(1), "field", holds=False) if field else None
    found = _GRAPHQL.match(line)
    if found is None:
        return None
    word, name = found.groups()
    return _Named(name, _GRAPHQL_KINDS[word], word == "type" and name in _GRAPHQL_ROOTS)


def _hcl(line: str, around: _Named | None) -> _Named | None:
    if around is not None and around.hidden:
        local = _HCL_LOCAL.match(line)
        return _Named(local.group(1), "constant", holds=False) if local else None
    if _HCL_LOCALS.match(line):
        return _Named("", "locals", holds=True, hidden=True)
    block = _HCL.match(line)
    if block is None or (around is not None and block.group(1) not in _HCL_NESTED):
        return None
    labels = (quoted or plain for quoted, plain in _HCL_LABEL.findall(block.group(2)))
    return _Named(".".join(filter(None, labels)), block.group(1), block.group(1) in _HCL_NESTED)


_READERS: dict[str, tuple[Marks, _Reader]] = {
    "protobuf": (Marks(("//",), (("/*", "*/"),), "\"'"), _proto),
    "graphql": (Marks(("#",), (('"""', '"""'),), '"'), _graphql),
    "terraform": (Marks(("#", "//"), (("/*", "*/"),), '"'), _hcl),
}
BLOCKED = frozenset(_READERS)


def blocks(language: str, lines: Sequence[str]) -> list[Found]:
    """Return the definitions of a text in the order of their first lines."""
    marks, read = _READERS[language]
    found: list[Found] = []
    around: list[_Open] = []
    depth = 0
    clear = split_lines(masked("".join(lines), marks))
    for number, line in enumerate(clear):
        inner = around[-1] if around else None
        is_here = depth == (inner.depth + 1 if inner else 0) and (inner is None or inner.named.holds)
        if is_here and not line.isspace() and len(around) < _DEEPEST:
            _begin(read(lines[number][:_LOOKED_AT], inner.named if inner else None), found, around, number, depth)
        depth = max(0, depth + sum(map(line.count, "{(")) - sum(map(line.count, "})")))
        for item in around:
            item.opened = item.opened or "{" in line
        while around and _is_over(around[-1], depth, clear, number):
            item = around.pop()
            if item.place >= 0:
                found[item.place] = replace(found[item.place], end_line=number + 1)
    return found


def _begin(named: _Named | None, found: list[Found], around: list[_Open], line: int, depth: int) -> None:
    if named is None or not (named.name or named.hidden):
        return
    scope = tuple(item.named.name for item in around if not item.named.hidden)
    around.append(_Open(named, -1 if named.hidden else len(found), depth))
    if not named.hidden:
        name = named.name[:_LONGEST_NAME]
        found.append(Found(name, named.kind, line, line, line + 1, scope, container=named.holds))


def _is_over(item: _Open, depth: int, clear: list[str], line: int) -> bool:
    if depth > item.depth:
        return False
    return item.opened or line + 1 >= len(clear) or not clear[line + 1].lstrip().startswith("{")
