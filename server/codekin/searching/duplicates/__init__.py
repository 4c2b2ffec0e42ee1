"""Code of a workspace that is nearly the same, in groups."""

from codekin.searching.duplicates.groups import (
    DUPLICATE_COSINE,
    Duplicates,
    DuplicatesRequest,
    duplicates,
    evidence,
    is_comparable,
)

__all__ = ["DUPLICATE_COSINE", "Duplicates", "DuplicatesRequest", "duplicates", "evidence", "is_comparable"]
