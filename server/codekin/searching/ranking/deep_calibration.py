"""Scale the deep model's cosines to the other signals while only some files are covered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FEWEST = 8
_DEVIATIONS = 3.0

_NAMED_ENOUGH = 0.5

Floats = npt.NDArray[np.float32]
Values = npt.NDArray[np.float64]


def trust(deep: Floats, named: float) -> float:
    """Return how much the deep model counts for one query, 0 to 1.

    The value is the square of the share of candidates that it has covered (`deep` are their
    cosines, NaN for the others), because the weights were fitted with full coverage and the files
    covered first are not typical. It falls with `named`, the share of the query that a file name
    contains, to 0 at one half: such queries are answered by words, and the deep model makes them
    worse (docs/research/deep.md).
    """
    if not len(deep):
        return 0.0
    return float(np.isfinite(deep).mean()) ** 2 * max(0.0, 1 - named / _NAMED_ENOUGH)


def standings(deep: Values, near: Values) -> Values:
    """Return how far each file's deep cosine is above the mean, in units of 3 standard deviations.

    Values are mostly within [-1, 1]. For a file that is not covered (NaN) the cosine is predicted
    from `near`, its cosine by the static model, by the regression line through the covered files. A
    constant would put all such files first or last, and large files, which are covered last, are
    often the wanted ones. All values are 0 if fewer than 8 files are covered.
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
