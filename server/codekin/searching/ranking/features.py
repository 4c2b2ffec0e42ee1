"""The value of every signal for every candidate file of one root."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from codekin.searching.query.parsing import Query, QueryKind
from codekin.searching.query.wanted_roles import named_tools, wanted_roles
from codekin.searching.ranking.deep_calibration import standings, trust
from codekin.searching.ranking.long_signals import LONG_SIGNALS
from codekin.searching.ranking.path_signals import demoted_kinds, path_match, wanted_path, wanted_strengths
from codekin.searching.ranking.retrieval import Candidates, Floats
from codekin.searching.ranking.weights import DEMOTED, NAMES, TITLE
from codekin.searching.snapshot.snapshot import FILE_KIND, FileBlock, Snapshot
from codekin.storage import LexicalView, stem, term_id

_BEST = 3
_COMPARED = 150
"""Number of files, the best by text and meaning, whose names are compared with the query."""
_FEW_FILES = 1_000
"""In a smaller folder, most files are looked at by many searches."""
_KEPT_AT_ONCE = 4
"""Files of a larger one whose names are kept at one search, so that none takes much longer."""
_DEEPEST = 5
_NAMED_LIKE_QUERY = 0.5
"""Strength of `exact_name` for a file whose name has the words of the query and no others."""

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Shares = dict[str, float]
_COLUMN = {name: at for at, name in enumerate(NAMES)}
_BEST_OF_CHUNKS = [_COLUMN[name] for name in ("lexical_best", "dense_best", "feedback_best")]
_OF_NAMES = [_COLUMN[name] for name in ("named", "file_name", "query_in_name")]
_OF_PATHS = [_COLUMN[name] for name in ("depth", *DEMOTED)]
_DEMOTED = [_COLUMN[name] for name in DEMOTED]
_OF_FILES = [_COLUMN[f"file_{name}"] for name in LONG_SIGNALS]
_OF_TITLES = [_COLUMN[f"title_{name}"] for name in TITLE]
_IN_TITLES = [_COLUMN[name] for name in TITLE]


@dataclass(frozen=True, slots=True)
class FileTable:
    """Signals of the candidate files of one view.

    `files` are ascending. `values` (files, signals) is in the order of `NAMES`, with unscaled
    retrieval scores. The candidates of file i are `first[i]` to `first[i + 1]`.
    """

    view: Snapshot
    candidates: Candidates
    files: npt.NDArray[np.int32]
    first: Rows
    values: Values

    def path(self, row: int) -> str:
        """Return the path of the file in a row."""
        return self.view.blocks[int(self.files[row])].record.path


def word_shares(views: Sequence[Snapshot], query: Query) -> Shares:
    """Return the share of the query's meaning that each stem carries, by its idf over all views.

    The shares add up to 1 unless no stem is in the index. If the query does not ask for tests or
    documents, the idf is computed over code only, provided that code contains any of the words: a
    word that only a guide uses is rare, but no name in the code could contain it.
    """
    stems = tuple(dict.fromkeys(map(stem, query.content_words)))
    terms = tuple(map(term_id, stems))
    idfs = _idfs([view.words_of_code for view in views], terms) if all(demoted_kinds(query)[:4]) else []
    idfs = idfs if any(idfs) else _idfs([view.backing.lexical for view in views], terms)
    total = max(sum(idfs), 1e-9)
    return {word: value / total for word, value in zip(stems, idfs, strict=True)}


def _idfs(lexical: Sequence[LexicalView], terms: Sequence[int]) -> list[float]:
    return lexical[0].among(lexical[1:]).idfs(terms)


def file_table(candidates: Candidates, query: Query, shares: Shares, title_shares: Shares | None = None) -> FileTable:
    """Compute all signals of all candidate files.

    `shares` are the `word_shares` of all searched views, and `title_shares` those of the title of a
    long query. The name signals are computed for the best
    150 files by text and meaning only.
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
        if query.title and candidates.title:
            title = file_table(candidates.title, query.title, title_shares or {})
            table.values[:, _OF_TITLES] = title.values[:, _IN_TITLES]
        if candidates.of_files is not None:
            table.values[:, _OF_FILES] = candidates.of_files[files]
    return table


