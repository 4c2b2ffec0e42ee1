"""Rank commits, pull requests and folders by their texts and by how well the query names them."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codekin.domain.ports import Mask
from codekin.domain.search import Mode
from codekin.searching.query.parsing import Query
from codekin.searching.ranking.file_ranking import Ranked
from codekin.searching.ranking.retrieval import Floats, retrieve, vectors_of
from codekin.searching.ranking.timing import Observer
from codekin.searching.snapshot.snapshot import FileBlock, Ints, Snapshot
from codekin.storage import stem

# Similar to the weights of files for prose, so that the scores of both lists have the same range.
_LEXICAL, _DENSE, _TITLE_NAMED, _QUERY_IN_TITLE = 1.4, 1.2, 0.9, 0.9
_COMPARED = 150
"""Number of the best records whose titles are compared with the query; more would take too long."""
MOST = _LEXICAL + _DENSE + _TITLE_NAMED + _QUERY_IN_TITLE
"""Upper bound of all scores."""


@dataclass(frozen=True, slots=True)
class RecordCandidates:
    """Candidates of one view: `nodes` ascending, cosines and BM25 scores (0 beyond the depth)."""

    view: Snapshot
    nodes: Ints
    dense: Floats
    lexical: Floats


def gather_records(
    view: Snapshot,
    query: Query,
    mode: Mode,
    mask: Mask | None,
    cancel: threading.Event | None,
    observe: Observer,
) -> RecordCandidates:
    """Return the nearest nodes by meaning and the best by words, within the mask.

    Raises CancelledError, EmbedderError.
    """
    found = retrieve(view, query, mode, mask, cancel, observe, view.backing.lexical)
    marks = view.having(found.marks)
    nodes = np.flatnonzero(marks if mask is None else marks & mask).astype(np.int32)
    dense = (
        np.zeros(len(nodes), np.float32) if found.vector is None else np.vecdot(vectors_of(view, nodes), found.vector)
    )
    return RecordCandidates(view, nodes, dense, found.words[view.node_key[nodes]])


def rank_records(
    gathered: Sequence[RecordCandidates], query: Query, most: int, least: float = -math.inf, *, explain: bool = False
) -> list[Ranked]:
    """Return the best records, at most `most`, whose score exceeds `least`.

    A squashed pull request may occur twice: as itself and as its commit.
    """
    top_lexical = max((float(item.lexical.max(initial=0.0)) for item in gathered), default=0.0) or 1.0
    top_dense = max((float(item.dense.max(initial=0.0)) for item in gathered), default=0.0) or 1.0
    weights = _LEXICAL / top_lexical, _DENSE / top_dense
    found = [ranked for item in gathered for ranked in _best(item, query, weights, least, explain=explain)]
    return sorted(found, key=lambda item: -item.score)[:most]


def _best(
    item: RecordCandidates, query: Query, weights: tuple[float, float], least: float, *, explain: bool
) -> list[Ranked]:
    view, nodes = item.view, item.nodes
    lexical, dense = item.lexical * weights[0], np.maximum(item.dense, 0.0) * weights[1]
    match = lexical + dense
    order = np.argsort(-match, kind="stable")[:_COMPARED]
    ranked, stems = [], frozenset(map(stem, query.content_words))
    # The others cannot exceed `least`, however well their titles match.
    reachable = order[: np.count_nonzero(match[order] + (_TITLE_NAMED + _QUERY_IN_TITLE) > least)]
    for at in reachable.tolist():
        node = int(nodes[at])
        named, share = _title(view.blocks[int(view.node_file[node])], stems)
        parts = {
            "words": float(lexical[at]),
            "meaning": float(dense[at]),
            "words of the title": _TITLE_NAMED * named,
            "query in the title": _QUERY_IN_TITLE * share,
        }
        score = sum(parts.values())
        if score > least:
            shown = {name: part for name, part in parts.items() if part} if explain else {}
            ranked.append(Ranked(view, node, score, shown))
    return ranked


def _title(block: FileBlock, stems: frozenset[str]) -> tuple[float, float]:
    """Return (share of the title's words in the query, share of the query that they cover).

    The title of a folder is its name.
    """
    named = [word for word in block.name_stems if word in stems]
    return len(named) / max(1, len(block.name_stems)), len(set(named)) / max(1, len(stems))
