"""Fit the ranking's weights for prose to labelled queries, and measure what each signal is worth.

    python server/training/weights.py REPOSITORIES QUERIES.jsonl REPOS.json [--ablate] [--cache F]

The layout is that of the development set: REPOSITORIES/<name>/<index_root>, and queries with their
repository and target paths. The loss is the cross-entropy between the softmax of the files' scores
and their labels. Every figure is cross-validated by repository: the queries of a repository are
ranked with weights fitted on the others. Symbols and paths keep the weights of the table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import pickle
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codekin.config import load_config
from codekin.engine import Engine
from codekin.searching import Snapshot
from codekin.searching.query.parsing import QueryKind, parse_query
from codekin.searching.ranking.features import file_table, word_shares
from codekin.searching.ranking.file_ranking import comparable
from codekin.searching.ranking.retrieval import gather
from codekin.searching.ranking.weights import DEMOTED, LONG_ONLY, NAMES, weights_for

SHARPNESS = 3.0
SHRINK = 0.003
STEPS = 250
RATE = 0.05
SPLIT = 0.75
"""For a query with several targets, the share of the weight that follows the current scores.

The rest is spread evenly.
"""
NOT_FITTED = (
    *("path_match", "query_in_name", "deep_best", "deep_path"),
    *("change_log", "translation", "template", "asked_for", "exact_name"),
    *LONG_ONLY,
)
"""Signals whose weights for prose are not fitted.

Those of symbols and paths gained nothing for prose, few queries of the set ask for documents,
those of the deep model are described in docs/research/deep.md, the folders of the set have no
change logs, translations and templates, and long_weights.py fits those of long texts.
"""
START = np.array([-1.0 if name in DEMOTED else 0.5 for name in NAMES])
"""The prior that the weights are drawn to, which knows no label.

Few of the set's folders contain tests and documents, so those weights mostly stay at the prior. It
cancels at most what two signals contribute, as a test repeats the words of what it tests.
"""
DISCOUNT = 1 / np.log2(np.arange(2, 12))


@dataclass(frozen=True)
class Labelled:
    """One labelled query.

    `values` are (files, signals), with relative ones already scaled; `wanted` is (files,) bool;
    `targets` is the number of targets, whether or not they are among the files.
    """

    id: str
    repo: str
    category: str
    far: bool
    kind: QueryKind
    values: np.ndarray
    wanted: np.ndarray
    targets: int


async def collect(repositories: Path, queries: list[dict], repos: list[dict]) -> list[Labelled]:
    """Index every repository and return the signals of all its queries."""
    found: list[Labelled] = []
    with tempfile.TemporaryDirectory() as home:
        for repo in repos:
            root = repositories / repo["name"] / repo["index_root"]
            engine = await Engine.open(load_config({"home": home}), [root], watch=False)
            try:
                await engine.index()
                (view,) = (view for view in engine.views() if not view.of_records)
                prefix = "" if repo["index_root"] == "." else f"{repo['index_root']}/"
                found.extend(labelled(view, item, prefix) for item in queries if item["repo"] == repo["name"])
            finally:
                await engine.close()
            print(repo["name"], flush=True)
    return found


def labelled(view: Snapshot, item: dict, prefix: str) -> Labelled:
    """Return the signals of one query of the set."""
    query = parse_query(item["query"])
    table = file_table(gather(view, query, "hybrid", None, None), query, word_shares([view], query))
    targets = {target["path"] for target in item["targets"]}
    wanted = np.array([prefix + table.path(row) in targets for row in range(len(table.files))], dtype=bool)
    return Labelled(
        item["id"],
        item["repo"],
        item["category"],
        item["no_name_overlap"],
        query.kind,
        comparable(table.values),
        wanted,
        len(item["targets"]),
    )


class Flat:
    """Queries in a row, for one gradient over all of them."""

    def __init__(self, queries: list[Labelled], columns: list[int]) -> None:
        queries = [query for query in queries if query.wanted.any()]
        lengths = [len(query.wanted) for query in queries]
        self.values = np.concatenate([query.values[:, columns] for query in queries])
        self.wanted = np.concatenate([query.wanted for query in queries]).astype(float)
        self.first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        self.query = np.repeat(np.arange(len(queries)), lengths)
        self.even = self.wanted / np.add.reduceat(self.wanted, self.first)[self.query]
        self.count = len(queries)

    def gradient(self, weights: np.ndarray) -> np.ndarray:
        """Return the gradient of the loss at these weights."""
        score = self.values @ weights * SHARPNESS
        share = np.exp(score - np.maximum.reduceat(score, self.first)[self.query])
        share /= np.add.reduceat(share, self.first)[self.query]
        on_targets = share * self.wanted
        on_targets /= np.maximum(np.add.reduceat(on_targets, self.first), 1e-12)[self.query]
        return self.values.T @ (share - SPLIT * on_targets - (1 - SPLIT) * self.even) / self.count


def fit(queries: list[Labelled], columns: list[int], start: np.ndarray) -> np.ndarray:
    """Minimise the loss by Adam from `start`, to which the weights are drawn."""
    flat = Flat(queries, columns)
    weights = start.copy()
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        gradient = flat.gradient(weights) + SHRINK * (weights - start)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def is_prose(query: Labelled) -> bool:
    """Return whether the weights for prose apply to a query."""
    return query.kind in (QueryKind.PROSE, QueryKind.MIXED)


def prose_columns(removed: tuple[str, ...] = ()) -> list[int]:
    """Return the columns of the fitted signals, without the removed ones."""
    return [at for at, name in enumerate(NAMES) if name not in (*NOT_FITTED, *removed)]


def cross_validated(queries: list[Labelled], removed: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Return the scores of each query's files, by weights that never saw its repository."""
    columns = prose_columns(removed)
    scores = {}
    for repo in sorted({query.repo for query in queries}):
        weights = fit([query for query in queries if query.repo != repo and is_prose(query)], columns, START[columns])
        for query in queries:
            if query.repo == repo and is_prose(query):
                scores[query.id] = query.values[:, columns] @ weights
            elif query.repo == repo:
                fixed = np.array(weights_for(query.kind))
                fixed[[NAMES.index(name) for name in removed]] = 0
                scores[query.id] = query.values @ fixed
    return scores


