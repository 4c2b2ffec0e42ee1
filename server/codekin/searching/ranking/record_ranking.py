"""Ranks what is no file: commits, pull requests and folders, by their texts and by how well their titles are named."""

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

# The weights that files have for prose, so that the scores of both lists have about the same range.
_LEXICAL, _DENSE, _TITLE_NAMED, _QUERY_IN_TITLE = 1.4, 1.2, 0.9, 0.9
_LOOKED_AT = 150
"""Titles are compared for the best of them alone: that is what costs time."""


MOST = _LEXICAL + _DENSE + _TITLE_NAMED + _QUERY_IN_TITLE
"""What no score exceeds."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Candidates of one view: `nodes` ascending, with their cosines and their BM25 scores (0 beyond the depth)."""

    view: Snapshot
    nodes: Ints
    dense: Floats
    lexical: Floats


def gather_aside(
    view: Snapshot,
    query: Query,
    mode: Mode,
    mask: Mask | None,
    cancel: threading.Event | None,
    observe: Observer,
) -> Aside:
    """The nearest by meaning and the best by words, within the mask. Raises CancelledError, EmbedderError."""
    found = retrieve(view, query, mode, mask, cancel, observe, view.backing.lexical)
    marks = found.marks[view.node_key]
    nodes = np.flatnonzero(marks if mask is None else marks & mask).astype(np.int32)
    dense = (
        np.zeros(len(nodes), np.float32) if found.vector is None else np.vecdot(vectors_of(view, nodes), found.vector)
    )
    return Aside(view, nodes, dense, found.words[view.node_key[nodes]])


def rank_aside(
    gathered: Sequence[Aside], query: Query, most: int, least: float = -math.inf, *, explain: bool = False
) -> list[Ranked]:
    """Best first, at most `most`, with those left out that do not score more than `least`; a squashed pull request may be
    there twice, as the commit that it is as well.
    """
    top_lexical = max((float(item.lexical.max(initial=0.0)) for item in gathered), default=0.0) or 1.0
    top_dense = max((float(item.dense.max(initial=0.0)) for item in gathered), default=0.0) or 1.0
    weights = _LEXICAL / top_lexical, _DENSE / top_dense
    found = [ranked for item in gathered for ranked in _best(item, query, weights, least, explain=explain)]
    return sorted(found, key=lambda item: -item.score)[:most]


def _best(item: Aside, query: Query, weights: tuple[float, float], least: float, *, explain: bool) -> list[Ranked]:
    view, nodes = item.view, item.nodes
    lexical, dense = item.lexical * weights[0], np.maximum(item.dense, 0.0) * weights[1]
    match = lexical + dense
    order = np.argsort(-match, kind="stable")[:_LOOKED_AT]
    ranked, asked = [], frozenset(map(stem, query.asked))
    # Behind the first that its title cannot lift over the least, there is none.
    hopeful = order[: np.count_nonzero(match[order] + (_TITLE_NAMED + _QUERY_IN_TITLE) > least)]
    for at in hopeful.tolist():
        node = int(nodes[at])
        named, share = _title(view.blocks[int(view.node_file[node])], asked)
        parts = {
            "lexical": float(lexical[at]),
            "dense": float(dense[at]),
            "title_words": _TITLE_NAMED * named,
            "query_in_title": _QUERY_IN_TITLE * share,
        }
        score = sum(parts.values())
        if score > least:
            shown = {name: part for name, part in parts.items() if part} if explain else {}
            ranked.append(Ranked(view, node, score, shown))
    return ranked


def _title(block: FileBlock, asked: frozenset[str]) -> tuple[float, float]:
    """(share of the words of a title or a folder's name that are asked for, share of what is asked for that they cover)."""
    named = [word for word in block.name_stems if word in asked]
    return len(named) / max(1, len(block.name_stems)), len(set(named)) / max(1, len(asked))
