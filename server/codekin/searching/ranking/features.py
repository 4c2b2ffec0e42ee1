"""The value of every signal for every candidate file of one root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from codekin.searching.query.parsing import Query
from codekin.searching.ranking.deep_calibration import standings, trust
from codekin.searching.ranking.path_signals import path_match, unasked, wanted_path
from codekin.searching.ranking.retrieval import Candidates, Floats
from codekin.searching.ranking.weights import NAMES, YIELDING
from codekin.searching.snapshot.snapshot import FILE_KIND, FileBlock, Snapshot
from codekin.storage import LexicalView, stem, term_id

_BEST = 3
_LOOKED_AT = 150
"""Files whose names and definitions are compared with the query: the best by text and meaning."""
_DEEPEST = 5

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Shares = dict[str, float]
_COLUMN = {name: at for at, name in enumerate(NAMES)}
_BEST_OF_CHUNKS = [_COLUMN[name] for name in ("lexical_best", "dense_best", "feedback_best")]
_OF_NAMES = [_COLUMN[name] for name in ("named", "file_name", "query_in_name")]
_OF_PATHS = [_COLUMN[name] for name in ("depth", *YIELDING)]


@dataclass(frozen=True, slots=True)
class FileTable:
    """`files` ascending; `values` (files, signals) in the order of `NAMES`, retrieval scores as they are. The candidates of
    file i are `first[i]` to `first[i + 1]`.
    """

    view: Snapshot
    candidates: Candidates
    files: npt.NDArray[np.int32]
    first: Rows
    values: Values

    def path(self, row: int) -> str:
        """Path of a file by its place in the table."""
        return self.view.blocks[int(self.files[row])].record.path


def word_shares(views: Sequence[Snapshot], query: Query) -> Shares:
    """How much of the query each stem says, by its idf in all views together: they add up to 1 unless no stem is in the index. Told
    by code, where that has any of them and the query asks for nothing else: a word that only a guide uses, rare as it is, is no
    part of what a name in the code could say.
    """
    stems = tuple(dict.fromkeys(map(stem, query.asked)))
    terms = tuple(map(term_id, stems))
    idfs = _idfs([view.words_of_code for view in views], terms) if all(unasked(query)) else []
    idfs = idfs if any(idfs) else _idfs([view.backing.lexical for view in views], terms)
    total = max(sum(idfs), 1e-9)
    return {word: value / total for word, value in zip(stems, idfs, strict=True)}


def _idfs(lexical: Sequence[LexicalView], terms: Sequence[int]) -> list[float]:
    return lexical[0].among(lexical[1:]).idfs(terms)


def file_table(candidates: Candidates, query: Query, shares: Shares) -> FileTable:
    """All signals of all candidate files; `shares` are `word_shares` of all views that are searched. Files beyond the best 150 by
    text and meaning get none for their names.
    """
    view, nodes = candidates.view, candidates.nodes
    files_of = view.node_file[nodes]
    begins = np.flatnonzero(np.concatenate(([True], files_of[1:] != files_of[:-1]))[: len(nodes)])
    files, first = files_of[begins], np.append(begins, len(nodes))
    values = np.zeros((len(files), len(NAMES)))
    table = FileTable(view, candidates, files, first, values)
    if len(files):
        _put_scores(table)
        _put_names(table, query, shares)
        _put_deep(table)
        _put_traits(table, query)
    return table


def _put_scores(table: FileTable) -> None:
    found, begins = table.candidates, table.first[:-1]
    is_file = found.view.node_kind[found.nodes] == FILE_KIND
    chunks = np.stack((found.lexical, found.dense, found.feedback))
    # The node of the whole file comes first.
    named = is_file[begins]
    table.values[:, _COLUMN["lexical_file"]] = np.where(named, chunks[0, begins], 0.0)
    table.values[:, _COLUMN["dense_path"]] = np.where(named, chunks[1, begins], -1.0)
    table.values[:, _COLUMN["definition"]] = np.maximum.reduceat(found.defines, begins)
    chunks[:, is_file] = 0.0
    table.values[:, _BEST_OF_CHUNKS] = np.maximum(np.maximum.reduceat(chunks, begins, axis=1), 0.0).T
    table.values[:, _COLUMN["lexical_three"]] = _best_sum(chunks[0], table.first)


def _put_deep(table: FileTable) -> None:
    deep = table.candidates.deep
    if deep is None:
        return
    is_file = table.view.node_kind[table.candidates.nodes] == FILE_KIND
    trusted = trust(deep, float(table.values[:, _COLUMN["query_in_name"]].max()))
    for column, cosines in (("best", np.where(is_file, np.nan, deep)), ("path", np.where(is_file, deep, np.nan))):
        read = np.fmax.reduceat(cosines, table.first[:-1]).astype(np.float64)
        near = table.values[:, _COLUMN[f"dense_{column}"]]
        table.values[:, _COLUMN[f"deep_{column}"]] = trusted * standings(read, near)


def _put_names(table: FileTable, query: Query, asked: Shares) -> None:
    stems = frozenset(asked)
    rows = _worth_a_look(table.values)
    blocks = [table.view.blocks[file] for file in table.files[rows].tolist()]
    named = [
        (at, _named(block, asked, stems), *_file_name(block, asked))
        for at, block in enumerate(blocks)
        if not stems.isdisjoint(block.naming_stems)
    ]
    if named:
        found = np.array(named)
        table.values[rows[found[:, 0].astype(np.intp), None], _OF_NAMES] = found[:, 1:]
    if wanted := wanted_path(query):
        table.values[rows, _COLUMN["path_match"]] = [path_match(wanted, block.record.path) for block in blocks]


def _put_traits(table: FileTable, query: Query) -> None:
    known = table.view.traits[table.files]
    table.values[:, _OF_PATHS] = known * np.array((1 / _DEEPEST, *unasked(query)))


def _named(block: FileBlock, asked: Shares, stems: frozenset[str]) -> float:
    """The largest share of the query that one definition names, of those whose words are all asked for."""
    known, largest = block.defined_stems, 0.0
    for longest in stems & known.keys():
        for name in known[longest]:
            if name <= stems:
                largest = max(largest, sum([asked[word] for word in name]))
    return largest


def _file_name(block: FileBlock, asked: Shares) -> tuple[float, float]:
    """(share of the name's words that the query names, share of the query that they cover)."""
    if asked.keys().isdisjoint(block.name_stems):
        return 0.0, 0.0
    named = [word for word in block.name_stems if word in asked]
    return len(named) / max(1, len(block.name_stems)), sum([asked[word] for word in set(named)])


def _worth_a_look(values: Values) -> Rows:
    if len(values) <= _LOOKED_AT:
        return np.arange(len(values))
    columns = values[:, [_COLUMN[name] for name in ("lexical_three", "lexical_file", "dense_best", "dense_path")]]
    match = (columns / np.maximum(columns.max(axis=0), 1e-9)).sum(axis=1) + 2 * values[:, _COLUMN["definition"]]
    result: Rows = np.argpartition(-match, _LOOKED_AT)[:_LOOKED_AT]
    return result


def _best_sum(scores: Floats, first: Rows) -> Values:
    """Sum of the three largest of the positive scores of each file."""
    some = np.flatnonzero(scores > 0)
    files = np.searchsorted(first, some, side="right") - 1
    scores = scores[some]
    order = np.lexsort((-scores, files))
    place = np.arange(len(files)) - np.searchsorted(files, files)
    chosen = np.where(place < _BEST, scores[order], 0.0)
    return np.bincount(files, weights=chosen, minlength=len(first) - 1).astype(np.float64, copy=False)
