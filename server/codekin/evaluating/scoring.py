"""Quality of a ranked list of files, by the measures of the development set."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

K = 10


@dataclass(frozen=True, slots=True)
class Score:
    """Four measures of one list, each in [0, 1].

    NDCG@10, the reciprocal rank of the first target (0 beyond 10), the share of targets within 10,
    and whether the first result is a target.
    """

    ndcg: float
    mrr: float
    recall: float
    hit1: float


def score(paths: Sequence[str], targets: Sequence[str]) -> Score:
    """Score `paths`, best first, for `targets`, which are not empty.

    A repeated path takes up a place but counts once.
    """
    ranks = [paths.index(target) + 1 for target in targets if target in paths[:K]]
    gain = sum(1 / math.log2(rank + 1) for rank in ranks)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(K, len(targets)) + 1))
    return Score(
        ndcg=gain / ideal,
        mrr=1 / min(ranks) if ranks else 0.0,
        recall=len(ranks) / len(targets),
        hit1=float(bool(ranks) and min(ranks) == 1),
    )


def mean(scores: Iterable[Score]) -> Score:
    """Return the mean of each measure; zeros without scores."""
    listed = list(scores)
    if not listed:
        return Score(0.0, 0.0, 0.0, 0.0)
    return Score(*(statistics.fmean(getattr(item, name) for item in listed) for name in Score.__dataclass_fields__))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