def _put_scores(table: FileTable) -> None:
    found, begins = table.candidates, table.first[:-1]
    is_file = found.view.node_kind[found.nodes] == FILE_KIND
    chunks = np.stack((found.lexical, found.dense, found.feedback))
    # If a file has a node of its own, it is the first of its candidates.
    has_own_node = is_file[begins]
    table.values[:, _COLUMN["lexical_file"]] = np.where(has_own_node, chunks[0, begins], 0.0)
    table.values[:, _COLUMN["dense_path"]] = np.where(has_own_node, chunks[1, begins], -1.0)
    table.values[:, _COLUMN["definition"]] = np.maximum.reduceat(found.defines, begins)
    table.values[:, _COLUMN["exact_name"]] = np.maximum.reduceat(found.exact, begins)
    chunks[:, is_file] = 0.0
    table.values[:, _BEST_OF_CHUNKS] = np.maximum(np.maximum.reduceat(chunks, begins, axis=1), 0.0).T
    table.values[:, _COLUMN["lexical_three"]] = _best_three(chunks[0], table.first)


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


def _put_names(table: FileTable, query: Query, shares: Shares) -> None:
    stems = frozenset(shares)
    rows = _rows_to_compare(table.values)
    blocks = [table.view.blocks[file] for file in table.files[rows].tolist()]
    _keep_names(table.view, blocks)
    named = []
    for at, block in enumerate(blocks):
        names = block.defined_names.within(stems)
        if names or not stems.isdisjoint(block.name_stems):
            named.append((at, _largest_share(names, shares), *_file_name(block, shares)))
    if named:
        found = np.array(named)
        table.values[rows[found[:, 0].astype(np.intp), None], _OF_NAMES] = found[:, 1:]
    if len(stems) > 1:
        entire = [at for at, block in enumerate(blocks) if stems == set(block.name_stems)]
        column = table.values[:, _COLUMN["exact_name"]]
        column[rows[entire]] = np.maximum(column[rows[entire]], _NAMED_LIKE_QUERY)
    if wanted := wanted_path(query):
        table.values[rows, _COLUMN["path_match"]] = [path_match(wanted, block.record.path) for block in blocks]


def _keep_names(view: Snapshot, blocks: Sequence[FileBlock]) -> None:
    """Keep the stems of names of files that searches will look at again."""
    if len(view.blocks) <= _FEW_FILES:
        often, most = [block.defined_names for block in blocks], len(blocks)
    else:
        often, most = [block.defined_names for block in blocks if block.defined_names.are_worth_keeping], _KEPT_AT_ONCE
    for names in islice(often, most):
        names.keep()


def _put_traits(table: FileTable, query: Query) -> None:
    known = table.view.traits[table.files] * np.array((1 / _DEEPEST, *demoted_kinds(query)))
    table.values[:, _OF_PATHS] = known
    if query.kind not in (QueryKind.PROSE, QueryKind.MIXED):
        return
    # A page in a folder of documents is demoted once.
    table.values[:, _COLUMN["peripheral"]] *= 1 - table.values[:, _COLUMN["document"]]
    if wanted := wanted_roles(query):
        asked = wanted_strengths(wanted, named_tools(query), [table.path(row) for row in range(len(table.files))])
        table.values[:, _COLUMN["asked_for"]] = asked
        table.values[:, _DEMOTED] *= 1 - np.minimum(asked, 1.0)[:, None]


def _largest_share(names: Iterable[Sequence[str]], shares: Shares) -> float:
    """Return the largest share of the query that one of the names has."""
    return max((sum([shares[word] for word in name]) for name in names), default=0.0)


def _file_name(block: FileBlock, shares: Shares) -> tuple[float, float]:
    """Return (share of the name's words in the query, share of the query that they cover)."""
    if shares.keys().isdisjoint(block.name_stems):
        return 0.0, 0.0
    named = [word for word in block.name_stems if word in shares]
    return len(named) / max(1, len(block.name_stems)), sum([shares[word] for word in set(named)])


def _rows_to_compare(values: Values) -> Rows:
    if len(values) <= _COMPARED:
        return np.arange(len(values))
    columns = values[:, [_COLUMN[name] for name in ("lexical_three", "lexical_file", "dense_best", "dense_path")]]
    match = (columns / np.maximum(columns.max(axis=0), 1e-9)).sum(axis=1) + 2 * values[:, _COLUMN["definition"]]
    result: Rows = np.argpartition(-match, _COMPARED)[:_COMPARED]
    return result


def _best_three(scores: Floats, first: Rows) -> Values:
    """Return the sum of the three largest positive scores of each file by the root of their number.

    A plain sum would put a long function, which has several chunks, before a short one.
    """
    some = np.flatnonzero(scores > 0)
    files = np.searchsorted(first, some, side="right") - 1
    scores = scores[some]
    order = np.lexsort((-scores, files))
    place = np.arange(len(files)) - np.searchsorted(files, files)
    best = place < _BEST
    sums, counts = (
        np.bincount(files, weights=weights, minlength=len(first) - 1)
        for weights in (np.where(best, scores[order], 0.0), best.astype(np.float64))
    )
    result: Values = sums / np.sqrt(np.maximum(counts, 1.0))
    return result
