"""The ranked list once more: ordered by likeness to the query or for variety, and cut where results are too weak."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Vectors
from codekin.domain.search import Refinement
from codekin.searching.ranking.file_ranking import Ranked
from codekin.searching.ranking.retrieval import vectors_of
from codekin.searching.snapshot.snapshot import Ints, Snapshot

_DEPTH = 100
"""Results that are ordered anew: what lies deeper was found too weak by all signals to be wanted."""
_RELEVANCE = 0.5
"""Share of the relevance in the order for variety; the usual middle of maximal marginal relevance."""

QueryVector = Callable[[Snapshot], Vectors]
Floats = npt.NDArray[np.float32]


def depth(refinement: Refinement, limit: int) -> int:
    """How many ranked results `refined` wants to see for `limit` of them."""
    return max(limit, _DEPTH) if refinement.rerank else limit


def refined(ranked: Sequence[Ranked], vector: QueryVector, refinement: Refinement, limit: int) -> list[Ranked]:
    """Best first, at most `limit`; parts still add up to the score. `vector` gives the query's in the model of a view."""
    chosen = list(ranked)
    if refinement.rerank == "similarity":
        chosen = _by_similarity(chosen, vector)
    elif refinement.rerank == "diversity":
        chosen = _by_diversity(chosen, limit)
    if refinement.threshold is not None and chosen:
        floor = _floor(refinement.threshold, chosen[0].score if refinement.of_best else None)
        chosen = [item for item in chosen if item.score >= floor]
    return chosen[:limit]


def _floor(threshold: float, best: float | None) -> float:
    """Penalties may leave the best score below zero: a share of it is as far below it as it would be above."""
    return threshold if best is None else best - (1.0 - threshold) * abs(best)


def _by_similarity(ranked: Sequence[Ranked], vector: QueryVector) -> list[Ranked]:
    found: list[Ranked] = []
    for view, places in _by_view(ranked):
        scores = np.vecdot(vectors_of(view, _nodes(ranked, places)), vector(view)).tolist()
        found.extend(
            Ranked(view, ranked[place].node, score, {"similarity": score})
            for place, score in zip(places, scores, strict=True)
        )
    return sorted(found, key=lambda item: -item.score)


def _by_diversity(ranked: Sequence[Ranked], limit: int) -> list[Ranked]:
    """Maximal marginal relevance (Carbonell and Goldstein 1998). The values that it picks never grow."""
    if not ranked:
        return []
    best = max(abs(ranked[0].score), 1e-9)
    relevance = np.array([item.score / best for item in ranked], dtype=np.float64) * _RELEVANCE
    repetition = np.zeros(len(ranked))
    waiting = np.ones(len(ranked), dtype=np.bool_)
    likeness = _likeness(ranked)
    chosen: list[Ranked] = []
    for _ in range(min(limit, len(ranked))):
        values = np.where(waiting, relevance - repetition, -np.inf)
        at = int(values.argmax())
        waiting[at] = False
        parts = {"relevance": float(relevance[at]), "repetition": -float(repetition[at])}
        chosen.append(Ranked(ranked[at].view, ranked[at].node, sum(parts.values()), parts))
        repetition = np.maximum(repetition, (1 - _RELEVANCE) * likeness[at])
    return chosen


def _likeness(ranked: Sequence[Ranked]) -> Floats:
    """Cosine of each with each, never below 0; 0 between results of two models, whose vectors do not compare."""
    result = np.zeros((len(ranked), len(ranked)), dtype=np.float32)
    groups: dict[str, list[tuple[list[int], Vectors]]] = {}
    for view, places in _by_view(ranked):
        rows = vectors_of(view, _nodes(ranked, places))
        groups.setdefault(view.backing.embedder.name, []).append((places, rows))
    for group in groups.values():
        members = np.concatenate([places for places, _ in group])
        rows = np.concatenate([rows for _, rows in group])
        result[np.ix_(members, members)] = np.maximum(rows @ rows.T, 0.0)
    return result


def _nodes(ranked: Sequence[Ranked], places: Sequence[int]) -> Ints:
    return np.array([ranked[place].node for place in places], dtype=np.int32)


def _by_view(ranked: Sequence[Ranked]) -> list[tuple[Snapshot, list[int]]]:
    views: dict[int, tuple[Snapshot, list[int]]] = {}
    for place, item in enumerate(ranked):
        views.setdefault(id(item.view), (item.view, []))[1].append(place)
    return list(views.values())
