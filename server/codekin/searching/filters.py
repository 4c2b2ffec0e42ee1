"""Filters, evaluated once per file on the view: the same code, and so the same answer, for every store."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np

from codekin.domain.ports import Keys, Mask
from codekin.domain.search import Filters
from codekin.domain.values import FileRecord, NodeKind
from codekin.errors import SettingsError
from codekin.searching.view import KINDS, SearchView
from codekin.watching import PathGlobs

_DAY_S = 86_400
Predicate = Callable[[FileRecord], bool]


def node_mask(view: SearchView, filters: Filters) -> Mask | None:
    """Bool (nodes,), or None when nothing is filtered. Raises SettingsError for a date or kind that is none."""
    if filters == Filters():
        return None
    predicates = _predicates(filters)
    files = np.fromiter(
        (all(predicate(block.record) for predicate in predicates) for block in view.blocks),
        dtype=np.bool_,
        count=len(view.blocks),
    )
    mask: Mask = files[view.node_file] if len(view.node_file) else np.zeros(0, np.bool_)
    if filters.kinds:
        mask = mask & np.isin(view.node_kind, [KINDS.index(_kind(name)) for name in filters.kinds])
    return mask


def allowed_keys(view: SearchView, mask: Mask) -> Keys:
    """Content keys that at least one node within the mask bears, ascending."""
    return view.keys[np.unique(view.node_key[mask])]


def _predicates(filters: Filters) -> list[Predicate]:
    predicates: list[Predicate] = []
    if filters.languages:
        languages = {name.lower() for name in filters.languages}
        predicates.append(lambda record: record.language in languages)
    if filters.extensions:
        endings = tuple(f".{name.lstrip('.').lower()}" for name in filters.extensions)
        predicates.append(lambda record: record.path.lower().endswith(endings))
    if filters.paths:
        globs = PathGlobs(filters.paths)
        predicates.append(lambda record: globs.matches(record.path))
    if filters.authors:
        authors = [name.casefold() for name in filters.authors]
        predicates.append(lambda record: any(name in record.author.casefold() for name in authors))
    if filters.after:
        after = _day("after", filters.after)
        predicates.append(lambda record: record.date >= after)
    if filters.before:
        end = _day("before", filters.before) + _DAY_S
        predicates.append(lambda record: 0 < record.date < end)
    return predicates


def _day(name: str, text: str) -> int:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f'Filter "{name}" must be a date such as 2026-01-31, not "{text}".') from error
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())


def _kind(name: str) -> NodeKind:
    try:
        return NodeKind(name)
    except ValueError as error:
        known = ", ".join(kind.value for kind in KINDS)
        raise SettingsError(f'Filter "kinds" must be of {known}, not "{name}".') from error
