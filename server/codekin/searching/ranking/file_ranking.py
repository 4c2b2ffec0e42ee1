"""Rank the candidates of one or several roots: files by their signals, then chunks within files."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from codekin.searching.query.parsing import Query
from codekin.searching.ranking.confidence import chances, is_meaningless, known_share
from codekin.searching.ranking.features import FileTable, Values, file_table, word_shares
from codekin.searching.ranking.retrieval import Candidates
from codekin.searching.ranking.weights import DEMOTED, LABELS, NAMES, SIGNALS, weights_for
from codekin.searching.snapshot.snapshot import FILE_KIND, Snapshot

Floats = npt.NDArray[np.float64]
_Place = tuple[float, FileTable, int, int]
_DEMOTED = [NAMES.index(name) for name in DEMOTED]
_RELATIVE = [at for at, signal in enumerate(SIGNALS) if signal.relative]
_LEAST_SHARE = 0.5
"""Match of a further place of a file, as a share of the best, from which it is shown."""
_LEAST_SCALE = 0.85
"""Share of the best score overall that a signal is divided by at least.

If only tests and documents match well, chance matches of other files must not count in full.
"""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One chunk to show.

    `parts` are the weighted signals of its file, by label. They add up to `score` for the file's
    first chunk. Further chunks of a file come after all files; their score is the share that their
    own match earns. `confidence` is the chance that the file is right, None if unknown.
    """

    view: Snapshot
    node: int
    score: float
    parts: dict[str, float]
    confidence: float | None = None


def rank(
    gathered: Sequence[Candidates],
    query: Query,
    limit: int,
    *,
    explain: bool = False,
    calibrated: bool = False,
    per_file: int | None = None,
) -> list[Ranked]:
    """Return the best chunks, at most `limit`; the best chunk of each file precedes any second one.

    With `per_file`, the best files have up to that many chunks each, those that match at least half
    as well as the best of the file, and all are ordered by score. `parts` are filled
    only if `explain` is set. If `calibrated` is set, results have a confidence, and a query without
    meaning has no results.
    """
    if not gathered:
        return []
    views = [candidates.view for candidates in gathered]
    known = known_share(views, query) if calibrated else 0.0
    if calibrated and is_meaningless(views, query, known):
        return []
    shares = word_shares(views, query)
    title_shares = word_shares(views, query.title) if query.title else None
    tables = [file_table(candidates, query, shares, title_shares) for candidates in gathered]
    files = sum(len(table.files) for table in tables)
    if not files or limit <= 0:
        return []
    raw = np.concatenate([table.values for table in tables])
    values = comparable(raw)
    parts = values * np.array(weights_for(query.kind))
    scores = parts.sum(axis=1)
    matches = {id(table): _chunk_match(table.candidates) for table in tables}
    firsts: list[Ranked] = []
    rest: list[Ranked] = []
    highest = _highest(scores, tables, max(limit, 2))
    sure: Sequence[float | None] = [None] * len(highest)
    if calibrated:
        sure = chances(raw[[at for *_, at in highest]], [score for score, *_ in highest], known)
    for (score, table, row, at), confidence in zip(highest[:limit], sure, strict=False):
        explained = (
            {name: part for name, part in zip(LABELS, parts[at].tolist(), strict=True) if part} if explain else {}
        )
        own = matches[id(table)][table.first[row] : table.first[row + 1]]
        firsts.append(Ranked(table.view, _best_chunk(table, row, own), score, explained, confidence))
        others = [
            Ranked(table.view, node, score * share, explained, confidence and confidence * share)
            for node, share in (_others(table, row, own) if files < limit or per_file else ())
            if not per_file or share >= _LEAST_SHARE
        ]
        rest.extend(others[: per_file - 1] if per_file else others)
        if per_file and len(firsts) + len(rest) >= limit:
            break
    if per_file:
        return sorted([*firsts, *rest[: limit - len(firsts)]], key=lambda item: -item.score)
    floor = min(item.score for item in firsts)
    rest.sort(key=lambda item: -item.score)
    return [*firsts, *(_below(item, floor) for item in rest)][:limit]


def comparable(values: Values) -> Values:
    """Return signals (files, signals) scaled so that files can be compared.

    Relative signals are divided by the largest value of the files that are not demoted, and are at
    most 1. A test repeats the words of what it tests: measured against it, code would score little
    for its words compared with its path.
    """
    scores = values[:, _RELATIVE]
    regular = (values[:, _DEMOTED] == 0).all(axis=1)
    least = _LEAST_SCALE if regular.any() else 1.0
    top = np.maximum(scores[regular].max(axis=0, initial=0.0), least * scores.max(axis=0, initial=0.0))
    result = np.array(values)
    result[:, _RELATIVE] = np.minimum(scores / np.maximum(top, 1e-9), 1.0)
    return result


def _highest(scores: Floats, tables: Sequence[FileTable], limit: int) -> list[_Place]:
    """Return (score, table, row in it, position in `scores`) of the best files, at most `limit`.

    Equal scores are ordered by path.
    """
    chosen = np.arange(len(scores))
    if len(scores) > limit:
        chosen = np.flatnonzero(scores >= np.partition(scores, len(scores) - limit)[len(scores) - limit])
    ends = list(accumulate(len(table.files) for table in tables))
    found = []
    for at, score in zip(chosen.tolist(), scores[chosen].tolist(), strict=True):
        number = bisect_right(ends, at)
        found.append((score, tables[number], at - (ends[number - 1] if number else 0), at))
    return sorted(found, key=lambda item: (-item[0], item[1].path(item[2])))[:limit]


def _below(item: Ranked, floor: float) -> Ranked:
    return replace(item, score=min(item.score, floor))


def _best_chunk(table: FileTable, row: int, matches: Floats) -> int:
    """Return the node to show for a file; the file's own node only if it is the only one."""
    at = int(matches.argmax())
    node = int(table.candidates.nodes[table.first[row] + at])
    return node if matches[at] > -np.inf else _stand_in(table, row, node)


def _others(table: FileTable, row: int, matches: Floats) -> list[tuple[int, float]]:
    """Return (node, share of the best chunk's match, 0 to 1) of the other chunks, best first."""
    order = np.argsort(-matches, kind="stable")[1 : np.count_nonzero(matches > -np.inf)]
    nodes = table.candidates.nodes[table.first[row] + order].tolist()
    shares = np.maximum(matches[order], 0.0) / max(float(matches.max()), 1e-9)
    return list(zip(nodes, shares.tolist(), strict=True))


def _stand_in(table: FileTable, row: int, node: int) -> int:
    """Return the first chunk of a file found by its name alone, unless a filter hides it."""
    file, mask = int(table.files[row]), table.candidates.mask
    has_chunk = table.view.first_node[file + 1] - table.view.first_node[file] > 1
    return node + 1 if has_chunk and (mask is None or mask[node + 1]) else node


def _chunk_match(candidates: Candidates) -> Floats:
    """Return how well each candidate itself matches, to order the chunks within a file.

    The value is -inf for nodes of whole files.
    """
    result = 3.0 * (candidates.defines + candidates.exact).astype(np.float64)
    deep = [] if candidates.deep is None else [np.nan_to_num(candidates.deep)]
    for scores in (candidates.lexical, candidates.dense, *deep):
        result += scores / max(float(scores.max(initial=0.0)), 1e-9)
    result[candidates.view.node_kind[candidates.nodes] == FILE_KIND] = -np.inf
    return result