def ndcg(query: Labelled, scores: np.ndarray) -> tuple[float, float]:
    """Return (NDCG@10, whether the first file is a target)."""
    best = query.wanted[np.argsort(-scores, kind="stable")[:10]]
    ideal = DISCOUNT[: min(10, query.targets)].sum()
    return float((best * DISCOUNT[: len(best)]).sum() / ideal), float(len(best) > 0 and best[0])


def report(queries: list[Labelled], scores: dict[str, np.ndarray]) -> tuple[float, float, float, list[float]]:
    """Return (NDCG@10, hit@1, NDCG@10 without a word of the path, NDCG of each query).

    The first three are means over repositories.
    """
    values: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in ("ndcg", "hit", "far")}
    each = []
    for query in queries:
        value, hit = ndcg(query, scores[query.id])
        each.append(value)
        values["ndcg"][query.repo].append(value)
        values["hit"][query.repo].append(hit)
        if query.far:
            values["far"][query.repo].append(value)
    means = [float(np.mean([np.mean(part) for part in by_repo.values()])) for by_repo in values.values()]
    return means[0], means[1], means[2], each


def ablate(queries: list[Labelled]) -> None:
    """Print what each signal is worth: the change without it, with its standard error."""
    baseline = report(queries, cross_validated(queries))
    print("| without | NDCG@10 | hit@1 | no_name_overlap | change ± error |\n| --- | --- | --- | --- | --- |")
    print(f"| nothing | {baseline[0]:.4f} | {baseline[1]:.4f} | {baseline[2]:.4f} | |")
    for name in NAMES:
        part = report(queries, cross_validated(queries, (name,)))
        difference = np.array(part[3]) - np.array(baseline[3])
        error = difference.std() / np.sqrt(len(difference))
        print(
            f"| {name} | {part[0]:.4f} | {part[1]:.4f} | {part[2]:.4f} | {part[0] - baseline[0]:+.4f} ± {error:.4f} |",
            flush=True,
        )


def main() -> None:
    """Print the figures and the fitted weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("repos", type=Path)
    parser.add_argument("--ablate", action="store_true")
    parser.add_argument(
        "--cache", type=Path, help="file in which this script keeps the signals between runs (a pickle)"
    )
    arguments = parser.parse_args()
    if arguments.cache and arguments.cache.exists():
        queries = pickle.loads(arguments.cache.read_bytes())
    else:
        queries = asyncio.run(
            collect(
                arguments.repositories,
                [json.loads(line) for line in arguments.queries.read_text(encoding="utf-8").splitlines()],
                json.loads(arguments.repos.read_text(encoding="utf-8")),
            )
        )
        if arguments.cache:
            arguments.cache.write_bytes(pickle.dumps(queries))
    table = {query.id: query.values @ np.array(weights_for(query.kind)) for query in queries}
    print(
        "current weights:     NDCG@10 {:.4f}, hit@1 {:.4f}, no_name_overlap {:.4f}".format(*report(queries, table)[:3])
    )
    validated = report(queries, cross_validated(queries))
    print("cross-validated:     NDCG@10 {:.4f}, hit@1 {:.4f}, no_name_overlap {:.4f}".format(*validated[:3]))
    columns = prose_columns()
    fitted = fit([query for query in queries if is_prose(query)], columns, START[columns])
    print(
        json.dumps({NAMES[at]: round(float(weight), 2) for at, weight in zip(columns, fitted, strict=True)}, indent=1)
    )
    if arguments.ablate:
        ablate(queries)


if __name__ == "__main__":
    main()
