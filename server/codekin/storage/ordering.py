"""Keys in order: ascending, or by descending score with ties by ascending key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys

Scores = npt.NDArray[np.float32]


def ascending(keys: Keys) -> Keys:
    """The keys in order, each once: as they are, if they are so already, which is seen a thousand times faster than made."""
    return keys if bool((keys[1:] > keys[:-1]).all()) else np.unique(keys)


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
