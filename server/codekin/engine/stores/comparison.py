"""Comparison of two stores of the same vectors: keys, rows and search results."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codekin.domain.ports import Keys, VectorStore
from codekin.storage import is_exact, same_rows

_ROWS_AT_ONCE = 1_000
_SAMPLES = 50
_NEIGHBOURS = 10
_ROUNDING = 3e-3
"""A large flat index rounds its rows, which changes scores by 0.0006 (standard deviation)."""
_APPROXIMATE_OVERLAP = 0.7
_SERVED_OVERLAP = 0.95


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison.

    `different` rows have the same key and other numbers; rounded ones are not different. `overlap`
    is the mean share of the ten nearest that both stores agree on, over 50 queries near stored
    rows; `threshold` is the required minimum.
    """

    rows: int
    missing: int
    surplus: int
    different: int
    digest: str
    overlap: float
    threshold: float

    @property
    def passed(self) -> bool:
        """Whether the new store may answer."""
        return not (self.missing or self.surplus or self.different) and self.overlap >= self.threshold


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison with the second store after the latest pass."""

    mirror: str
    comparison: Comparison

    @property
    def note(self) -> str:
        """Text for the status if both agree, else ""."""
        found = self.comparison
        return f"compared with {self.mirror}: {found.rows:,} rows, overlap {found.overlap:.3f}" if found.passed else ""

    @property
    def reason(self) -> str:
        """Reason for the status if the stores differ, else ""."""
        found = self.comparison
        if found.passed:
            return ""
        return (
            f"{self.mirror} is out of sync with the store that answers: {found.missing:,} rows missing, {found.surplus:,} "
            f"surplus, {found.different:,} different, overlap {found.overlap:.3f} (minimum {found.threshold:.2f}). "
            f"Searches are not affected. To fix: delete the rows of {self.mirror} and restart codekin, which copies them again."
        )


def required_overlap(first: str, second: str) -> float:
    """Return the overlap that two stores of these names must reach."""
    return 1.0 if is_exact(first) and is_exact(second) else _APPROXIMATE_OVERLAP


def compare_as_served(primary: str, mirror: str, stores: tuple[VectorStore, VectorStore]) -> Compared:
    """Compare all keys, a sample of the rows, and the results of both stores as configured.

    Large flat indexes miss a few results.
    """
    required = min(required_overlap(primary, mirror), _SERVED_OVERLAP)
    return Compared(mirror, compare_stores(*stores, required, max_rows=_ROWS_AT_ONCE))


def compare_stores(
    old: VectorStore,
    new: VectorStore,
    threshold: float,
    listener: Callable[[int, int], None] = lambda _done, _total: None,
    max_rows: int | None = None,
) -> Comparison:
    """Compare all keys, and all rows or of a sample of `max_rows`.

    Blocking. Raises IndexUnavailableError.
    """
    old_keys, new_keys = old.keys(), new.keys()
    shared = np.intersect1d(old_keys, new_keys, assume_unique=True)
    compared = shared if max_rows is None else _sample(shared, max_rows)
    different, digest = _different_rows(old, new, compared, listener)
    return Comparison(
        rows=len(shared),
        missing=len(old_keys) - len(shared),
        surplus=len(new_keys) - len(shared),
        different=different,
        digest=digest,
        overlap=_overlap(old, new, shared),
        threshold=threshold,
    )


def _sample(keys: Keys, count: int) -> Keys:
    drawn: Keys = np.sort(np.random.default_rng(0).choice(keys, min(count, len(keys)), replace=False))
    return drawn


def _different_rows(
    old: VectorStore, new: VectorStore, keys: Keys, listener: Callable[[int, int], None]
) -> tuple[int, str]:
    """Return (number of different rows, digest of the old store's rows in key order)."""
    different, digest = 0, hashlib.blake2b(digest_size=16)
    for start in range(0, len(keys), _ROWS_AT_ONCE):
        part = keys[start : start + _ROWS_AT_ONCE]
        (_, left), (_, right) = old.get(part), new.get(part)
        digest.update(left.tobytes())
        different += int((~same_rows(left, right)).sum())
        listener(start + len(part), len(keys))
    return different, digest.hexdigest()


def _overlap(old: VectorStore, new: VectorStore, keys: Keys) -> float:
    """Return the mean overlap of results for queries near stored rows.

    A row that scores as well as the tenth counts as found.
    """
    if not len(keys):
        return 1.0
    rng = np.random.default_rng(0)
    _, rows = old.get(np.sort(rng.choice(keys, min(_SAMPLES, len(keys)), replace=False)))
    shares = []
    for row in rows:
        query = row + rng.standard_normal(len(row)).astype(np.float32) * np.float32(0.5 / np.sqrt(len(row)))
        query /= np.linalg.norm(query)
        left, right = old.search(query, _NEIGHBOURS), new.search(query, _NEIGHBOURS)
        good = (right.scores >= left.scores[-1] - _ROUNDING).sum()
        shares.append(min(1.0, float(good) / max(1, len(left.keys))))
    return float(np.mean(shares))
