"""Definitions by name, for the editor's symbol search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codekin.domain.values import Definition, Node
from codekin.searching.snapshot.snapshot import Snapshot

_MOST_FILES = 300
"""Maximum number of files examined for each grade of match, for about 10 ms in total."""
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class SymbolResult:
    """One definition. `line` is 0-based; `container` is the enclosing qualified name, or ""."""

    root: str
    path: str
    name: str
    kind: str
    container: str
    line: int


def find_symbols(views: Sequence[Snapshot], query: str, limit: int) -> list[SymbolResult]:
    """Return definitions whose name contains the query, best first.

    Exact names come first, then names that begin with the query, then those that contain it,
    shorter ones first. Blocking and bounded: if many files contain a name, only the first are
    examined, after those that define it.
    """
    wanted = query.strip().lower()[:_LONGEST_NAME]
    found = [item for view in views for file in _files(view, wanted) for item in _graded(view, file, wanted)]
    found.sort(key=lambda item: (item[0], item[1], item[2].name, item[2].path, item[2].line))
    return [symbol for _, _, symbol in found[:limit]]


def _files(view: Snapshot, wanted: str) -> list[int]:
    names = view.definitions
    best = [*names.defining(wanted)[:_MOST_FILES], *names.beginning(wanted)[:_MOST_FILES]]
    return list(dict.fromkeys([*best, *names.containing(wanted)[:_MOST_FILES]]))


def _grade(name: str, wanted: str) -> int | None:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if wanted in name else None


def _graded(view: Snapshot, file: int, wanted: str) -> list[tuple[int, int, SymbolResult]]:
    """Return (grade, length of the name, symbol) of the file's definitions that match."""
    block = view.blocks[file]
    return [
        (
            grade,
            len(item.name),
            SymbolResult(view.root, block.record.path, item.name, item.kind, _container(node, item), item.line),
        )
        for node in block.nodes
        for item in node.definitions
        if (grade := _grade(item.name.lower(), wanted)) is not None
    ]


def _container(node: Node, item: Definition) -> str:
    return node.symbol.removesuffix(item.name).rstrip(".") if node.symbol.endswith(item.name) else node.symbol
