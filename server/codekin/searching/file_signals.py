"""The value of every signal for every candidate file of one root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codekin.searching.candidates import Candidates
from codekin.searching.fusing import standings
from codekin.searching.paths import path_match, priors
from codekin.searching.query import Query
from codekin.searching.signals import NAMES
from codekin.searching.view import FILE_KIND, FileBlock, SearchView
from codekin.storage import stem, term_id

_BEST = 3
_LOOKED_AT = 150
"""Files whose names and definitions are compared with the query: the best by text and meaning."""
_DEEPEST = 5

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
_COLUMN = {name: at for at, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class FileTable:
    """`files` ascending; `values` (files, signals) in the order of `NAMES`, retrieval scores as they are. The candidates of
    file i are `first[i]` to `first[i + 1]`.
    """

    view: SearchView
    candidates: Candidates
    files: npt.NDArray[np.int32]
    first: Rows
    values: Values

    def path(self, row: int) -> str:
        """Path of a file by its place in the table."""
        return self.view.blocks[int(self.files[row])].record.path


def file_table(candidates: Candidates, query: Query) -> FileTable:
    """All signals of all candidate files. Files beyond the best 150 by text and meaning get none for their names."""
    view, nodes = candidates.view, candidates.nodes
    files, first = np.unique(view.node_file[nodes], return_index=True)
    first = np.append(first, len(nodes))
    values = np.zeros((len(files), len(NAMES)))
    if not len(files):
        return FileTable(view, candidates, files, first, values)
    row_of = np.repeat(np.arange(len(files)), np.diff(first))
    is_file = view.node_kind[nodes] == FILE_KIND
    for name, scores in (
        ("lexical", candidates.lexical),
        ("dense", candidates.dense),
        ("feedback", candidates.feedback),
        ("kin", candidates.kin),
    ):
        chunk = np.where(is_file, 0.0, np.maximum(scores, 0.0))
        values[:, _COLUMN[f"{name}_best"]] = _largest(chunk, row_of, len(files))
    values[:, _COLUMN["lexical_three"]] = _best_sum(np.where(is_file, 0.0, candidates.lexical), row_of, len(files))
    values[:, _COLUMN["lexical_file"]] = _largest(np.where(is_file, candidates.lexical, 0.0), row_of, len(files))
    values[:, _COLUMN["dense_path"]] = _largest(np.where(is_file, candidates.dense, -1.0), row_of, len(files))
    # The square of the share that was read: fitted weights are those of a whole tier, and files read early are not like the rest.
    trust = float(np.isfinite(candidates.deep).mean()) ** 2
    for column, deep in (
        ("best", np.where(is_file, np.nan, candidates.deep)),
        ("path", np.where(is_file, candidates.deep, np.nan)),
    ):
        read = _largest_known(deep, row_of, len(files))
        values[:, _COLUMN[f"deep_{column}"]] = trust * standings(read, values[:, _COLUMN[f"dense_{column}"]])
    values[:, _COLUMN["definition"]] = _largest(candidates.defines.astype(np.float64), row_of, len(files))
    asked = _asked(view, query)
    for row in _worth_a_look(values).tolist():
        block = view.blocks[int(files[row])]
        values[row, _COLUMN["named"]] = _named(block, asked)
        values[row, _COLUMN["file_name"]], values[row, _COLUMN["query_in_name"]] = _file_name(block, asked)
        values[row, _COLUMN["path_match"]] = path_match(query, block.record.path)
    for row, number in enumerate(files.tolist()):
        path = view.blocks[number].record.path
        values[row, _COLUMN["depth"]] = path.count("/") / _DEEPEST
        values[row, _COLUMN["test"] : _COLUMN["document"] + 1] = priors(path, query)
    return FileTable(view, candidates, files, first, values)


def _asked(view: SearchView, query: Query) -> dict[str, float]:
    """Share of each stem in what the query says, by idf; they add up to 1 unless no stem is in the index."""
    idf = {word: view.backing.lexical.idf(term_id(word)) for word in dict.fromkeys(map(stem, query.asked))}
    total = max(sum(idf.values()), 1e-9)
    return {word: value / total for word, value in idf.items()}


def _named(block: FileBlock, asked: dict[str, float]) -> float:
    """The largest share of the query that one definition names, of those whose words are all asked for."""
    words = frozenset(asked)  # quicker to compare with than the dictionary's keys
    whole = [stems for stems in block.definition_stems if stems <= words]
    return max((sum(asked[word] for word in stems) for stems in whole), default=0.0)


def _file_name(block: FileBlock, asked: dict[str, float]) -> tuple[float, float]:
    """(share of the name's words that the query names, share of the query that they cover)."""
    named = [word for word in block.name_stems if word in asked]
    return len(named) / max(1, len(block.name_stems)), sum(asked[word] for word in set(named))


def _worth_a_look(values: Values) -> Rows:
    if len(values) <= _LOOKED_AT:
        return np.arange(len(values))
    columns = values[:, [_COLUMN[name] for name in ("lexical_three", "lexical_file", "dense_best", "dense_path")]]
    match = (columns / np.maximum(columns.max(axis=0), 1e-9)).sum(axis=1) + 2 * values[:, _COLUMN["definition"]]
    result: Rows = np.argpartition(-match, _LOOKED_AT)[:_LOOKED_AT]
    return result


def _largest(scores: Values, row_of: Rows, rows: int) -> Values:
    result = np.full(rows, -np.inf)
    np.maximum.at(result, row_of, scores)
    return result


def _largest_known(scores: Values, row_of: Rows, rows: int) -> Values:
    """NaN for a file of which nothing is known."""
    result = np.full(rows, np.nan)
    np.fmax.at(result, row_of, scores)
    return result


def _best_sum(scores: Values, row_of: Rows, rows: int) -> Values:
    """Sum of the three largest scores of each row; `row_of` is ascending."""
    order = np.lexsort((-scores, row_of))
    starts = np.searchsorted(row_of, np.arange(rows))
    place = np.arange(len(scores)) - starts[row_of]
    chosen = np.where(place < _BEST, scores[order], 0.0)
    return np.bincount(row_of, weights=chosen, minlength=rows).astype(np.float64)
