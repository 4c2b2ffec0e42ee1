"""Fit the ranking's weights for prose to labelled queries, and measure what each signal is worth.

    python server/training/weights.py REPOSITORIES REPOS.json QUERIES.jsonl... [--ablate]

The layout is that of the development set: REPOSITORIES/<name>/<index_root>, and queries with their
repository and target paths. The loss is the cross-entropy between the softmax of the files' scores
and their labels. The weights are fitted to the short questions first. From there they are fitted to
short questions and paraphrases, which count the same, with the deep tier and without it, so that
one table serves all. Every figure is cross-validated by repository: the queries of a repository are
ranked with weights fitted on the others. Symbols and paths keep the weights of the table. Requires
the deep model.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import pickle
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
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
SHRINK, SHRINK_AGAIN = 0.003, 0.1
"""How much weights are drawn to the prior, and then to those for short questions.

The latter is relative to their size.
"""
STEPS = 250
RATE, RATE_AGAIN = 0.05, 0.02
SPLIT = 0.75
"""For a query with several targets, the share of the weight that follows the current scores.

The rest is spread evenly.
"""
NOT_FITTED = (
    *("path_match", "query_in_name"),
    *("change_log", "translation", "template", "asked_for", "exact_name"),
    *LONG_ONLY,
)
"""Signals whose weights for prose are not fitted.

Those of symbols and paths gained nothing for prose, few queries of the set ask for documents, the
folders of the set have no change logs, translations and templates, and long_weights.py fits those
of long texts.
"""
START = np.array([-1.0 if name in DEMOTED else 0.5 for name in NAMES])
"""The prior that the weights are drawn to, which knows no label.

