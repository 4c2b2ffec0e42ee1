"""Explain why a file has its place among the results of a query, or why it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from codekin.domain.search import SearchRequest
from codekin.searching.query.inline_filters import with_inline_filters
from codekin.searching.search import ranked_results
from codekin.searching.snapshot.filtering import node_mask
from codekin.searching.snapshot.snapshot import Snapshot

_DEEPEST = 1_000


@dataclass(frozen=True, slots=True)
class Explanation:
    """The place of a file among all results, and the signals that put it there.

    `rank` is 1-based, or None if the file is not among the results; then `reason` says why.
    """

    found: bool
    path: str
    start_line: int = 0
    end_line: int = 0
    rank: int | None = None
    score: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)
    reason: str = ""


def explain(
    views: Sequence[Snapshot], request: SearchRequest, view: Snapshot, path: str, line: int | None
) -> Explanation:
    """Return every signal of the file's best chunk, or of the chunk that covers `line`."""
    request = with_inline_filters(request)
    file = view.file_of_path.get(path)
    if file is None:
        return Explanation(found=False, path=path, reason="The file is not in the index.")
    mask = node_mask(view, request.filters)
    if mask is not None and not mask[view.node_file == file].any():
        return Explanation(found=False, path=path, reason="The filters exclude the file.")
    deep = replace(request, limit=_DEEPEST, explain=True)
    for place, (item, result) in enumerate(ranked_results(views, deep), 1):
        if item.view is view and result.path == path and (line is None or result.start_line <= line < result.end_line):
            return Explanation(True, path, result.start_line, result.end_line, place, result.score, result.parts)
    return Explanation(
        found=False,
        path=path,
        reason="The query matches neither the file's words nor its meaning nor a definition in it.",
    )
