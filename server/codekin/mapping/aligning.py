"""Turning one layout so that it lies upon another: orthogonal Procrustes, without stretching."""

from __future__ import annotations

import numpy as np

from codekin.mapping.neighbours import Floats, Ints

_LEAST_SHARED = 3


def align(places: Floats, which: Ints, targets: Floats) -> Floats:
    """`places` (n, 2), moved, turned and mirrored as a whole so that those at `which` come nearest to `targets`; with fewer
    than three of these merely centred.
    """
    if len(which) < _LEAST_SHARED:
        centred: Floats = places - places.mean(axis=0)
        return centred
    shared = places[which]
    middle, target = shared.mean(axis=0), targets.mean(axis=0)
    left, _, right = np.linalg.svd((shared - middle).T @ (targets - target))
    aligned: Floats = (places - middle) @ (left @ right) + target
    return aligned
