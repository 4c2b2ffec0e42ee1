"""What the deep model says of files, on a scale that stands beside the other signals while only some files have been read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FEWEST = 8
_DEVIATIONS = 3.0

_NAMED_ENOUGH = 0.5

Floats = npt.NDArray[np.float32]
Values = npt.NDArray[np.float64]


def trust(deep: Floats, named: float) -> float:
    """How much the deep model counts for one query, 0 to 1. The square of the share that it has read of all candidates (`deep`
    are their cosines, NaN where it has not): the fitted weights are those of a whole tier, and files read early are not like
    the rest. Less, the larger the share of the query that the name of some file says, and nothing from one half on: such
    queries are found by words, and the deep model only disturbs (docs/research/deep.md).
    """
    if not len(deep):
        return 0.0
    return float(np.isfinite(deep).mean()) ** 2 * max(0.0, 1 - named / _NAMED_ENOUGH)


def standings(deep: Values, near: Values) -> Values:
    """How far each file's cosine by the deep model is above their mean, in thirds of the deviation: mostly within [-1, 1]. A file
    that it has not read (NaN) is taken to stand where its cosine by the first model, `near`, puts it by the line through
    those that were read; a fixed place would put it behind or before them all, and big files, read last, are often the
    ones looked for. All 0 with fewer than 8 to compare.
    """
    known = np.isfinite(deep)
    if np.count_nonzero(known) < _FEWEST:
        return np.zeros(len(deep))
    filled = np.where(known, deep, 0.0)
    if not known.all():
        one, other = near[known], deep[known]
        slope = float(np.mean((one - one.mean()) * (other - other.mean()))) / max(float(one.var()), 1e-9)
        filled[~known] = other.mean() + max(slope, 0.0) * (near[~known] - one.mean())
    spread = float(filled.std()) * _DEVIATIONS
    result: Values = (filled - filled.mean()) / max(spread, 1e-6)
    return result
