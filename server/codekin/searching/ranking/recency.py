"""List what passes the filters if there is no query to rank by, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from codekin.domain.search import Filters
from codekin.searching.ranking.file_ranking import Ranked
from codekin.searching.snapshot.filtering import node_mask
from codekin.searching.snapshot.snapshot import FILE_KIND, Snapshot


def latest(views: Sequence[Snapshot], filters: Filters, limit: int) -> list[Ranked]:
    """Return the first matching node of each file or commit, at most `limit`, with a score of 0.

    The result is empty if there is no filter.
    """
    found: list[tuple[int, str, Ranked]] = []
    for view in views:
        mask = node_mask(view, filters)
        if mask is None:
            continue
        first_of: dict[int, int] = {}
        for node in mask.nonzero()[0].tolist():
            file = int(view.node_file[node])
            known = first_of.get(file)
            # The first chunk of a file replaces the node of the whole file.
            if known is None or view.node_kind[known] == FILE_KIND:
                first_of[file] = node
        for file, node in first_of.items():
            record = view.blocks[file].record
            found.append((-record.date, record.path, Ranked(view, node, 0.0, {})))
    found.sort(key=lambda item: item[:2])
    return [item for _, _, item in found[:limit]]
