"""How good a ranked list of files is: the measures of the development set, over files."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

K = 10


@dataclass(frozen=True, slots=True)
class Score:
    """NDCG@10, the reciprocal of the first target's rank (0 beyond 10), the share of targets within 10, and whether the
    first result is a target. Each in [0, 1].
    """

    ndcg: float
    mrr: float
    recall: float
    hit1: float


def score(paths: Sequence[str], targets: Sequence[str]) -> Score:
    """`paths` best first; one that comes again takes up a place and counts once. `targets` is not empty."""
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
    """The mean of each measure; zeros for no scores at all."""
    listed = list(scores)
    if not listed:
        return Score(0.0, 0.0, 0.0, 0.0)
    return Score(*(statistics.fmean(getattr(item, name) for item in listed) for name in Score.__dataclass_fields__))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
