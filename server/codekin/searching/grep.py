"""Literal and regular-expression search over the text as it is now, in the files that the index knows."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import regex

from codekin.chunking import split_lines
from codekin.domain.search import Refinement, SearchRequest, SearchResult
from codekin.errors import SettingsError
from codekin.searching.candidates import check
from codekin.searching.filters import node_mask
from codekin.searching.snippets import text_of
from codekin.searching.view import SearchView

_FILE_TIMEOUT_S = 1.0
"""A pattern that backtracks without end gives up on a file after this long."""


def grep(views: Sequence[SearchView], request: SearchRequest, cancel: threading.Event | None) -> list[SearchResult]:
    """Every matching line in path order, at most `request.limit`. Lower-case patterns match in any case. Raises
    SettingsError for a pattern that is none or that takes too long, and for a refinement: a line matches or it does not;
    CancelledError.
    """
    if request.refinement != Refinement():
        raise SettingsError("What matches a pattern has no rank: leave out the threshold and the reranking.")
    if not request.query:
        return []
    pattern = _compile(request)
    results: list[SearchResult] = []
    for view in views:
        if view.aside and not request.filters.kinds:
            continue  # messages of commits are searched only where they are asked for
        mask = node_mask(view, request.filters)
        files = np.arange(len(view.blocks)) if mask is None else np.unique(view.node_file[mask])
        for file in files.tolist():
            check(cancel)
            results.extend(_matches(view, file, pattern))
            if len(results) >= request.limit:
                return results[: request.limit]
    return results


def _compile(request: SearchRequest) -> regex.Pattern[str]:
    text = regex.escape(request.query) if request.mode == "literal" else request.query
    flags = regex.MULTILINE | (regex.IGNORECASE if request.query == request.query.lower() else 0)
    try:
        return regex.compile(text, flags)
    except regex.error as error:
        raise SettingsError(f"Not a regular expression: {error}") from error


def _matches(view: SearchView, file: int, pattern: regex.Pattern[str]) -> Iterator[SearchResult]:
    block = view.blocks[file]
    text = text_of(view, block)
    last = -1
    lines: list[str] | None = None
    try:
        for match in pattern.finditer(text, timeout=_FILE_TIMEOUT_S, concurrent=True):
            if lines is None:
                lines = split_lines(text)
                starts = np.cumsum([0, *map(len, lines)])
            line = int(np.searchsorted(starts, match.start(), side="right")) - 1
            end = int(np.searchsorted(starts, max(match.start(), match.end() - 1), side="right"))
            if line <= last or line >= len(lines):
                continue
            last = line
            yield _result(view, file, line, max(end, line + 1), lines)
    except TimeoutError as error:
        raise SettingsError(
            f"The pattern takes more than {_FILE_TIMEOUT_S:g} s on {block.record.path}: simplify it."
        ) from error


def _result(view: SearchView, file: int, line: int, end: int, lines: list[str]) -> SearchResult:
    block = view.blocks[file]
    whole, *chunks = block.nodes
    owner = next((node for node in chunks if node.start_line <= line < node.end_line), whole)
    above = [item.name for item in owner.definitions if item.line <= line]
    return SearchResult(
        root=view.root,
        path=block.record.path,
        start_line=line,
        end_line=min(end, len(lines)),
        kind=owner.kind.value,
        symbol=above[-1] if above else owner.symbol,
        language=block.record.language,
        score=1.0,
        snippet="".join(lines[line:end]),
        revision=view.revision,
    )
