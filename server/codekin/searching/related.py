"""Code like the code under the cursor, from stored vectors alone: no model is called."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from codekin.domain.ports import Vectors
from codekin.domain.search import SIMILAR, SearchResult
from codekin.domain.values import NodeKind
from codekin.searching.candidates import check
from codekin.searching.links import Origin, commits_of, counterparts
from codekin.searching.ranking import Ranked
from codekin.searching.search import as_result
from codekin.searching.snippets import Snippets
from codekin.searching.view import KINDS, Ints, SearchView

_SHARE = 3
"""Of the places, at most one in so many goes to tests, and to commits."""
_FILE_KIND = KINDS.index(NodeKind.FILE)


def related(
    views: Sequence[SearchView],
    origin: SearchView,
    path: str,
    start_line: int,
    end_line: int,
    limit: int,
    cancel: threading.Event | None = None,
    aside: SearchView | None = None,
) -> list[SearchResult]:
    """First the tests of what stands in [start_line, end_line) of a file, or the code that these test, and the file's commits
    among `aside`; then the chunks of all views nearest to it, which are not itself: their score is the cosine. Empty where
    nothing is indexed there.
    """
    own = covering(origin, path, start_line, end_line)
    vector = _mean_vector(origin, own)
    if vector is None:
        return []
    found: list[Ranked] = []
    for view in views:
        check(cancel)
        # Rows of commits and of vanished content are in the same store.
        allowed = view.keys if len(view.backing.vectors) > len(view.keys) else None
        hits = view.backing.vectors.search(vector, 4 * limit + len(own) + 16, allowed)
        nodes, which = view.locate(hits.keys)
        excluded = set(own.tolist()) if view is origin else set()
        for node, score in zip(nodes.tolist(), hits.scores[which].tolist(), strict=True):
            if node not in excluded and view.node_kind[node] != _FILE_KIND:
                found.append(Ranked(view, node, score, {"dense": score}))
    found.sort(key=lambda item: -item.score)
    check(cancel)
    start = Origin(origin, origin.file_of_path[path], own, vector, start_line, end_line)
    linked = _linked(start, aside, max(1, limit // _SHARE))
    shown = {(id(item.view), item.node) for item, _, _ in linked}
    similar = [(item, SIMILAR, "") for item in found if (id(item.view), item.node) not in shown]
    snippets = Snippets()
    return [
        replace(as_result(item, snippets, explain=True), relation=relation, reason=reason)
        for item, relation, reason in [*linked, *similar][:limit]
    ]


def _linked(start: Origin, aside: SearchView | None, most: int) -> list[tuple[Ranked, str, str]]:
    """(what, relation, reason): at most `most` tests, and as many commits."""
    relation = "tests" if start.is_test else "tested by"
    found = [
        (Ranked(start.view, link.node, link.strength, {"link": link.strength}), relation, link.reason)
        for link in counterparts(start, aside, most)
    ]
    if aside is not None:
        commits = commits_of(aside, start.path)[:most]
        found.extend((Ranked(aside, node, 1.0, {"link": 1.0}), how, "") for node, how in commits)
    return found


def covering(view: SearchView, path: str, start_line: int, end_line: int) -> Ints:
    """Nodes of the file, but for the file's own, that share a line with [start_line, end_line)."""
    file = view.file_of_path.get(path)
    if file is None:
        return np.empty(0, np.int32)
    first = int(view.first_node[file])
    last_line = max(end_line, start_line + 1)
    inside = [
        first + offset
        for offset, node in enumerate(view.blocks[file].record.nodes)
        if node.kind is not NodeKind.FILE and node.start_line < last_line and node.end_line > start_line
    ]
    return np.array(inside, dtype=np.int32)


def _mean_vector(view: SearchView, nodes: Ints) -> Vectors | None:
    if not len(nodes):
        return None
    keys = view.keys[view.node_key[nodes]]
    found, rows = view.backing.vectors.get(keys)
    overlaid = np.isin(view.backing.overlay_keys, keys)
    total = rows[found].sum(axis=0) + view.backing.overlay_rows[overlaid].sum(axis=0)
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length > 0 else None