Few of the set's folders contain tests and documents, so those weights mostly stay at the prior. It
cancels at most what two signals contribute, as a test repeats the words of what it tests.
"""
DISCOUNT = 1 / np.log2(np.arange(2, 12))
DEEP_START = {"deep_best": 1.0, "deep_path": 0.25}
"""The weights of the deep model before all are fitted; see docs/research/deep.md."""
OF_DEEP_MODEL = [NAMES.index(name) for name in DEEP_START]
SMALLEST = 0.3
"""The size of a weight below which it is drawn as if it had this size."""
PARAPHRASE = "paraphrase"
"""The category of the queries that are paraphrases."""


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
    """Index every repository with the deep tier and return the signals of all its queries."""
    found: list[Labelled] = []
    with tempfile.TemporaryDirectory() as home:
        for repo in repos:
            root = repositories / repo["name"] / repo["index_root"]
            engine = await Engine.open(load_config({"home": home, "deep": "on"}), [root], watch=False)
            try:
                await engine.index()
                await engine.deepen()
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
        item.get("no_name_overlap", False),
        query.kind,
        comparable(table.values),
        wanted,
        len(item["targets"]),
    )


def without_deep(values: np.ndarray) -> np.ndarray:
    """Return the signals (files, signals) as they are without the deep tier."""
    values = values.copy()
    values[:, OF_DEEP_MODEL] = 0.0
    return values


class Flat:
    """Queries in a row, for one gradient over all of them, each with and without the deep tier.

    Short questions and paraphrases count the same, however many they are.
    """

    def __init__(self, queries: list[Labelled], columns: list[int]) -> None:
        queries = [query for query in queries if query.wanted.any()]
        queries += [replace(query, values=without_deep(query.values)) for query in queries]
        lengths = [len(query.wanted) for query in queries]
        self.values = np.concatenate([query.values[:, columns] for query in queries])
        self.wanted = np.concatenate([query.wanted for query in queries]).astype(float)
        self.first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        self.query = np.repeat(np.arange(len(queries)), lengths)
        self.even = self.wanted / np.add.reduceat(self.wanted, self.first)[self.query]
        _, kind, count = np.unique(
            [query.category == PARAPHRASE for query in queries], return_inverse=True, return_counts=True
        )
        self.share = (1 / (len(count) * count[kind]))[self.query]

    def gradient(self, weights: np.ndarray) -> np.ndarray:
        """Return the gradient of the loss at these weights."""
        score = self.values @ weights * SHARPNESS
        share = np.exp(score - np.maximum.reduceat(score, self.first)[self.query])
        share /= np.add.reduceat(share, self.first)[self.query]
        on_targets = share * self.wanted
        on_targets /= np.maximum(np.add.reduceat(on_targets, self.first), 1e-12)[self.query]
        return self.values.T @ (self.share * (share - SPLIT * on_targets - (1 - SPLIT) * self.even))


def fit_to_questions(queries: list[Labelled], columns: list[int]) -> np.ndarray:
    """Return the weights of all signals (signals,), fitted to the short questions alone.

    They are 0 where they are not fitted.
    """
    weights = np.zeros(len(NAMES))
    short = [query for query in queries if query.category != PARAPHRASE]
    bare = [at for at in columns if at not in OF_DEEP_MODEL]
    weights[bare] = minimised(Flat(short, bare), START[bare], np.full(len(bare), SHRINK), RATE)
    for name, value in DEEP_START.items():
        weights[NAMES.index(name)] = value if NAMES.index(name) in columns else 0.0
    return weights


def fit(queries: list[Labelled], columns: list[int]) -> np.ndarray:
    """Return the weights of all signals (signals,), fitted to all queries."""
    weights = fit_to_questions(queries, columns)
    drawn = SHRINK_AGAIN / np.maximum(np.abs(weights[columns]), SMALLEST) ** 2
    weights[columns] = minimised(Flat(queries, columns), weights[columns], drawn, RATE_AGAIN)
    return weights


def minimised(flat: Flat, start: np.ndarray, drawn: np.ndarray, rate: float) -> np.ndarray:
    """Minimise the loss by Adam from `start`, to which each weight is `drawn`."""
    weights = start.copy()
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        gradient = flat.gradient(weights) + drawn * (weights - start)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def is_prose(query: Labelled) -> bool:
    """Return whether the weights for prose apply to a query."""
    return query.kind in (QueryKind.PROSE, QueryKind.MIXED)


def prose_columns(removed: tuple[str, ...] = ()) -> list[int]:
    """Return the columns of the fitted signals, without the removed ones."""
    return [at for at, name in enumerate(NAMES) if name not in (*NOT_FITTED, *removed)]


def cross_validated(
    queries: list[Labelled], removed: tuple[str, ...] = (), fitting: Callable[..., np.ndarray] = fit
) -> dict[str, np.ndarray]:
    """Return the weights of each query, fitted without its repository."""
    columns = prose_columns(removed)
    found = {}
    for repo in sorted({query.repo for query in queries}):
        weights = fitting([query for query in queries if query.repo != repo and is_prose(query)], columns)
        for query in queries:
            if query.repo == repo and is_prose(query):
                found[query.id] = weights
            elif query.repo == repo:
                found[query.id] = np.array(weights_for(query.kind))
                found[query.id][[NAMES.index(name) for name in removed]] = 0
    return found


def ndcg(query: Labelled, scores: np.ndarray) -> tuple[float, float]:
    """Return (NDCG@10, whether the first file is a target)."""
    best = query.wanted[np.argsort(-scores, kind="stable")[:10]]
    ideal = DISCOUNT[: min(10, query.targets)].sum()
    return float((best * DISCOUNT[: len(best)]).sum() / ideal), float(len(best) > 0 and best[0])


def report(queries: list[Labelled], weights: dict[str, np.ndarray]) -> tuple[float, float, float, list[float]]:
    """Return (NDCG@10, hit@1, NDCG@10 without a word of the path, NDCG of each query).

    The first three are means over repositories.
    """
    values: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in ("ndcg", "hit", "far")}
    each = []
    for query in queries:
        value, hit = ndcg(query, query.values @ weights[query.id])
        each.append(value)
        values["ndcg"][query.repo].append(value)
        values["hit"][query.repo].append(hit)
        if query.far:
            values["far"][query.repo].append(value)
    means = [float(np.mean([np.mean(part) for part in by_repo.values()])) for by_repo in values.values()]
    return means[0], means[1], means[2], each


def sets(queries: list[Labelled]) -> dict[str, list[Labelled]]:
    """Return short questions and paraphrases, if there are any, without and with the deep tier."""
    bare = [replace(query, values=without_deep(query.values)) for query in queries]
    found = {
        "short questions": [query for query in bare if query.category != PARAPHRASE],
        "paraphrases": [query for query in bare if query.category == PARAPHRASE],
        "short questions, deep tier": [query for query in queries if query.category != PARAPHRASE],
        "paraphrases, deep tier": [query for query in queries if query.category == PARAPHRASE],
    }
    return {name: part for name, part in found.items() if part}


def compare(queries: list[Labelled], weights: dict[str, dict[str, np.ndarray]]) -> None:
    """Print the figures of each set with weights of several names."""
    for name, part in sets(queries).items():
        for source, of_query in weights.items():
            figures = "NDCG@10 {:.4f}, hit@1 {:.4f}, no_name_overlap {:.4f}".format(*report(part, of_query)[:3])
            print(f"{name}, {source}: {figures}")


def ablate(queries: list[Labelled]) -> None:
    """Print what each signal is worth: the change without it, with its standard error."""
    groups = sets(queries)
    baseline = cross_validated(queries)
    print("| without |", " | ".join(groups), "|\n| --- |", " | ".join("---" for _ in groups), "|")
    print("| nothing |", " | ".join(f"{report(part, baseline)[0]:.4f}" for part in groups.values()), "|")
    for name in NAMES:
        removed = cross_validated(queries, (name,))
        changes = []
        for part in groups.values():
            difference = np.array(report(part, removed)[3]) - np.array(report(part, baseline)[3])
            changes.append(f"{difference.mean():+.4f} ± {difference.std() / np.sqrt(len(difference)):.4f}")
        print(f"| {name} |", " | ".join(changes), "|", flush=True)


def main() -> None:
    """Print the figures and the fitted weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", type=Path)
    parser.add_argument("repos", type=Path)
    parser.add_argument("queries", type=Path, nargs="+")
    parser.add_argument("--ablate", action="store_true")
    parser.add_argument(
        "--cache", type=Path, help="file in which this script keeps the signals between runs (a pickle)"
    )
    arguments = parser.parse_args()
    if arguments.cache and arguments.cache.exists():
        queries = pickle.loads(arguments.cache.read_bytes())
    else:
        lines = [line for file in arguments.queries for line in file.read_text(encoding="utf-8").splitlines()]
        repos = json.loads(arguments.repos.read_text(encoding="utf-8"))
        queries = asyncio.run(collect(arguments.repositories, list(map(json.loads, lines)), repos))
        if arguments.cache:
            arguments.cache.write_bytes(pickle.dumps(queries))
    columns = prose_columns()
    weights = fit([query for query in queries if is_prose(query)], columns)
    compare(
        queries,
        {
            "current weights": {query.id: np.array(weights_for(query.kind)) for query in queries},
            "fitted to short questions, cross-validated": cross_validated(queries, fitting=fit_to_questions),
            "cross-validated": cross_validated(queries),
        },
    )
    print(json.dumps({NAMES[at]: round(float(weights[at]), 2) for at in columns}, indent=1))
    if arguments.ablate:
        ablate(queries)


if __name__ == "__main__":
    main()
