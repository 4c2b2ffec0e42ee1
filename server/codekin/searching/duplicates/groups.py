"""Find chunks of a workspace that are nearly the same, in groups."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.domain.search import DUPLICATE, Filters, SearchResult
from codekin.domain.values import Node, NodeKind
from codekin.errors import SettingsError
from codekin.searching.duplicates.near_pairs import Places, near_pairs
from codekin.searching.query.filter_values import checked
from codekin.searching.ranking.file_ranking import Ranked
from codekin.searching.ranking.retrieval import check, vectors_of
from codekin.searching.search import as_result
from codekin.searching.snapshot.filtering import node_mask
from codekin.searching.snapshot.snapshot import KINDS, Snapshot

DUPLICATE_COSINE = 0.95
"""Minimum similarity of duplicates. In Gin, such functions are copies with a detail changed."""
_LEAST_COSINE = 0.9
"""Among less similar vectors, sorted hashes miss most pairs."""
_LEAST_LINES = 4
"""Shorter chunks, such as the licence and imports of a file, are often alike by chance."""
_KINDS = (KINDS.index(NodeKind.CODE), KINDS.index(NodeKind.TEST))
_MAX_CHUNKS = 200_000
_MAX_PLACES = 50
"""Maximum number of places that are returned for one group."""


@dataclass(frozen=True, slots=True)
class DuplicatesRequest:
    """A request for duplicates; `limit` is the maximum number of groups, `least` a cosine."""

    limit: int = 100
    least: float = DUPLICATE_COSINE
    filters: Filters = field(default_factory=Filters)

    def __post_init__(self) -> None:
        """Raise SettingsError for a number that is out of range."""
        if self.limit < 1:
            raise SettingsError(f"`limit` must be at least 1, not {self.limit}.")
        if not _LEAST_COSINE <= self.least <= 1:
            raise SettingsError(f"`threshold` must be from {_LEAST_COSINE} to 1, not {self.least}.")


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Places with nearly the same code: each is similar to the first one.

    Their score is the cosine with the first place, 1 for itself. `count` is the number of places,
    of which at most 50 are listed.
    """

    places: tuple[SearchResult, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups, those that repeat most lines first, and those of tests only last.

    `total` is the number of groups, `compared` that of chunks. `is_cut` is whether there are more
    chunks than are compared.
    """

    groups: tuple[DuplicateGroup, ...]
    total: int
    compared: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Chunk:
    view: Snapshot
    node: int
    stored: Node

    @property
    def lines(self) -> int:
        return self.stored.end_line - self.stored.start_line

    @property
    def definition(self) -> tuple[int, int, str]:
        """Equal for the parts of a long definition, which often resemble each other."""
        return id(self.view), int(self.view.node_file[self.node]), self.stored.symbol


def is_comparable(node: Node) -> bool:
    """Return whether a chunk can be a duplicate: it is in a definition and not too short."""
    return bool(node.symbol) and node.end_line - node.start_line >= _LEAST_LINES


def evidence(cosine: float, *, is_same: bool) -> str:
    """Return why a chunk is a duplicate; `is_same` is whether the text is the same."""
    return "the same text" if is_same else f"similarity {cosine:.2f}"


def duplicates(
    views: Sequence[Snapshot], request: DuplicatesRequest, cancel: threading.Event | None = None
) -> Duplicates:
    """Return groups of chunks of files with a cosine of at least `least` with the first of a group.

    Compares the first 200,000 chunks in the order of their paths. Raises SettingsError for an
    invalid filter, and CancelledError.
    """
    if request.filters.at:
        raise SettingsError("`at:` is not supported for duplicates. Remove it from the filters.")
    chunks, is_cut = _chunks(views, checked(request.filters), cancel)
    texts = _Texts(chunks)
    groups = [group for star, cosines in _stars(texts, request.least, cancel) if (group := texts.group(star, cosines))]
    groups.sort(key=lambda group: (group.is_test, -group.repeated_lines))
    shown = []
    for group in groups[: request.limit]:
        check(cancel)
        shown.append(group.result())
    return Duplicates(tuple(shown), len(groups), len(chunks), is_cut)


def _chunks(views: Sequence[Snapshot], filters: Filters, cancel: threading.Event | None) -> tuple[list[_Chunk], bool]:
    """Return the chunks to compare, and whether there are more."""
    found: list[_Chunk] = []
    for view in views:
        if view.of_records:
            continue
        mask = node_mask(view, filters)
        usable = np.isin(view.node_kind, _KINDS)
        nodes = np.flatnonzero(usable if mask is None else usable & mask)
        for node in nodes.tolist():
            if len(found) == _MAX_CHUNKS:
                return found, True
            if len(found) % 1_000 == 0:
                check(cancel)
            if is_comparable(stored := view.node(node)):
                found.append(_Chunk(view, node, stored))
    return found, False


@dataclass(frozen=True, slots=True)
class _Group:
    """The chunks of a group with their cosines, the first chunk of each definition only."""

    chunks: list[_Chunk]
    cosines: list[float]

    @property
    def repeated_lines(self) -> int:
        return sum(chunk.lines for chunk in self.chunks[1:])

    @property
    def is_test(self) -> bool:
        return all(chunk.stored.kind is NodeKind.TEST for chunk in self.chunks)

    def result(self) -> DuplicateGroup:
        first = self.chunks[0].stored.key
        places = [
            as_result(Ranked(chunk.view, chunk.node, cosine, {}), None, explain=False)
            for chunk, cosine in zip(self.chunks[:_MAX_PLACES], self.cosines, strict=False)
        ]
        others = [
            replace(place, relation=DUPLICATE, reason=evidence(place.score, is_same=chunk.stored.key == first))
            for chunk, place in zip(self.chunks[1:], places[1:], strict=False)
        ]
        return DuplicateGroup((places[0], *others), len(self.chunks))


class _Texts:
    """The distinct texts of chunks, ascending by key, and where each occurs."""

    def __init__(self, chunks: Sequence[_Chunk]) -> None:
        keys: Keys = np.array([chunk.stored.key for chunk in chunks], np.int64)
        distinct, first, text_of = np.unique(keys, return_index=True, return_inverse=True)
        self._chunks = chunks
        self._first = first
        self._order = np.argsort(text_of, kind="stable")
        self._ends = np.searchsorted(text_of[self._order], np.arange(len(distinct) + 1))

    def __len__(self) -> int:
        return len(self._first)

    @property
    def repeated(self) -> Places:
        """The texts that occur more than once."""
        return np.flatnonzero(np.diff(self._ends) > 1)

    def rows(self, places: Places) -> Vectors:
        """Return the vectors of texts, zeros for those that are not stored yet."""
        chunks = [self._chunks[index] for index in self._first[places].tolist()]
        rows = np.zeros((len(chunks), chunks[0].view.backing.embedder.dim), np.float32)
        for view in {id(chunk.view): chunk.view for chunk in chunks}.values():
            here = [number for number, chunk in enumerate(chunks) if chunk.view is view]
            rows[here] = vectors_of(view, np.array([chunks[number].node for number in here], np.int32))
        return rows

    def group(self, texts: Sequence[int], cosines: Sequence[float]) -> _Group | None:
        """Return the group of texts in their order, or None if only one definition has them."""
        kept: dict[tuple[int, int, str], tuple[_Chunk, float]] = {}
        for text, cosine in zip(texts, cosines, strict=True):
            for index in self._order[self._ends[text] : self._ends[text + 1]].tolist():
                kept.setdefault(self._chunks[index].definition, (self._chunks[index], cosine))
        if len(kept) < 2:  # noqa: PLR2004 - a duplicate has another place
            return None
        return _Group([chunk for chunk, _ in kept.values()], [cosine for _, cosine in kept.values()])


def _stars(texts: _Texts, least: float, cancel: threading.Event | None) -> Iterator[tuple[list[int], list[float]]]:
    """Yield (texts, cosines with the first) of texts that are near to the first, or repeated.

    Texts that are connected by pairs are compared with the one that has most pairs. Those that are
    not near to it are compared among themselves again.
    """
    first, second = near_pairs(len(texts), texts.rows, least, cancel)
    degree = np.bincount(np.concatenate((first, second)), minlength=len(texts))
    label = _components(len(texts), first, second)
    paired = np.flatnonzero(degree > 0)
    paired = paired[np.argsort(label[paired], kind="stable")]
    for component in np.split(paired, np.flatnonzero(np.diff(label[paired])) + 1):
        left = component
        while len(left):
            check(cancel)
            rows = texts.rows(left)
            centre = int(np.argmax(degree[left]))
            cosines = np.vecdot(rows, rows[centre])
            cosines[centre] = np.inf  # it is the first
            near = np.flatnonzero(cosines >= least)
            near = near[np.argsort(-cosines[near], kind="stable")]
            yield left[near].tolist(), np.minimum(cosines[near], 1.0).tolist()
            left = np.delete(left, near)
    for text in np.setdiff1d(texts.repeated, paired, assume_unique=True).tolist():
        yield [text], [1.0]


def _components(count: int, first: Places, second: Places) -> Places:
    """Return the lowest place that each of `count` places is connected with."""
    label = np.arange(count)
    while True:
        lower = label.copy()
        np.minimum.at(lower, first, label[second])
        np.minimum.at(lower, second, label[first])
        lower = lower[lower]
        if np.array_equal(lower, label):
            return label
        label = lower
