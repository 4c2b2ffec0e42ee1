"""The entry of a search: over one or several roots, in any mode, to results with their text."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from codekin.domain.search import SearchRequest, SearchResult
from codekin.searching.candidates import check, gather
from codekin.searching.filters import node_mask
from codekin.searching.grep import grep
from codekin.searching.query import parse_query
from codekin.searching.ranking import Ranked, rank
from codekin.searching.refining import depth, refined
from codekin.searching.snippets import Snippets
from codekin.searching.timing import Observer, unobserved
from codekin.searching.view import SearchView


def search(
    views: Sequence[SearchView],
    request: SearchRequest,
    cancel: threading.Event | None = None,
    observe: Observer = unobserved,
) -> list[SearchResult]:
    """Best first, at most `request.limit`. Blocking. Raises SettingsError (a filter or a regular expression that is none),
    EmbedderError, CancelledError.
    """
    if request.mode in ("regex", "literal"):
        return grep(views, request, cancel)
    return [result for _, result in ranked_results(views, request, cancel, observe)]


def ranked_results(
    views: Sequence[SearchView],
    request: SearchRequest,
    cancel: threading.Event | None = None,
    observe: Observer = unobserved,
) -> list[tuple[Ranked, SearchResult]]:
    """The ranked chunks with what is shown of them; empty for an empty query."""
    query = parse_query(request.query)
    if not query.text:
        return []
    gathered = [gather(view, query, request.mode, node_mask(view, request.filters), cancel, observe) for view in views]
    ranked = rank(gathered, query, depth(request.refinement, request.limit))
    check(cancel)
    ranked = refined(
        ranked, lambda view: view.backing.embedder.embed_query(query.text), request.refinement, request.limit
    )
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
    )
