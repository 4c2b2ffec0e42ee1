"""Find code like the code under the cursor.

The vectors are stored ones. Only the text of a selection that cuts chunks is embedded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from codekin.domain.ports import Vectors
from codekin.domain.search import DUPLICATE, SIMILAR, Filters, Refinement, SearchResult
from codekin.domain.values import NodeKind
from codekin.errors import EmbedderError
from codekin.searching.counterparts import Origin, commits_of, counterparts
from codekin.searching.duplicates import DUPLICATE_COSINE, evidence, is_comparable
from codekin.searching.query.filter_values import checked
from codekin.searching.ranking.file_ranking import Ranked
from codekin.searching.ranking.reranking import depth, refined
from codekin.searching.ranking.retrieval import check, search_live, vectors_of
from codekin.searching.ranking.timing import Observer, timed, unobserved
from codekin.searching.search import as_result
from codekin.searching.snapshot.filtering import allowed_keys, node_mask
from codekin.searching.snapshot.snapshot import FILE_KIND, Ints, Snapshot
from codekin.searching.snapshot.snippets import MAX_CHARACTERS, text_between

T = TypeVar("T")
_ALL, _PLAIN = Filters(), Refinement()
_SHARE = 3
"""At most one result in three is a test, and at most one in three is a commit."""
_LEAST_SELECTED_LINES = 2
"""A single line is a cursor: its chunk is what it is about."""


def related(
    views: Sequence[Snapshot],
    origin: Snapshot,
    path: str,
    start_line: int,
    end_line: int,
    limit: int,
    cancel: threading.Event | None = None,
    history: Snapshot | None = None,
    *,
    filters: Filters = _ALL,
    refinement: Refinement = _PLAIN,
    observe: Observer = unobserved,
) -> list[SearchResult]:
    """Return tests, commits and similar chunks for lines [start_line, end_line) of a file.

    First come the tests of these lines, or the code that they test, and the file's commits in
    `history`, then the nearest chunks of all views other than these lines, with the cosine as
    score. With a refinement only the nearest chunks are returned. Lines between definitions belong
    to the nearest one. The result is empty if nothing is indexed in the file. Raises SettingsError
    for an invalid filter, and CancelledError.
    """
    own = covering(origin, path, start_line, end_line)
    if not len(own):
        own = _nearest(origin, path, start_line)
    vector = _selection_vector(origin, path, own, start_line, end_line)
    if vector is None:
        vector = _mean_vector(origin, own)
    if vector is None:
        return []
    filters = checked(filters)
    wanted = depth(refinement, limit)
    found: list[Ranked] = []
    for view in views:
        check(cancel)
        mask = node_mask(view, filters)
        allowed = None if mask is None else allowed_keys(view, mask)
        with timed(observe):
            hits = search_live(view, view.backing.vectors, vector, 4 * wanted + len(own) + 16, allowed)
        nodes, which = view.locate(hits.keys)
        excluded = set(own.tolist()) if view is origin else set()
        for node, score in zip(nodes.tolist(), hits.scores[which].tolist(), strict=True):
            if node not in excluded and view.node_kind[node] != FILE_KIND and (mask is None or mask[node]):
                found.append(Ranked(view, node, score, {"dense": score}))
    found.sort(key=lambda item: -item.score)
    check(cancel)
    start = Origin(origin, origin.file_of_path[path], own, vector, start_line, end_line)
    linked = _linked(start, history, filters, max(1, limit // _SHARE)) if refinement == _PLAIN else []
    shown = {(id(item.view), item.node) for item, _, _ in linked}
    keys = frozenset(origin.keys[origin.node_key[own]].tolist())
    best = refined(found[:wanted], lambda _: vector, refinement, limit)
    # Reranking replaces the cosines by other scores.
    cosines = {(id(item.view), item.node): item.score for item in found[:wanted]}
    similar = [
        (item, *_likeness(item, cosines[place], keys))
        for item in best
        if (place := (id(item.view), item.node)) not in shown
    ]
    return [
        replace(as_result(item, None, explain=True), relation=relation, reason=reason)
        for item, relation, reason in [*linked, *similar][:limit]
    ]


def _likeness(item: Ranked, cosine: float, keys: frozenset[int]) -> tuple[str, str]:
    """Return (relation, reason) of a chunk that was found by its vector.

    `keys` are the content keys of the code that it is compared with.
    """
    node = item.view.node(item.node)
    if not (is_comparable(node) and cosine >= DUPLICATE_COSINE):
        return SIMILAR, ""
    return DUPLICATE, evidence(cosine, is_same=node.key in keys)


def _linked(start: Origin, history: Snapshot | None, filters: Filters, most: int) -> list[tuple[Ranked, str, str]]:
    """Return (chunk, relation, reason) of at most `most` tests and as many commits.

    Only what passes the filters is returned.
    """
    relation = "tests" if start.is_test else "tested by"
    found = [
        (Ranked(start.view, link.node, link.strength, {"link": link.strength}), relation, link.reason)
        for link in _passing(start.view, filters, counterparts(start, history, most), lambda link: link.node)
    ]
    if history is not None:
        commits = _passing(history, filters, commits_of(history, start.path)[:most], lambda commit: commit[0])
        found.extend((Ranked(history, node, 1.0, {"link": 1.0}), how, "") for node, how in commits)
    return found


def _passing(view: Snapshot, filters: Filters, found: Iterable[T], node: Callable[[T], int]) -> list[T]:
    mask = node_mask(view, filters)
    return [item for item in found if mask is None or mask[node(item)]]


def covering(view: Snapshot, path: str, start_line: int, end_line: int) -> Ints:
    """Return the nodes of a file, except its own, that share a line with [start_line, end_line)."""
    file = view.file_of_path.get(path)
    if file is None:
        return np.empty(0, np.int32)
    first = int(view.first_node[file])
    last_line = max(end_line, start_line + 1)
    inside = [
        first + offset
        for offset, node in enumerate(view.blocks[file].nodes)
        if node.kind is not NodeKind.FILE and node.start_line < last_line and node.end_line > start_line
    ]
    return np.array(inside, dtype=np.int32)


def _nearest(view: Snapshot, path: str, line: int) -> Ints:
    """Return the node of a file, except its own, that is nearest to a line, if it has nodes."""
    file = view.file_of_path.get(path)
    nodes = [] if file is None else view.blocks[file].nodes
    inside = [(index, node) for index, node in enumerate(nodes) if node.kind is not NodeKind.FILE]
    if file is None or not inside:
        return np.empty(0, np.int32)
    index, _ = min(inside, key=lambda item: max(item[1].start_line - line, line - item[1].end_line + 1))
    return np.array([int(view.first_node[file]) + index], dtype=np.int32)


def _selection_vector(view: Snapshot, path: str, own: Ints, start_line: int, end_line: int) -> Vectors | None:
    """Return the vector of the text of several lines, or None if stored vectors describe them.

    They do if the lines consist of complete chunks.
    """
    if end_line - start_line < _LEAST_SELECTED_LINES or not len(own):
        return None
    nodes = [view.node(node) for node in own.tolist()]
    if all(start_line <= node.start_line and node.end_line <= end_line for node in nodes):
        return None
    text = text_between(view, view.blocks[view.file_of_path[path]], start_line, end_line)[:MAX_CHARACTERS]
    try:
        vector = view.backing.embedder.embed_passages([text])[0]
    except EmbedderError:
        return None  # the stored vectors of the chunks serve instead
    return vector if float(np.linalg.norm(vector)) > 0 else None


def _mean_vector(view: Snapshot, nodes: Ints) -> Vectors | None:
    total = vectors_of(view, nodes).sum(axis=0)
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length > 0 else None
