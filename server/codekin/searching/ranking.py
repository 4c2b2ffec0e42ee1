"""Candidates of one or several roots become one ranked list: files by the sum of their signals, then chunks within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codekin.searching.candidates import Candidates
from codekin.searching.file_signals import FileTable, file_table
from codekin.searching.query import Query
from codekin.searching.signals import NAMES, SIGNALS, weights_for
from codekin.searching.view import FILE_KIND, SearchView

Floats = npt.NDArray[np.float64]
_RELATIVE = [at for at, signal in enumerate(SIGNALS) if signal.relative]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One chunk to show. `parts` are the weighted signals of its file, by name; their sum is `score` for the file's first
    chunk, further chunks of a file come after all files, with the share of the score that their own match earns.
    """

    view: SearchView
    node: int
    score: float
    parts: dict[str, float]


def rank(gathered: Sequence[Candidates], query: Query, limit: int, *, explain: bool = False) -> list[Ranked]:
    """Best first, at most `limit`; the best chunk of each file comes before any second one. `parts` where they are asked for."""
    tables = [file_table(candidates, query) for candidates in gathered]
    owners = [(table, row) for table in tables for row in range(len(table.files))]
    if not owners or limit <= 0:
        return []
    values = np.concatenate([table.values for table in tables])
    values[:, _RELATIVE] /= np.maximum(values[:, _RELATIVE].max(axis=0), 1e-9)
    parts = values * np.array(weights_for(query.kind))
    scores = parts.sum(axis=1)
    matches = {id(table): _chunk_match(table.candidates) for table in tables}
    firsts: list[Ranked] = []
    rest: list[Ranked] = []
    for at in _highest(scores, owners, limit):
        table, row = owners[at]
        score = float(scores[at])
        explained = (
            {name: part for name, part in zip(NAMES, parts[at].tolist(), strict=True) if part} if explain else {}
        )
        best, *others = _chunks(table, row, matches[id(table)])
        firsts.append(Ranked(table.view, best[0], score, explained))
        if len(owners) < limit:  # else the first chunks of other files take all places
            rest.extend(Ranked(table.view, node, score * share, explained) for node, share in others)
    floor = min(item.score for item in firsts)
    rest.sort(key=lambda item: -item.score)
    return [*firsts, *(_below(item, floor) for item in rest)][:limit]


def _highest(scores: Floats, owners: Sequence[tuple[FileTable, int]], limit: int) -> list[int]:
    """Places of the best, at most `limit`, best first; of equal ones the first by path."""
    chosen = np.arange(len(scores))
    if len(scores) > limit:
        chosen = np.flatnonzero(scores >= np.partition(scores, len(scores) - limit)[len(scores) - limit])
    order = sorted(chosen.tolist(), key=lambda at: (-scores[at], owners[at][0].path(owners[at][1])))
    return order[:limit]


def _below(item: Ranked, floor: float) -> Ranked:
    return Ranked(item.view, item.node, min(item.score, floor), item.parts)


def _chunks(table: FileTable, row: int, matches: Floats) -> list[tuple[int, float]]:
    """(node, share of the best chunk's match, 0 to 1), best first; the node of the whole file only when it is the only one."""
    view, candidates = table.view, table.candidates
    begin, end = int(table.first[row]), int(table.first[row + 1])
    nodes = candidates.nodes[begin:end]
    found = zip(nodes.tolist(), matches[begin:end].tolist(), view.node_kind[nodes].tolist(), strict=True)
    # A handful: sorted here faster than in an array.
    chunks = [(node, match) for node, match, kind in found if kind != FILE_KIND]
    if not chunks:
        return [(_stand_in(table, row, int(nodes[0])), 1.0)]
    chunks.sort(key=lambda item: -item[1])
    top = max(chunks[0][1], 1e-9)
    return [(node, max(match, 0.0) / top) for node, match in chunks]


def _stand_in(table: FileTable, row: int, node: int) -> int:
    """A file found by its name alone shows its first chunk, unless a filter hides that."""
    file, mask = int(table.files[row]), table.candidates.mask
    has_chunk = table.view.first_node[file + 1] - table.view.first_node[file] > 1
    return node + 1 if has_chunk and (mask is None or mask[node + 1]) else node


def _chunk_match(candidates: Candidates) -> Floats:
    """How well each candidate itself matches, for the order of the chunks within a file."""
    result = 3.0 * candidates.defines.astype(np.float64)
    deep = [] if candidates.deep is None else [np.nan_to_num(candidates.deep)]
    for scores in (candidates.lexical, candidates.dense, *deep):
        result += scores / max(float(scores.max(initial=0.0)), 1e-9)
    return result
