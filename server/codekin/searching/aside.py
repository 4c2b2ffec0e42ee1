"""Ranks what is no file: commits, pull requests and folders, by their texts and by how well their titles are named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from codekin.searching.candidates import Candidates
from codekin.searching.query import Query
from codekin.searching.ranking import Ranked
from codekin.searching.view import FileBlock
from codekin.storage import stem

# The weights that files have for prose, so that the scores of both lists have about the same range.
_LEXICAL, _DENSE, _TITLE_NAMED, _QUERY_IN_TITLE = 1.4, 1.2, 0.9, 0.9
_LOOKED_AT = 150
"""Titles are compared for the best of them alone: that is what costs time."""


def rank_aside(gathered: Sequence[Candidates], query: Query, most: int) -> list[Ranked]:
    """Best first, at most `most`; a squashed pull request may be there twice, as the commit that it is as well."""
    top_lexical = max((float(item.lexical.max(initial=0.0)) for item in gathered), default=0.0) or 1.0
    top_dense = max((float(item.dense.max(initial=0.0)) for item in gathered), default=0.0) or 1.0
    found = [ranked for item in gathered for ranked in _best(item, query, _LEXICAL / top_lexical, _DENSE / top_dense)]
    return sorted(found, key=lambda item: -item.score)[:most]


def _best(candidates: Candidates, query: Query, lexical_weight: float, dense_weight: float) -> list[Ranked]:
    view, nodes = candidates.view, candidates.nodes
    lexical, dense = candidates.lexical * lexical_weight, np.maximum(candidates.dense, 0.0) * dense_weight
    order = np.argsort(-(lexical + dense), kind="stable")
    ranked, asked = [], frozenset(map(stem, query.asked))
    for at in order[:_LOOKED_AT].tolist():
        node = int(nodes[at])
        named, share = _title(view.blocks[int(view.node_file[node])], asked)
        parts = {
            "lexical": float(lexical[at]),
            "dense": float(dense[at]),
            "title_words": _TITLE_NAMED * named,
            "query_in_title": _QUERY_IN_TITLE * share,
        }
        ranked.append(Ranked(view, node, sum(parts.values()), {name: part for name, part in parts.items() if part}))
    return ranked


def _title(block: FileBlock, asked: frozenset[str]) -> tuple[float, float]:
    """(share of the words of a title or a folder's name that are asked for, share of what is asked for that they cover)."""
    named = [word for word in block.name_stems if word in asked]
    return len(named) / max(1, len(block.name_stems)), len(set(named)) / max(1, len(asked))
