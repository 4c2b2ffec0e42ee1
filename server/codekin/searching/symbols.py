"""Definitions by name, for the editor's symbol search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codekin.searching.view import SearchView


@dataclass(frozen=True, slots=True)
class SymbolResult:
    """One definition; `line` is 0-based, `container` the enclosing qualified name, "" if none."""

    root: str
    path: str
    name: str
    kind: str
    container: str
    line: int


def find_symbols(views: Sequence[SearchView], query: str, limit: int) -> list[SymbolResult]:
    """Best first: the name itself, names that begin with it, names that hold it; shorter ones first."""
    wanted = query.strip().lower()
    found: list[tuple[int, int, SymbolResult]] = []
    for view in views:
        for name, paths in view.definitions.items():
            grade = _grade(name, wanted)
            if grade is not None:
                found.extend((grade, len(name), symbol) for path in paths for symbol in _definitions(view, path, name))
    found.sort(key=lambda item: (item[0], item[1], item[2].name, item[2].path, item[2].line))
    return [symbol for _, _, symbol in found[:limit]]


def _grade(name: str, wanted: str) -> int | None:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if wanted in name else None


def _definitions(view: SearchView, path: str, name: str) -> list[SymbolResult]:
    file = view.file_of_path.get(path)
    if file is None:
        return []
    results: list[SymbolResult] = []
    for node in view.blocks[file].record.nodes:
        for item in node.definitions:
            if item.name.lower() == name:
                container = (
                    node.symbol.removesuffix(item.name).rstrip(".") if node.symbol.endswith(item.name) else node.symbol
                )
                results.append(SymbolResult(view.root, path, item.name, item.kind, container, item.line))
    return results
