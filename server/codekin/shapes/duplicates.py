"""Duplicates of a workspace as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.shapes.results import CoverageShape, ResultShape, coverage_shape, result_shape
from codekin.shapes.typed import TypedDict

if TYPE_CHECKING:
    from codekin.domain.search import Coverage
    from codekin.searching import Duplicates


class DuplicateGroupShape(TypedDict):
    """Places with nearly the same code, each similar to the first one.

    The `score` of a place is the cosine with the first. `count` is the number of places, of which
    at most 50 are in `places`.
    """

    places: list[ResultShape]
    count: int


class DuplicatesShape(TypedDict):
    """Groups of duplicates, those that repeat most lines first.

    `total` is the number of groups, `compared` that of chunks.
    """

    groups: list[DuplicateGroupShape]
    total: int
    compared: int
    coverage: CoverageShape
    reasons: list[str]


def duplicates_shape(value: Duplicates, coverage: Coverage, *, exact: bool = False) -> DuplicatesShape:
    """Return groups of duplicates; `exact` keeps all decimals."""
    cut = f"Only the first {value.compared:,} chunks were compared. To compare others, filter by path."
    return {
        "groups": [
            {"places": [result_shape(place, exact=exact) for place in group.places], "count": group.count}
            for group in value.groups
        ],
        "total": value.total,
        "compared": value.compared,
        "coverage": coverage_shape(coverage),
        "reasons": [cut] if value.is_cut else [],
    }
