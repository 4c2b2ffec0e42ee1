"""Reorder the ranked list by similarity or for variety, and cut off weak results."""

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
"""Number of results that are reordered; all signals ranked deeper ones as too weak."""
_RELEVANCE = 0.5
"""Share of relevance in the order for variety, the usual middle of maximal marginal relevance."""

QueryVector = Callable[[Snapshot], Vectors]
Floats = npt.NDArray[np.float32]


def depth(refinement: Refinement, limit: int) -> int:
    """Return how many ranked results `refined` needs to return `limit` of them."""
    return max(limit, _DEPTH) if refinement.rerank else limit


def refined(ranked: Sequence[Ranked], vector: QueryVector, refinement: Refinement, limit: int) -> list[Ranked]:
    """Return the refined list, best first, at most `limit`; parts still add up to the score.

    `vector` returns the query's vector in the model of a view.
    """
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
    """Return the lowest score that passes the threshold.

    Penalties may make the best score negative. A share of it is then as far below it as it would be
    above.
    """
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
    """Order by maximal marginal relevance (Carbonell and Goldstein 1998).

    The values that it picks never increase.
    """
    if not ranked:
        return []
    best = max(abs(ranked[0].score), 1e-9)
    relevance = np.array([item.score / best for item in ranked], dtype=np.float64) * _RELEVANCE
    repetition = np.zeros(len(ranked))
    remaining = np.ones(len(ranked), dtype=np.bool_)
    likeness = _likeness(ranked)
    chosen: list[Ranked] = []
    for _ in range(min(limit, len(ranked))):
        values = np.where(remaining, relevance - repetition, -np.inf)
        at = int(values.argmax())
        remaining[at] = False
        parts = {"relevance": float(relevance[at]), "repetition": -float(repetition[at])}
        chosen.append(Ranked(ranked[at].view, ranked[at].node, sum(parts.values()), parts))
        repetition = np.maximum(repetition, (1 - _RELEVANCE) * likeness[at])
    return chosen


def _likeness(ranked: Sequence[Ranked]) -> Floats:
    """Return the cosine of each pair, at least 0.

    It is 0 between results of two models, whose vectors cannot be compared.
    """
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
