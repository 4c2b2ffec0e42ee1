"""Files and what is no file in one list: code comes first, unless the query asks for something else."""

from __future__ import annotations

from collections.abc import Sequence

from codekin.searching.query import Query
from codekin.searching.ranking import Ranked

_ASKS_HISTORY = frozenset(
    ("commit", "commits", "introduced", "introduce", "changed", "pr", "pull", "merged", "reverted", "history")
)


def mixed(files: Sequence[Ranked], aside: Sequence[Ranked], query: Query, limit: int) -> list[Ranked]:
    """Best first, at most `limit`."""
    if _ASKS_HISTORY & set(query.words):
        return [*aside, *files][:limit]
    return [*files, *aside][:limit]
