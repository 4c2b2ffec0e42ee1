"""Filters, evaluated once per file on the view, so that the answer is the same for all stores."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from codekin.chunking import language_of
from codekin.domain.commits import is_file, sha_of
from codekin.domain.ports import Keys, Mask
from codekin.domain.search import Filters
from codekin.domain.values import FileRecord, NodeKind
from codekin.files import PathGlobs
from codekin.searching.snapshot.roles import role_of
from codekin.searching.snapshot.snapshot import KINDS, Snapshot

_DAY_S = 86_400
_NONE = Filters()
Predicate = Callable[[FileRecord], bool]


def node_mask(view: Snapshot, filters: Filters) -> Mask | None:
    """Return bool (nodes,), or None when nothing is filtered.

    `filters` are those of `filter_values.checked`.
    """
    if filters == _NONE or replace(filters, at="") == _NONE:
        return None
    predicates = _predicates(filters)
    files = np.fromiter(
        (all(predicate(block.record) for predicate in predicates) for block in view.blocks),
        dtype=np.bool_,
        count=len(view.blocks),
    )
    mask: Mask = files[view.node_file] if len(view.node_file) else np.zeros(0, np.bool_)
    if filters.kinds:
        mask = mask & _of_kinds(view, filters.kinds)
    if filters.symbols:
        mask = mask & _of_symbols(view, filters.symbols)
    return mask


def allowed_keys(view: Snapshot, mask: Mask) -> Keys:
    """Return the content keys of all nodes within the mask, ascending."""
    marks = np.zeros(len(view.keys), np.bool_)
    marks[view.node_key[mask]] = True
    return view.keys[marks]


def _predicates(filters: Filters) -> list[Predicate]:
    predicates: list[Predicate] = []
    if filters.languages:
        languages = _Choice(name.lower() for name in filters.languages)
        predicates.append(lambda record: any(map(languages.of, _languages(record))))
    if filters.extensions:
        endings = _Choice(_ending(name) for name in filters.extensions)
        predicates.append(lambda record: any(endings.ends(path.lower()) for path in _files(record)))
    if filters.paths:
        globs = PathGlobs(filters.paths)
        predicates.append(lambda record: any(map(globs.matches, _files(record) or _folder(record))))
    if filters.roles:
        roles = _Choice(filters.roles)
        predicates.append(lambda record: any(roles.of(role_of(path).label) for path in _files(record)))
    if filters.authors:
        authors = _Choice(name.casefold() for name in filters.authors)
        predicates.append(lambda record: authors.within(record.author.casefold()))
    if filters.after:
        after = _day(filters.after)
        predicates.append(lambda record: record.date >= after)
    if filters.before:
        end = _day(filters.before) + _DAY_S
        predicates.append(lambda record: 0 < record.date < end)
    return predicates


class _Choice:
    """Wanted and unwanted values. If no value is wanted by name, all are."""

    def __init__(self, names: Iterable[str]) -> None:
        listed = list(names)
        self._wanted = tuple(name for name in listed if not name.startswith("!"))
        self._unwanted = tuple(name[1:] for name in listed if name.startswith("!"))

    def of(self, value: str) -> bool:
        return (not self._wanted or value in self._wanted) and value not in self._unwanted

    def ends(self, text: str) -> bool:
        return (not self._wanted or text.endswith(self._wanted)) and not text.endswith(self._unwanted)

    def within(self, text: str) -> bool:
        wanted = not self._wanted or any(name in text for name in self._wanted)
        return wanted and not any(name in text for name in self._unwanted)


def _files(record: FileRecord) -> tuple[str, ...]:
    """Return the file itself, or the files that a commit changed; a folder has none."""
    if is_file(record.path):
        return (record.path,)
    return record.touched if sha_of(record.path) else ()


def _folder(record: FileRecord) -> tuple[str, ...]:
    """Return the folder's own path and the paths directly in it, any of which may match."""
    return (record.path.rstrip("/"), *record.touched)


def _languages(record: FileRecord) -> Iterable[str]:
    return (record.language,) if is_file(record.path) else map(language_of, _files(record))


def _ending(name: str) -> str:
    excluded = "!" if name.startswith("!") else ""
    return f"{excluded}.{name.removeprefix('!').lstrip('.').lower()}"


def _of_kinds(view: Snapshot, kinds: Iterable[str]) -> Mask:
    listed = list(kinds)
    wanted = [KINDS.index(NodeKind(name)) for name in listed if not name.startswith("!")]
    unwanted = [KINDS.index(NodeKind(name[1:])) for name in listed if name.startswith("!")]
    mask: Mask = ~np.isin(view.node_kind, unwanted)
    return mask & np.isin(view.node_kind, wanted) if wanted else mask


def _of_symbols(view: Snapshot, symbols: Iterable[str]) -> Mask:
    choice = _Choice(name.lower() for name in symbols)
    kinds = (
        choice.of(node.symbol_kind) and bool(node.symbol_kind) for block in view.blocks for node in block.record.nodes
    )
    return np.fromiter(kinds, dtype=np.bool_, count=len(view.node_file))


def _day(text: str) -> int:
    """Seconds since the epoch at the beginning of an ISO date."""
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp())
