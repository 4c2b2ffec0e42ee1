"""Fit the ranking's weights for long texts to issues and commit messages.

    PYTHONPATH=.:server:server/training python server/training/long_weights.py FOLDER --keep DIR

FOLDER is that of `python -m benchmarks questions`, and DIR the folder in which that keeps trees
and indexes. The loss is that of weights.py. Figures are cross-validated: the queries of a
repository are ranked with weights fitted on others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import pickle
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from benchmarks.quality.question_data import Row, read_rows, sampled, unpacked
from benchmarks.quality.questions import PLACES, with_error
from weights import Labelled, fit

from codekin.config import load_config
from codekin.engine import Engine
from codekin.searching import Snapshot
from codekin.searching.query.parsing import QueryKind, parse_query
from codekin.searching.ranking.features import file_table, word_shares
from codekin.searching.ranking.file_ranking import comparable
from codekin.searching.ranking.retrieval import gather
from codekin.searching.ranking.weights import DEMOTED, NAMES, weights_for

FOLDS = 5
MOST_FILES = 200
"""Number of files of each query that are kept, the best by the prior, beside its targets."""
NOT_FITTED = ("path_match", "deep_best", "deep_path")
START = np.array([-1.0 if name in DEMOTED else -0.3 if name == "depth" else 0.3 for name in NAMES])
"""The prior that the weights are drawn to, which knows no label."""


async def collect(rows: list[Row], folder: Path, keep: Path) -> list[Labelled]:
    """Open or make the index of every tree and return the signals of its queries."""
    trees: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        trees[row.tree].append(row)
    found: list[Labelled] = []
    for name, own in sorted(trees.items()):
        tree = unpacked(folder, own[0], keep)
        config = load_config({"home": str(keep / "home"), "history": False})
        engine = await Engine.open(config, [tree], watch=False)
        try:
            await engine.index()
            (view,) = (view for view in engine.views() if not view.of_records)
            found.extend(labelled(view, row) for row in own)
        finally:
            await engine.close()
        print(name, flush=True)
    return found


def labelled(view: Snapshot, row: Row) -> Labelled:
    """Return the signals of one text."""
    query = parse_query(row.text)
    title = word_shares([view], query.title) if query.title else None
    table = file_table(gather(view, query, "hybrid", None, None), query, word_shares([view], query), title)
    wanted = np.array([table.path(at) in row.targets for at in range(len(table.files))], dtype=bool)
    values = comparable(table.values).astype(np.float32)
    kept = np.argsort(-(values @ START), kind="stable")[:MOST_FILES]
    kept = np.union1d(kept, np.flatnonzero(wanted))
    return Labelled(
        row.id, row.repo, row.kind, row.names_path, query.kind, values[kept], wanted[kept], len(row.targets)
    )


def cross_validated(queries: list[Labelled], removed: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Return the scores of each query's files, by weights that never saw its repository."""
    columns = [at for at, name in enumerate(NAMES) if name not in (*NOT_FITTED, *removed)]
    repos = sorted({query.repo for query in queries})
    scores = {}
    for fold in range(FOLDS):
        held = set(repos[fold::FOLDS])
        others = [query for query in queries if query.repo not in held and query.kind is QueryKind.LONG]
        weights = fit(others, columns, START[columns])
        for query in queries:
            if query.repo in held:
                long = query.kind is QueryKind.LONG
                scores[query.id] = (
                    query.values[:, columns] @ weights if long else query.values @ np.array(weights_for(query.kind))
                )
    return scores


def measures(query: Labelled, scores: np.ndarray) -> dict[str, float]:
    """Return acc@k, where all targets are among the first k files, and the reciprocal rank."""
    ranks = np.flatnonzero(query.wanted[np.argsort(-scores, kind="stable")]) + 1
    last = int(ranks[-1]) if len(ranks) == query.targets else math.inf
    found = {f"acc@{place}": float(last <= place) for place in PLACES}
    return {**found, "mrr": 1 / int(ranks[0]) if len(ranks) else 0.0}


def report(name: str, queries: list[Labelled], scores: dict[str, np.ndarray]) -> None:
    """Print the means by kind, with their standard errors over repositories."""
    for kind in sorted({query.category for query in queries}):
        groups: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for query in queries:
            if query.category == kind:
                for measure, value in measures(query, scores[query.id]).items():
                    groups[measure][query.repo].append(value)
        print(
            f"{name:24s} {kind:7s}", *(f"{key} {with_error(own.values())}" for key, own in groups.items()), flush=True
        )


def main() -> None:
    """Print the figures and the fitted weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="file that keeps the signals between runs (a pickle)")
    parser.add_argument("--issues", type=int, default=70)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ablate", action="store_true")
    arguments = parser.parse_args()
    if arguments.cache and arguments.cache.exists():
        queries = pickle.loads(arguments.cache.read_bytes())
    else:
        rows = sampled(read_rows(arguments.folder), arguments.issues, arguments.commits, arguments.seed)
        queries = asyncio.run(collect(rows, arguments.folder, arguments.keep))
        if arguments.cache:
            arguments.cache.write_bytes(pickle.dumps(queries))
    # Products with weights in float64 would otherwise convert all values at each step.
    queries = [replace(query, values=query.values.astype(np.float64)) for query in queries]
    report(
        "current weights", queries, {query.id: query.values @ np.array(weights_for(query.kind)) for query in queries}
    )
    report("cross-validated", queries, cross_validated(queries))
    columns = [at for at, name in enumerate(NAMES) if name not in NOT_FITTED]
    fitted = fit([query for query in queries if query.kind is QueryKind.LONG], columns, START[columns])
    print(json.dumps({NAMES[at]: round(float(one), 2) for at, one in zip(columns, fitted, strict=True)}, indent=1))
    if arguments.ablate:
        for name in NAMES:
            report(f"without {name}", queries, cross_validated(queries, (name,)))


if __name__ == "__main__":
    main()
