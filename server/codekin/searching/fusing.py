"""What two models say of one candidate becomes one figure, also while only some candidates have vectors of both."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Mask

SHARE = 0.7
"""How much the deep model counts where it has a vector (docs/deep.md: fitted on the development set)."""
SPREAD = 2.0
"""How much further apart its cosines are set than the first model's: it tells candidates apart with fewer errors."""
_FEWEST = 8

Floats = npt.NDArray[np.float32]


def fused(near: Floats, found: Mask, deep: Floats) -> Floats:
    """`near` and `deep` are cosines with the same query by the first and the deep model, `deep` where `found`. Cosines of two
    models lie on different scales, so the deep ones are first laid over the others: same mean, `SPREAD` times the deviation,
    over the candidates that have both. With fewer than 8 of them the scales cannot be told, and `near` stands.
    """
    if np.count_nonzero(found) < _FEWEST:
        return near
    one, other = near[found], deep[found]
    scale = SPREAD * float(one.std()) / max(float(other.std()), 1e-6)
    result: Floats = near.copy()
    result[found] = (1 - SHARE) * one + SHARE * (float(one.mean()) + scale * (other - float(other.mean())))
    return result
