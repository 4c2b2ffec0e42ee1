"""Keys in order: ascending, or by descending score with ties by ascending key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Mask

Scores = npt.NDArray[np.float32]
Positions = npt.NDArray[np.intp]
_COMPARED_KEYS = 16_384
_BLOCK_KEYS = 4_096
_MANY_TIMES = 4


def ascending(keys: Keys) -> Keys:
    """Return the keys sorted and without duplicates.

    Keys that are sorted already are returned unchanged: checking is a thousand times faster than
    sorting.
    """
    return keys if is_ascending(keys) else np.unique(keys)


def is_ascending(keys: Keys) -> bool:
    """Return whether keys are sorted and without duplicates; 1 ms for 1.5 million."""
    return bool((keys[1:] > keys[:-1]).all())


def located(known: Keys, keys: Keys) -> tuple[Mask, Positions]:
    """Return (which of `keys` are in `known`, where); `known` is ascending.

    Positions of keys that are not there are valid and mean nothing. Arrays that are nearly the same
    are compared a block at a time: 5 ms instead of 40 for 1.5 million keys. Few known keys are
    looked up among many ascending ones, instead of the other way round.
    """
    if len(keys) <= _BLOCK_KEYS and len(known):
        return _searched(known, keys)
    found, positions = np.zeros(len(keys), np.bool_), np.zeros(len(keys), np.intp)
    if not len(known):
        return found, positions
    if len(known) * _MANY_TIMES < len(keys) and is_ascending(keys):
        there, places = _searched(keys, known)
        found[places[there]], positions[places[there]] = True, np.flatnonzero(there)
        return found, positions
    starts = np.arange(0, len(keys), _BLOCK_KEYS)
    for start, at in zip(starts.tolist(), np.searchsorted(known, keys[starts]).tolist(), strict=True):
        block = keys[start : start + _BLOCK_KEYS]
        here = slice(start, start + len(block))
        if np.array_equal(known[at : at + len(block)], block):
            found[here], positions[here] = True, np.arange(at, at + len(block))
        else:
            found[here], positions[here] = _searched(known, block)
    return found, positions


def _searched(known: Keys, keys: Keys) -> tuple[Mask, Positions]:
    positions = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return known[positions] == keys, positions


def present(known: Keys, keys: Keys) -> Mask:
    """Return which of `keys` are in `known` (ascending)."""
    return located(known, keys)[0]


def differences(before: Keys, after: Keys) -> tuple[Keys, Keys]:
    """Return (keys that only `before` has, keys that only `after` has); both ascending, distinct.

    4 ms for two arrays of 1.5 million keys that are nearly the same.
    """
    gone, new = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    starts = np.arange(_COMPARED_KEYS, len(before), _COMPARED_KEYS)
    edges = zip([0, *starts.tolist()], [*starts.tolist(), len(before)], strict=True)
    others = [0, *np.searchsorted(after, before[starts]).tolist(), len(after)]
    for (start, end), at, until in zip(edges, others[:-1], others[1:], strict=True):
        one, other = before[start:end], after[at:until]
        if not np.array_equal(one, other):
            gone.append(one[~present(other, one)])
            new.append(other[~present(one, other)])
    return np.concatenate(gone), np.concatenate(new)


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
