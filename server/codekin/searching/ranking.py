"""Candidates of one or several roots become one ranked list: files by the sum of their signals, then chunks within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codekin.domain.values import NodeKind
from codekin.searching.candidates import Candidates
from codekin.searching.paths import path_match, path_words, priors
from codekin.searching.query import Query
from codekin.searching.signals import NAMES, weights_for
from codekin.searching.view import KINDS, SearchView

_BEST = 3
_RELATIVE = frozenset(name for name in NAMES if name.startswith(("lexical_", "dense_")))
_FILE_KIND = KINDS.index(NodeKind.FILE)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One chunk to show. `parts` are the weighted signals of its file, by name; their sum is `score` for the file's first
    chunk, further chunks of a file come after all files, with the share of the score that their own match earns.
    """

    view: SearchView
    node: int
    score: float
    parts: dict[str, float]


def rank(gathered: Sequence[Candidates], query: Query, limit: int) -> list[Ranked]:
    """Best first, at most `limit`; the best chunk of each file comes before any second one."""
    tables = [_file_table(candidates, query) for candidates in gathered]
    if not any(len(table.files) for table in tables):
        return []
    values = np.concatenate([table.values for table in tables])
    for column, name in enumerate(NAMES):
        if name in _RELATIVE:
            values[:, column] /= max(float(values[:, column].max()), 1e-9)
    parts = values * np.array(weights_for(query.kind))
    scores = parts.sum(axis=1)
    owners = [(table, row) for table in tables for row in range(len(table.files))]
    order = sorted(range(len(owners)), key=lambda at: (-scores[at], owners[at][0].path(owners[at][1])))
    firsts: list[Ranked] = []
    rest: list[Ranked] = []
    for at in order[:limit]:
        table, row = owners[at]
        explained = {name: float(part) for name, part in zip(NAMES, parts[at], strict=True) if part}
        best, *others = table.chunks(row)
        firsts.append(Ranked(table.view, best[0], float(scores[at]), explained))
        if len(order) < limit:  # else the first chunks of other files take all places
            rest.extend(Ranked(table.view, node, float(scores[at]) * share, explained) for node, share in others)
    floor = min(item.score for item in firsts)
    rest.sort(key=lambda item: -item.score)
    return [*firsts, *(_below(item, floor) for item in rest)][:limit]


def _below(item: Ranked, floor: float) -> Ranked:
    return Ranked(item.view, item.node, min(item.score, floor), item.parts)


@dataclass(frozen=True, slots=True)
class _FileTable:
    view: SearchView
    candidates: Candidates
    files: npt.NDArray[np.int32]
    first: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]

    def path(self, row: int) -> str:
        return self.view.blocks[int(self.files[row])].record.path

    def chunks(self, row: int) -> list[tuple[int, float]]:
        """(node, share of the best chunk's match), best first; the node of the whole file only when it is the only one."""
        end = self.first[row + 1] if row + 1 < len(self.first) else len(self.candidates.nodes)
        members = np.arange(self.first[row], end)
        chunks = members[self.view.node_kind[self.candidates.nodes[members]] != _FILE_KIND]
        if not len(chunks):
            return [(self._stand_in(row, int(self.candidates.nodes[members[0]])), 1.0)]
        match = _chunk_match(self.candidates, chunks)
        order = np.argsort(-match, kind="stable")
        top = max(float(match[order[0]]), 1e-9)
        return [(int(self.candidates.nodes[chunks[at]]), float(match[at]) / top) for at in order]

    def _stand_in(self, row: int, node: int) -> int:
        """A file found by its name alone shows its first chunk."""
        file = int(self.files[row])
        has_chunk = self.view.first_node[file + 1] - self.view.first_node[file] > 1
        return node + 1 if has_chunk else node


def _chunk_match(candidates: Candidates, members: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    lexical, dense = candidates.lexical[members], candidates.dense[members]
    top_lexical, top_dense = max(float(candidates.lexical.max()), 1e-9), max(float(candidates.dense.max()), 1e-9)
    result: npt.NDArray[np.float64] = lexical / top_lexical + dense / top_dense + 3.0 * candidates.defines[members]
    return result


def _file_table(candidates: Candidates, query: Query) -> _FileTable:
    view, nodes = candidates.view, candidates.nodes
    node_files = view.node_file[nodes]
    files, first = np.unique(node_files, return_index=True)
    values = np.zeros((len(files), len(NAMES)))
    if not len(files):
        return _FileTable(view, candidates, files, first, values)
    row_of = np.repeat(np.arange(len(files)), np.diff(np.append(first, len(nodes))))
    is_file = view.node_kind[nodes] == _FILE_KIND
    column = {name: at for at, name in enumerate(NAMES)}
    for name, source in (("lexical", candidates.lexical), ("dense", candidates.dense)):
        positive = np.maximum(source, 0.0)
        chunk = np.where(is_file, 0.0, positive).astype(np.float64)
        values[:, column[f"{name}_three"]] = _best_sum(chunk, row_of, len(files))
        np.maximum.at(values[:, column[f"{name}_best"]], row_of, chunk)
        np.maximum.at(values[:, column[f"{name}_file"]], row_of, np.where(is_file, positive, 0.0))
    np.maximum.at(values[:, column["definition"]], row_of, candidates.defines)
    for row, number in enumerate(files.tolist()):
        block = view.blocks[number]
        values[row, column["path_words"]], values[row, column["query_in_path"]] = path_words(query, block.path_words)
        values[row, column["path_match"]] = path_match(query, block.record.path)
        values[row, column["test"] : column["barrel"] + 1] = priors(block.record.path, query)
    return _FileTable(view, candidates, files, first, values)


def _best_sum(scores: npt.NDArray[np.float64], row_of: npt.NDArray[np.int64], rows: int) -> npt.NDArray[np.float64]:
    """Sum of the three largest scores of each row; `row_of` is ascending."""
    order = np.lexsort((-scores, row_of))
    starts = np.searchsorted(row_of, np.arange(rows))
    place = np.arange(len(scores)) - starts[row_of]
    chosen = np.where(place < _BEST, scores[order], 0.0)
    return np.bincount(row_of, weights=chosen, minlength=rows).astype(np.float64)
