"""Definitions by name, for the symbol search of an editor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from codekin.domain.values import Definition, Node
from codekin.domain.words import bare_name, qualifiers, split_identifier
from codekin.searching.snapshot.name_index import NameIndex
from codekin.searching.snapshot.snapshot import Snapshot

_MAX_NODES = 6_000
"""Maximum number of nodes to compare, which takes about 30 ms."""
_MAX_NAME = 200
_MIN_SUBSEQUENCE = 3
"""Shorter queries are a subsequence of most names."""


@dataclass(frozen=True, slots=True)
class SymbolResult:
    """One definition; `line` is 0-based, `container` is the enclosing qualified name or ""."""

    root: str
    path: str
    name: str
    kind: str
    container: str
    line: int


class _Match(IntEnum):
    EXACT = 0
    PREFIX = 1
    HUMPS = 2
    """The query consists of word beginnings, such as "phr" or "parHttp" for parseHttpResponse."""
    SUBSTRING = 3
    SUBSEQUENCE = 4


def find_symbols(views: Sequence[Snapshot], query: str, limit: int) -> list[SymbolResult]:
    """Return the best matches, shorter names first.

    The order is exact match, prefix, word beginnings, substring, subsequence.
    A qualified query such as `Class.method` or `a::b` also matches the container. Letter case only
    decides between equal matches. Blocking and bounded: files that define exactly this name are
    compared first, then as many others as the limit allows.
    """
    text = query.strip()[:_MAX_NAME]
    name, scope = (bare_name(text), qualifiers(text)) if text else ("", ())
    found: list[tuple[_Match, bool, int, SymbolResult]] = []
    budget = _MAX_NODES
    for file, view in _files(views, name.lower()):
        nodes = view.blocks[file].nodes
        budget -= len(nodes)
        found.extend(_matches(view, file, name, scope))
        if budget < 0:
            break
    found.sort(key=lambda item: (*item[:3], item[3].name, item[3].path, item[3].line))
    return [symbol for *_, symbol in found[:limit]]


def _files(views: Sequence[Snapshot], name: str) -> Iterator[tuple[int, Snapshot]]:
    """Yield each (file, view) once, those that define exactly this name first."""
    seen: set[tuple[int, int]] = set()
    lookups = [NameIndex.defining, NameIndex.beginning, NameIndex.containing]
    if len(name) >= _MIN_SUBSEQUENCE:
        lookups.append(NameIndex.subsequence)
    for lookup in lookups:
        for view in views:
            for file in lookup(view.definitions, name):
                if (id(view), file) not in seen:
                    seen.add((id(view), file))
                    yield file, view


def _matches(
    view: Snapshot, file: int, name: str, scope: tuple[str, ...]
) -> Iterator[tuple[_Match, bool, int, SymbolResult]]:
    """Yield (match, whether the letter case differs, length, symbol) of the file's definitions."""
    block = view.blocks[file]
    for node in block.nodes:
        for item in node.definitions:
            match = _match(item.name, name)
            container = _container(node, item)
            if match is not None and _within(container, scope):
                symbol = SymbolResult(view.root, block.record.path, item.name, item.kind, container, item.line)
                yield match, name not in item.name, len(item.name), symbol


def _match(name: str, wanted: str) -> _Match | None:
    folded, sought = name.lower(), wanted.lower()
    if folded == sought:
        return _Match.EXACT
    if folded.startswith(sought):
        return _Match.PREFIX
    if not _subsequence(sought.replace("_", "")).match(folded):
        return None  # Every other match is one of these.
    if _is_of_humps(split_identifier(name), sought):
        return _Match.HUMPS
    if sought in folded:
        return _Match.SUBSTRING
    is_subsequence = len(sought) >= _MIN_SUBSEQUENCE and _subsequence(sought).match(folded)
    return _Match.SUBSEQUENCE if is_subsequence else None


@lru_cache(maxsize=64)
def _subsequence(text: str) -> re.Pattern[str]:
    """Return an expression for names that contain the characters in this order."""
    return re.compile("".join(f"[^{re.escape(character)}]*{re.escape(character)}" for character in text))


def _is_of_humps(words: Sequence[str], wanted: str) -> bool:
    """Whether `wanted`, without underscores, joins beginnings of the words in their order."""
    reached = {0}
    sought = wanted.replace("_", "")
    for word in words:
        for start in sorted(reached):
            length = 0
            while start + length < len(sought) and length < len(word) and sought[start + length] == word[length]:
                length += 1
                reached.add(start + length)
        if len(sought) in reached:
            return True
    return False


def _within(container: str, scope: tuple[str, ...]) -> bool:
    """Whether the container ends with the qualifiers of the query."""
    if not scope:
        return True
    parts = (*qualifiers(container), bare_name(container).lower())
    return len(parts) >= len(scope) and all(
        part.startswith(asked) for part, asked in zip(parts[-len(scope) :], scope, strict=True)
    )


def _container(node: Node, item: Definition) -> str:
    return node.symbol.removesuffix(item.name).rstrip(".") if node.symbol.endswith(item.name) else node.symbol
