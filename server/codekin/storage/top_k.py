"""Keys in order: ascending, or by descending score with ties by ascending key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask

Scores = npt.NDArray[np.float32]


def ascending(keys: Keys) -> Keys:
    """The keys in order, each once: as they are, if they are so already, which is seen a thousand times faster than made."""
    return keys if bool((keys[1:] > keys[:-1]).all()) else np.unique(keys)


def present(held: Keys, keys: Keys) -> Mask:
    """Which of `keys` are in `held` (ascending)."""
    if not len(held):
        return np.zeros(len(keys), np.bool_)
    found: Mask = held[np.minimum(np.searchsorted(held, keys), len(held) - 1)] == keys
    return found


def merged(held: Keys, keys: Keys) -> Keys:
    """Both, each ascending and without doubles. One key more among 100,000 takes 0.06 ms, and 36 ms with `np.union1d`."""
    new = keys[~present(held, keys)]
    both: Keys = np.insert(held, np.searchsorted(held, new), new)
    return both


def best(keys: Keys, scores: Scores, k: int) -> tuple[Keys, Scores]:
    """The k best, k at least 1; `keys` ascending."""
    if len(scores) > k:
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
        chosen = np.flatnonzero(scores >= threshold)
        keys, scores = keys[chosen], scores[chosen]
    order = np.argsort(-scores, kind="stable")[:k]
    return keys[order], scores[order]


def best_of(found: Sequence[tuple[Keys, Scores]], k: int) -> tuple[Keys, Scores]:
    """The k best of what `best` found in several places; none of none."""
    if len(found) == 1:
        return found[0]
    keys = np.concatenate([np.empty(0, np.int64), *(keys for keys, _ in found)])
    scores = np.concatenate([np.empty(0, np.float32), *(scores for _, scores in found)])
    order = np.lexsort((keys, -scores))[:k]
    return keys[order], scores[order]
