"""Literal and regular-expression search over the current text of the indexed files.

Lines end in LF, CRLF or CR, as in editors. Patterns are matched against text in which all of them
are LF.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from codekin.chunking import split_lines
from codekin.domain.search import Focus, Refinement, SearchRequest, SearchResult
from codekin.domain.values import Node
from codekin.errors import SettingsError
from codekin.searching.focusing import matched
from codekin.searching.patterns import LONGEST_LITERAL, compile_regex
from codekin.searching.ranking.retrieval import check
from codekin.searching.sieve import EVERYTHING, condition_of_literal, condition_of_regex
from codekin.searching.snapshot.filtering import node_mask
from codekin.searching.snapshot.snapshot import FileBlock, Snapshot
from codekin.searching.snapshot.snippets import text_of
from codekin.storage import Condition

_LEAST_SIEVED = 500
"""Fewer files are all read, which takes some 50 ms and sees what was saved this very moment."""
_FILE_TIMEOUT_S = 1.0
"""Time after which a backtracking pattern is given up on one file."""
_SLOW_S, _SLOW_FILES_S = 0.05, 2.0
"""Files that each take longer than the first may take the second in total.

Otherwise a pattern that is slow on every file would run for minutes.
"""
Spans = Callable[[str], Iterator[tuple[int, int]]]
"""The characters [start, end) of each match in a text, ascending. Raises TimeoutError."""


def grep(views: Sequence[Snapshot], request: SearchRequest, cancel: threading.Event | None) -> list[SearchResult]:
    """Return every matching line in path order, at most `request.limit`.

    Lower-case patterns ignore case. Raises CancelledError, and SettingsError for a pattern that is
    invalid, too large or too slow, and for a refinement, because matching lines have no rank.
    """
    if request.refinement != Refinement():
        raise SettingsError(
            "Pattern matches are not ranked, so they cannot be reranked or cut off by score. "
            "To fix: remove the threshold and the reranking."
        )
    if not request.query:
        return []
    is_literal = request.mode == "literal"
    spans = _literal(request.query) if is_literal else _regex(request.query)
    condition = condition_of_literal(request.query) if is_literal else condition_of_regex(request.query)
    wanted = _undecoded(request.query) if is_literal else b""
    results: list[SearchResult] = []
    slow_s = 0.0
    for view in views:
        if view.of_records and not request.filters.kinds:
            continue  # commit messages are searched only if the kind filter includes them
        mask = node_mask(view, request.filters)
        files = np.arange(len(view.blocks)) if mask is None else np.unique(view.node_file[mask])
        for file in _sieved(view, files, condition).tolist():
            check(cancel)
            began = time.monotonic()
            results.extend(_matches(view, file, spans, wanted))
            took_s = time.monotonic() - began
            slow_s += took_s if took_s > _SLOW_S else 0.0
            if len(results) >= request.limit:
                return results[: request.limit]
            if slow_s > _SLOW_FILES_S:
                raise _too_slow(f"{_SLOW_FILES_S:g} s on a few files, most recently {view.blocks[file].record.path}")
    return results


def _sieved(view: Snapshot, files: npt.NDArray[np.integer], condition: Condition) -> npt.NDArray[np.integer]:
    """Return the files that may match; a few files are read without asking."""
    trigrams = view.backing.trigrams
    if trigrams is None or len(files) < _LEAST_SIEVED or condition == EVERYTHING:
        return files
    return files[trigrams.possible(view.contents[files], condition)]


def _too_slow(on: str) -> SettingsError:
    return SettingsError(f"The pattern takes more than {on}. To fix: simplify it or filter by path.")


def _literal(query: str) -> Spans:
    """Match by plain search, in time linear in the text.

    A regular expression for repeated letters would take cubic time.
    """
    if len(query) > LONGEST_LITERAL:
        raise SettingsError(
            f"The literal has {len(query):,} characters, more than the maximum of {LONGEST_LITERAL:,}. To fix: shorten it."
        )
    wanted = _with_plain_ends(query)
    any_case = wanted == wanted.lower()

    def spans(text: str) -> Iterator[tuple[int, int]]:
        # Lower-casing may add characters but no lines, and only the lines matter.
        searched = text.lower() if any_case else text
        at = searched.find(wanted)
        if at >= 0 and len(searched) != len(text):
            yield from _by_lines(text, searched, wanted)
            return
        while at >= 0:
            yield at, at + len(wanted)
            at = searched.find(wanted, at + len(wanted))

    return spans


def _by_lines(text: str, searched: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Yield whole lines of `text` for matches in `searched`, whose characters may have moved."""
    starts = [0]
    for piece in text.split("\n"):
        starts.append(starts[-1] + len(piece) + 1)
    at, line, seen = searched.find(wanted), 0, 0
    while at >= 0:
        line += searched.count("\n", seen, at)
        seen = at
        yield starts[line], starts[line + wanted.count("\n")] + 1
        at = searched.find(wanted, at + len(wanted))


def _regex(query: str) -> Spans:
    pattern = compile_regex(query, ignore_case=query == query.lower())

    def spans(text: str) -> Iterator[tuple[int, int]]:
        for match in pattern.finditer(text, timeout=_FILE_TIMEOUT_S, concurrent=True):
            yield match.span()

    return spans


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _undecoded(query: str) -> bytes:
    """Return the bytes that a file of ASCII must contain, b"" if only its text can be searched."""
    return query.encode() if query.isascii() and not set(query) & {"\r", "\n"} else b""


def _matches(view: Snapshot, file: int, spans: Spans, wanted: bytes) -> Iterator[SearchResult]:
    block = view.blocks[file]
    original = text_of(view, block, wanted)
    text = _with_plain_ends(original)
    last = -1
    lines: list[str] | None = None
    try:
        for begin, finish in spans(text):
            if lines is None:
                lines, nodes = split_lines(original), tuple(block.nodes)
                starts = np.cumsum([0, *map(len, split_lines(text))])
            line = int(np.searchsorted(starts, begin, side="right")) - 1
            end = int(np.searchsorted(starts, max(begin, finish - 1), side="right"))
            if line <= last or line >= len(lines):
                continue
            last = line
            end = min(max(end, line + 1), len(lines))
            focus = matched(
                lines, 0, (line, begin - int(starts[line])), (end - 1, max(0, finish - int(starts[end - 1])))
            )
            yield _result(view, block, nodes, (line, end), lines, focus)
    except TimeoutError as error:
        raise _too_slow(f"{_FILE_TIMEOUT_S:g} s on {block.record.path}") from error


def _result(
    view: Snapshot, block: FileBlock, nodes: Sequence[Node], span: tuple[int, int], lines: list[str], focus: Focus
) -> SearchResult:
    line, end = span
    file_node, *chunks = nodes
    owner = next((node for node in chunks if node.start_line <= line < node.end_line), file_node)
    above = [item.name for item in owner.definitions if item.line <= line]
    return SearchResult(
        root=view.root,
        path=block.record.path,
        start_line=line,
        end_line=end,
        kind=owner.kind.value,
        symbol=above[-1] if above else owner.symbol,
        language=block.record.language,
        score=1.0,
        snippet="".join(lines[line:end]),
        revision=view.revision,
        focus=focus,
    )
