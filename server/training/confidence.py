"""Fit the chance that a result is right to labelled queries, and check it by repository.

    PYTHONPATH=server server/training/confidence.py REPOSITORIES REPOS.json QUERIES.jsonl

The layout is that of weights.py. Every query is also asked in another repository, where no result
is right, and so are random letters; each of these counts a quarter. It prints, for queries whose
repository was not fitted on, the mean chance of the first result beside the share that is right.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import string
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codekin.config import load_config
from codekin.engine import Engine
from codekin.searching import Snapshot
from codekin.searching.query.parsing import parse_query
from codekin.searching.ranking.confidence import features, known_share
from codekin.searching.ranking.features import file_table, word_shares
from codekin.searching.ranking.file_ranking import comparable
from codekin.searching.ranking.retrieval import gather
from codekin.searching.ranking.weights import weights_for

PLACES = 10
ELSEWHERE, LETTERS = 20, 14
"""Numbers of queries of other repositories, and of random letters, that are asked in each."""
LABELLED = "labelled"
NEGATIVE_WEIGHT = 0.25
SHRINK = 0.5
STEPS = 60
BINS = 8


@dataclass(frozen=True)
class Asked:
    """The first results of a query: features (results, n), and whether each is right."""

    repo: str
    kind: str
    values: np.ndarray
    right: np.ndarray


async def collect(repositories: Path, queries: list[dict], repos: list[dict]) -> list[Asked]:
    """Index every repository and ask it its own queries, others, and random letters."""
    drawn = random.Random(1)
    found: list[Asked] = []
    with tempfile.TemporaryDirectory() as home:
        for repo in repos:
            root = repositories / repo["name"] / repo["index_root"]
            engine = await Engine.open(load_config({"home": home, "history": False}), [root], watch=False)
            try:
                await engine.index()
                (view,) = (view for view in engine.views() if not view.of_records)
                prefix = "" if repo["index_root"] == "." else f"{repo['index_root']}/"
                own = [item for item in queries if item["repo"] == repo["name"]]
                others = [item for item in queries if item["repo"] != repo["name"]]
                for item in own:
                    targets = {target["path"] for target in item["targets"]}
                    found += asked(view, item["query"], targets, prefix, repo["name"], LABELLED)
                for item in drawn.sample(others, ELSEWHERE):
                    found += asked(view, item["query"], set(), prefix, repo["name"], "elsewhere")
                for _ in range(LETTERS):
                    text = " ".join("".join(drawn.choices(string.ascii_lowercase, k=6)) for _ in range(2))
                    found += asked(view, text, set(), prefix, repo["name"], "letters")
            finally:
                await engine.close()
            print(repo["name"], flush=True)
    return found


def asked(view: Snapshot, text: str, targets: set[str], prefix: str, repo: str, kind: str) -> list[Asked]:
    """Return the first results of one query, or nothing if there are none."""
    query = parse_query(text)
    table = file_table(gather(view, query, "hybrid", None, None), query, word_shares([view], query))
    if not len(table.files):
        return []
    scores = comparable(table.values) @ np.array(weights_for(query.kind))
    order = np.argsort(-scores, kind="stable")[:PLACES]
    right = np.array([prefix + table.path(row) in targets for row in order])
    values = features(table.values[order], scores[order].tolist(), known_share([view], query))
    return [Asked(repo, kind, values, right)]


def fit(values: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the coefficients of a logistic regression, by Newton's method."""
    found = np.zeros(values.shape[1])
    shrink = SHRINK * np.append(np.ones(len(found) - 1), 0.0)  # the last column is the bias
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-values @ found))
        gradient = values.T @ (weights * (right - chance)) - shrink * found
        curvature = (values * (weights * chance * (1 - chance))[:, None]).T @ values + SHRINK * np.eye(len(found))
        found += np.linalg.solve(curvature, gradient)
    return found


def main() -> None:
    """Print the coefficients and the check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", type=Path)
    parser.add_argument("repos", type=Path)
    parser.add_argument("queries", type=Path)
    arguments = parser.parse_args()
    queries = [json.loads(line) for line in arguments.queries.read_text().splitlines()]
    found = asyncio.run(collect(arguments.repositories, queries, json.loads(arguments.repos.read_text())))
    values, right = np.concatenate([item.values for item in found]), np.concatenate([item.right for item in found])
    repo = np.concatenate([[item.repo] * len(item.right) for item in found])
    kind = np.concatenate([[item.kind] * len(item.right) for item in found])
    first = np.concatenate([np.arange(len(item.right)) == 0 for item in found])
    weights = np.where(kind == LABELLED, 1.0, NEGATIVE_WEIGHT)
    chance = np.zeros(len(right))
    for name in np.unique(repo):
        held = repo == name
        chance[held] = 1 / (1 + np.exp(-values[held] @ fit(values[~held], right[~held], weights[~held])))
    own = first & (kind == LABELLED)
    edges = np.quantile(chance[own], np.linspace(0, 1, BINS + 1))
    for low, high in itertools.pairwise(edges):
        inside = own & (chance >= low) & (chance <= high)
        print(f"chance {chance[inside].mean():.2f}: right {right[inside].mean():.2f} of {inside.sum()}")
    for name in np.unique(kind):
        of_kind = first & (kind == name)
        print(name, "5, 50, 95 %:", np.percentile(chance[of_kind], (5, 50, 95)).round(3).tolist())
    print([round(float(one), 2) for one in fit(values, right, weights)])


if __name__ == "__main__":
    main()
