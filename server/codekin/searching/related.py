"""Code like the code under the cursor, from stored vectors alone: no model is called."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from codekin.domain.ports import Vectors
from codekin.domain.search import Filters, Refinement, SearchResult
from codekin.domain.values import NodeKind
from codekin.searching.candidates import check
from codekin.searching.filters import allowed_keys, node_mask
from codekin.searching.ranking import Ranked
from codekin.searching.refining import depth, refined
from codekin.searching.search import as_result
from codekin.searching.snippets import Snippets
from codekin.searching.timing import Observer, timed, unobserved
from codekin.searching.view import FILE_KIND, Ints, SearchView

_ALL, _PLAIN = Filters(), Refinement()


def related(
    views: Sequence[SearchView],
    origin: SearchView,
    path: str,
    start_line: int,
    end_line: int,
    limit: int,
    cancel: threading.Event | None = None,
    *,
    filters: Filters = _ALL,
    refinement: Refinement = _PLAIN,
    observe: Observer = unobserved,
) -> list[SearchResult]:
    """Chunks of all views nearest to those that cover [start_line, end_line) of a file, these left out; the score is the
    cosine. Empty where nothing is indexed there. Raises SettingsError for a filter that is none, CancelledError.
    """
    own = covering(origin, path, start_line, end_line)
    vector = _mean_vector(origin, own)
    if vector is None:
        return []
    wanted = depth(refinement, limit)
    found: list[Ranked] = []
    for view in views:
        check(cancel)
        mask = node_mask(view, filters)
        allowed = None if mask is None else allowed_keys(view, mask)
        with timed(observe):
            hits = view.backing.vectors.search(vector, 4 * wanted + len(own) + 16, allowed)
        nodes, which = view.locate(hits.keys)
        excluded = set(own.tolist()) if view is origin else set()
        for node, score in zip(nodes.tolist(), hits.scores[which].tolist(), strict=True):
            if node not in excluded and view.node_kind[node] != FILE_KIND and (mask is None or mask[node]):
                found.append(Ranked(view, node, score, {"dense": score}))
    found.sort(key=lambda item: -item.score)
    snippets = Snippets()
    best = refined(found[:wanted], lambda _: vector, refinement, limit)
    return [as_result(item, snippets, explain=True) for item in best]


def covering(view: SearchView, path: str, start_line: int, end_line: int) -> Ints:
    """Nodes of the file, but for the file's own, that share a line with [start_line, end_line)."""
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


def _mean_vector(view: SearchView, nodes: Ints) -> Vectors | None:
    if not len(nodes):
        return None
    keys = view.keys[view.node_key[nodes]]
    found, rows = view.backing.vectors.get(keys)
    overlaid = np.isin(view.backing.overlay_keys, keys)
    total = rows[found].sum(axis=0) + view.backing.overlay_rows[overlaid].sum(axis=0)
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length > 0 else None
