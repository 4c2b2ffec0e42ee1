"""Turn one layout to match another: orthogonal Procrustes, without scaling."""

from __future__ import annotations

import numpy as np

from codekin.mapping.neighbours import Floats, Ints

_LEAST_SHARED = 3


def align(places: Floats, which: Ints, targets: Floats) -> Floats:
    """Return `places` (n, 2) moved, turned and mirrored so that `which` come closest to `targets`.

    With fewer than three such places, they are only centred.
    """
    if len(which) < _LEAST_SHARED:
        centred: Floats = places - places.mean(axis=0)
        return centred
    shared = places[which]
    middle, target = shared.mean(axis=0), targets.mean(axis=0)
    left, _, right = np.linalg.svd((shared - middle).T @ (targets - target))
    aligned: Floats = (places - middle) @ (left @ right) + target
    return aligned
