"""The entry point of a search: one or several roots, any mode, results with their text."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from codekin.domain.commits import sha_of
from codekin.domain.search import SearchRequest, SearchResult
from codekin.domain.values import Node
from codekin.domain.words import bare_name
from codekin.searching.focusing import covering_node, defining_node, focused, place_line
from codekin.searching.grep import grep
from codekin.searching.query.inline_filters import with_inline_filters
from codekin.searching.query.intent import question_of
from codekin.searching.query.parsing import Query, parse_query
from codekin.searching.ranking.blending import identified, lowest_useful_score, mixed
from codekin.searching.ranking.confidence import is_calibrated, is_meaningless, known_share
from codekin.searching.ranking.file_ranking import Ranked, rank
from codekin.searching.ranking.recency import latest
from codekin.searching.ranking.record_ranking import MOST, gather_records, rank_records
from codekin.searching.ranking.reranking import depth, refined
from codekin.searching.ranking.retrieval import check, gather
from codekin.searching.ranking.timing import Observer, unobserved
from codekin.searching.snapshot.filtering import node_mask
from codekin.searching.snapshot.snapshot import Snapshot
from codekin.searching.snapshot.snippets import MAX_CHARACTERS, text_between
from codekin.storage import LexicalView

_WEIGHED = 100
"""Number of commits and folders ranked against the files.

A named author lifts a commit from far below the first places.
"""


def search(
    views: Sequence[Snapshot],
    request: SearchRequest,
    cancel: threading.Event | None = None,
    observe: Observer = unobserved,
) -> list[SearchResult]:
    """Return the best results, at most `request.limit`. Blocking.

    Raises SettingsError for an invalid filter or regular expression, EmbedderError, CancelledError.
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
    """Return the ranked chunks with their results.

    Filters without a query list matching items, newest first. An empty query without filters has no
    results.
    """
    query = parse_query(request.query)
    if query.text:
        ranked, refinement = _ranked(views, query, request, cancel, observe), request.refinement
    else:  # without a query there is no similarity to rerank by
        ranked, refinement = latest(views, request.filters, request.limit), replace(request.refinement, rerank=None)
    check(cancel)
    ranked = refined(ranked, lambda view: view.backing.embedder.embed_query(query.text), refinement, request.limit)
    return list(_distinct(ranked, query, explain=request.explain))


def _distinct(ranked: Sequence[Ranked], query: Query, *, explain: bool) -> Iterator[tuple[Ranked, SearchResult]]:
    """Yield each place once: several chunks of a file may open at the one that a query names.

    All but the best of them open at themselves.
    """
    opened: set[tuple[str, str, str, int]] = set()
    for item in ranked:
        for asked in (query, None):
            result = as_result(item, asked, explain=explain)
            place = result.root, result.path, result.kind, result.start_line
            if place not in opened:
                opened.add(place)
                yield item, result
                break


def _among(view: Snapshot, folders: Sequence[Snapshot]) -> LexicalView:
    """Return the postings of one folder, with the rarity of words over all folders.

    In a folder of one file, no word would be rare.
    """
    return view.backing.lexical.among(other.backing.lexical for other in folders if other is not view)


def _ranked(
    views: Sequence[Snapshot],
    query: Query,
    request: SearchRequest,
    cancel: threading.Event | None,
    observe: Observer,
) -> list[Ranked]:
    """Rank files, and merge in folders and commits, which a query may also name directly."""
    limit = depth(request.refinement, request.limit)
    record_views = [view for view in views if view.of_records]
    question = question_of(query)
    folders = [view for view in views if not view.of_records]
    gathered = [
        gather(view, query, request.mode, node_mask(view, request.filters), cancel, observe, _among(view, folders))
        for view in folders
    ]
    calibrated = request.mode == "hybrid" and is_calibrated(folders, query)
    files = rank(gathered, query, limit, explain=request.explain, calibrated=calibrated, per_file=request.per_file)
    first = identified(record_views, query.text, request.filters.kinds)
    if calibrated and not files and is_meaningless(views, query, known_share(views, query)):
        return first[:limit]
    least = lowest_useful_score(files, question, limit)
    found: list[Ranked] = []
    if record_views and least < MOST:
        others = [
            gather_records(view, question.subject, request.mode, node_mask(view, request.filters), cancel, observe)
            for view in record_views
        ]
        most = max(2 * limit, _WEIGHED)
        found = rank_records(others, question.subject, most, least, explain=request.explain)
    places = {(id(item.view), item.node) for item in first}
    rest = [item for item in mixed(files, found, question, limit) if (id(item.view), item.node) not in places]
    return [*first, *rest][:limit]


def as_result(item: Ranked, query: Query | None, *, explain: bool) -> SearchResult:
    """Return a ranked chunk as a result. Without a query, it opens at the first definition."""
    view = item.view
    file = int(view.node_file[item.node])
    block, node = view.blocks[file], view.node(item.node)
    line = place_line(view, file, query)
    node = covering_node(block, node, line) if line >= 0 else defining_node(block, node, query)
    text = text_between(view, block, node.start_line, node.end_line)
    focus, symbol = focused(view, block, node, text, query, line)
    return SearchResult(
        root=view.root,
        path=block.record.path,
        start_line=node.start_line,
        end_line=node.end_line,
        kind=node.kind.value,
        symbol=symbol,
        language=block.record.language,
        score=item.score,
        snippet=text[:MAX_CHARACTERS],
        parts=item.parts if explain else {},
        confidence=item.confidence,
        author=block.record.author,
        date=block.record.date,
        commit=sha_of(block.record.path),
        revision=view.revision,
        focus=focus,
        pull_request=int(node.symbol_kind[1:]) if node.symbol_kind.startswith("#") else 0,
        symbol_kind=_kind_of(node, symbol),
    )


def _kind_of(node: Node, symbol: str) -> str:
    """Return the kind of a symbol: that of its definition in the chunk, or that of the chunk."""
    name = bare_name(symbol)
    return next((each.kind for each in node.definitions if each.name == name), node.symbol_kind.lstrip("#0123456789"))
