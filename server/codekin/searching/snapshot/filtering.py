"""Filters, evaluated once per file on the view, so that the answer is the same for all stores."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from codekin.chunking import language_of
from codekin.domain.commits import sha_of
from codekin.domain.ports import Keys, Mask
from codekin.domain.search import Filters
from codekin.domain.values import FileRecord, NodeKind
from codekin.files import PathGlobs
from codekin.searching.snapshot.roles import role_of
from codekin.searching.snapshot.snapshot import KINDS, Snapshot

_DAY_S = 86_400
_NONE = Filters()


def node_mask(view: Snapshot, filters: Filters) -> Mask | None:
    """Return bool (nodes,), or None when nothing is filtered.

    `filters` are those of `filter_values.checked`.
    """
    if filters == _NONE or replace(filters, at="") == _NONE:
        return None
    files = np.ones(len(view.blocks), np.bool_)
    for passing in _of_files(view, filters):
        files &= passing
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


def _of_files(view: Snapshot, filters: Filters) -> Iterator[Mask]:
    """Yield which files pass each of the filters that concern whole files.

    Records of files are not read: they would take 8 µs each, 8 s for a million.
    """
    facts = view.blocks.facts()
    if filters.languages:
        languages = _Choice(name.lower() for name in filters.languages)
        if view.of_records:
            yield _of_paths(view, lambda paths: (languages.of(language_of(path)) for path in paths))
        else:
            yield _of_values(facts.languages, facts.language, languages.of)
    if filters.extensions:
        endings = _Choice(_ending(name) for name in filters.extensions)
        yield _of_paths(view, lambda paths: (endings.ends(path.lower()) for path in paths))
    if filters.paths:
        yield _of_paths(view, PathGlobs(filters.paths).each, lambda record: _touched(record) or _folder(record))
    if filters.roles:
        roles = _Choice(filters.roles)
        yield _of_paths(view, lambda paths: (roles.of(role_of(path).label) for path in paths))
    if filters.authors:
        authors = _Choice(name.casefold() for name in filters.authors)
        yield _of_values(facts.authors, facts.author, lambda name: authors.within(name.casefold()))
    if filters.after:
        yield facts.date >= _day(filters.after)
    if filters.before:
        yield (facts.date > 0) & (facts.date < _day(filters.before) + _DAY_S)


def _of_values(values: Sequence[str], place: npt.NDArray[np.integer], passes: Callable[[str], bool]) -> Mask:
    """Test each distinct value once."""
    passing: Mask = np.array([passes(value) for value in values], dtype=np.bool_)
    chosen: Mask = passing[place]
    return chosen


def _of_paths(
    view: Snapshot,
    tested: Callable[[Iterable[str]], Iterator[bool]],
    paths_of: Callable[[FileRecord], Sequence[str]] | None = None,
) -> Mask:
    """Test the path of each file, or those of each record, of which one has to pass."""
    if not view.of_records:
        return np.fromiter(tested(view.blocks.paths), np.bool_, len(view.blocks))
    each = (any(tested((paths_of or _touched)(block.record))) for block in view.blocks)
    return np.fromiter(each, np.bool_, len(view.blocks))


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


def _touched(record: FileRecord) -> tuple[str, ...]:
    """Return the files that a commit changed; a folder has none."""
    return record.touched if sha_of(record.path) else ()


def _folder(record: FileRecord) -> tuple[str, ...]:
    """Return the folder's own path and the paths directly in it, any of which may match."""
    return (record.path.rstrip("/"), *record.touched)


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
    choice, found = _Choice(name.lower() for name in symbols), view.blocks.symbol_kinds()
    return _of_values(found.kinds, found.kind, lambda kind: bool(kind) and choice.of(kind))


def _day(text: str) -> int:
    """Seconds since the epoch at the beginning of an ISO date."""
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp())
