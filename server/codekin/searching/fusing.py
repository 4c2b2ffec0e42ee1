"""What the deep model says of files, on a scale that stands beside the other signals while only some files have been read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FEWEST = 8
_DEVIATIONS = 3.0

Values = npt.NDArray[np.float64]


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
