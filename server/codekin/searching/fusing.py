"""What the deep model says of files, on a scale that stands beside the other signals while only some files have been read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FEWEST = 8
_DEVIATIONS = 3.0

Values = npt.NDArray[np.float64]


def standings(cosines: Values) -> Values:
    """How far each file's cosine is above the mean of all that have one, in thirds of the deviation: mostly within [-1, 1]. A
    file without one (NaN) gets 0, as if it were average, so that not having been read is neither praise nor blame. All 0
    with fewer than 8 to compare.
    """
    known = np.isfinite(cosines)
    result = np.zeros(len(cosines))
    if np.count_nonzero(known) >= _FEWEST:
        read = cosines[known]
        result[known] = (read - read.mean()) / max(float(read.std()) * _DEVIATIONS, 1e-6)
    return result
