"""The entry of a search: over one or several roots, in any mode, to results with their text."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from codekin.domain.commits import sha_of
from codekin.domain.search import SearchRequest, SearchResult
from codekin.searching.candidates import check, gather
from codekin.searching.filters import node_mask
from codekin.searching.grep import grep
from codekin.searching.latest import latest
from codekin.searching.mixing import mixed
from codekin.searching.query import parse_query
from codekin.searching.query_filters import with_inline_filters
from codekin.searching.ranking import Ranked, rank
from codekin.searching.snippets import Snippets
from codekin.searching.view import SearchView


def search(
    views: Sequence[SearchView], request: SearchRequest, cancel: threading.Event | None = None
) -> list[SearchResult]:
    """Best first, at most `request.limit`. Blocking. Raises SettingsError (a filter or a regular expression that is none),
    EmbedderError, CancelledError.
    """
    resolved = with_inline_filters(request)
    if resolved.mode in ("regex", "literal"):
        return grep(views, resolved, cancel)
    return [result for _, result in ranked_results(views, resolved, cancel)]


def ranked_results(
    views: Sequence[SearchView], request: SearchRequest, cancel: threading.Event | None = None
) -> list[tuple[Ranked, SearchResult]]:
    """The ranked chunks with what is shown of them. With filters alone, what they leave, the latest change first; nothing
    for an empty query.
    """
    query = parse_query(request.query)
    if not query.text:
        found = latest(views, request.filters, request.limit)
        snippets = Snippets()
        return [(item, as_result(item, snippets, explain=request.explain)) for item in found]
    gathered = [gather(view, query, request.mode, node_mask(view, request.filters), cancel) for view in views]
    ranked = mixed(
        rank([item for item in gathered if not item.view.aside], query, request.limit),
        rank([item for item in gathered if item.view.aside], query, request.limit),
        query,
        request.limit,
    )
    check(cancel)
    snippets = Snippets()
    return [(item, as_result(item, snippets, explain=request.explain)) for item in ranked]


def as_result(item: Ranked, snippets: Snippets, *, explain: bool) -> SearchResult:
    """What the edges show of a ranked chunk."""
    view = item.view
    node, block = view.node(item.node), view.blocks[int(view.node_file[item.node])]
    return SearchResult(
        root=view.root,
        path=block.record.path,
        start_line=node.start_line,
        end_line=node.end_line,
        kind=node.kind.value,
        symbol=node.symbol,
        language=block.record.language,
        score=item.score,
        snippet=snippets.of(view.root, block, node.start_line, node.end_line),
        parts=item.parts if explain else {},
        author=block.record.author,
        date=block.record.date,
        commit=sha_of(block.record.path),
        pull_request=int(node.symbol_kind[1:]) if node.symbol_kind.startswith("#") else 0,
    )
