"""The entry of a search: over one or several roots, in any mode, to results with their text."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from codekin.domain.commits import sha_of
from codekin.domain.search import SearchRequest, SearchResult
from codekin.searching.focusing import focused
from codekin.searching.grep import grep
from codekin.searching.query.inline_filters import with_inline_filters
from codekin.searching.query.intent import asked
from codekin.searching.query.parsing import Query, parse_query
from codekin.searching.ranking.blending import identified, least_of_use, mixed
from codekin.searching.ranking.file_ranking import Ranked, rank
from codekin.searching.ranking.recency import latest
from codekin.searching.ranking.record_ranking import MOST, gather_aside, rank_aside
from codekin.searching.ranking.reranking import depth, refined
from codekin.searching.ranking.retrieval import check, gather
from codekin.searching.ranking.timing import Observer, unobserved
from codekin.searching.snapshot.filtering import node_mask
from codekin.searching.snapshot.snapshot import Snapshot
from codekin.searching.snapshot.snippets import snippet
from codekin.storage import LexicalView

_WEIGHED = 100
"""Commits and folders that are weighed against the files: an author who is named lifts one from far below."""


def search(
    views: Sequence[Snapshot],
    request: SearchRequest,
    cancel: threading.Event | None = None,
    observe: Observer = unobserved,
) -> list[SearchResult]:
    """Best first, at most `request.limit`. Blocking. Raises SettingsError (a filter or a regular expression that is none),
    EmbedderError, CancelledError.
    """
    resolved = with_inline_filters(request)
    if resolved.mode in ("regex", "literal"):
        return grep(views, resolved, cancel)
    return [result for _, result in ranked_results(views, resolved, cancel, observe)]


def ranked_results(
    views: Sequence[Snapshot],
    request: SearchRequest,
    cancel: threading.Event | None = None,
    observe: Observer = unobserved,
) -> list[tuple[Ranked, SearchResult]]:
    """The ranked chunks with what is shown of them. With filters alone, what they leave, the latest change first; nothing
    for an empty query.
    """
    query = parse_query(request.query)
    if query.text:
        ranked, refinement = _ranked(views, query, request, cancel, observe), request.refinement
    else:  # nothing to be like
        ranked, refinement = latest(views, request.filters, request.limit), replace(request.refinement, rerank=None)
    check(cancel)
    ranked = refined(ranked, lambda view: view.backing.embedder.embed_query(query.text), refinement, request.limit)
    return [(item, as_result(item, query, explain=request.explain)) for item in ranked]


def _among(view: Snapshot, folders: Sequence[Snapshot]) -> LexicalView:
    """The postings of one folder, by the rarity of words in all: in a folder of one file, no word is rare."""
    return view.backing.lexical.among(other.backing.lexical for other in folders if other is not view)


def _ranked(
    views: Sequence[Snapshot],
    query: Query,
    request: SearchRequest,
    cancel: threading.Event | None,
    observe: Observer,
) -> list[Ranked]:
    """Among the files what is none: folders, and commits, which may be asked for by name."""
    limit = depth(request.refinement, request.limit)
    beside = [view for view in views if view.of_records]
    question = asked(query)
    folders = [view for view in views if not view.of_records]
    gathered = [
        gather(view, query, request.mode, node_mask(view, request.filters), cancel, observe, _among(view, folders))
        for view in folders
    ]
    files = rank(gathered, query, limit, explain=request.explain)
    least = least_of_use(files, question, limit)
    found: list[Ranked] = []
    if beside and least < MOST:
        others = [
            gather_aside(view, question.subject, request.mode, node_mask(view, request.filters), cancel, observe)
            for view in beside
        ]
        most = max(2 * limit, _WEIGHED)
        found = rank_aside(others, question.subject, most, least, explain=request.explain)
    first = identified(beside, query.text, request.filters.kinds)
    places = {(id(item.view), item.node) for item in first}
    rest = [item for item in mixed(files, found, question, limit) if (id(item.view), item.node) not in places]
    return [*first, *rest][:limit]


def as_result(item: Ranked, query: Query | None, *, explain: bool) -> SearchResult:
    """Return what the edges show of a ranked chunk; without a query it opens at the first definition."""
    view = item.view
    node, block = view.node(item.node), view.blocks[int(view.node_file[item.node])]
    focus, symbol = focused(view, block, node, query)
    return SearchResult(
        root=view.root,
        path=block.record.path,
        start_line=node.start_line,
        end_line=node.end_line,
        kind=node.kind.value,
        symbol=symbol,
        language=block.record.language,
        score=item.score,
        snippet=snippet(view, block, node.start_line, node.end_line),
        parts=item.parts if explain else {},
        author=block.record.author,
        date=block.record.date,
        commit=sha_of(block.record.path),
        revision=view.revision,
        focus=focus,
        pull_request=int(node.symbol_kind[1:]) if node.symbol_kind.startswith("#") else 0,
    )
