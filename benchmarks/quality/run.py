"""`python -m benchmarks quality REPOS_DIR --queries FILE`: quality and times, with a plot."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.quality.data import Query, Repository, read_queries, read_repositories
from benchmarks.quality.dense import POOLINGS, Dense, chosen
from benchmarks.quality.plot import PUBLISHED, draw
from codekin.config import Config, load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.evaluating.scoring import K, Score, mean, percentile, score


@dataclass(slots=True)
class Run:
    """Results of one way of searching, by query.

    `seconds` is the indexing time, in which `chunks` were embedded.
    """

    name: str
    seconds: float = 0.0
    chunks: int = 0
    times_ms: list[float] = field(default_factory=list)
    scores: list[tuple[Query, Score]] = field(default_factory=list)

    def add(self, query: Query, paths: Sequence[str], took_ms: float) -> None:
        """Add the result of one query."""
        self.scores.append((query, score(paths, query.targets)))
        self.times_ms.append(took_ms)

    def summary(self) -> dict[str, Any]:
        """Return means over repositories of means over their queries."""
        groups = {"all": by_repository(self.scores)}
        for category in sorted({query.category for query, _ in self.scores}):
            groups[category] = by_repository(item for item in self.scores if item[0].category == category)
        groups["no_name_overlap"] = by_repository(item for item in self.scores if item[0].no_name_overlap)
        return {
            "name": self.name,
            "queries": len(self.scores),
            **{name: {key: round(value, 4) for key, value in asdict(group).items()} for name, group in groups.items()},
            "chunks": self.chunks,
            "index_s": round(self.seconds, 2),
            "chunks_per_s": round(self.chunks / self.seconds, 1) if self.seconds else None,
            "p50_ms": round(percentile(self.times_ms, 0.5), 2),
            "p95_ms": round(percentile(self.times_ms, 0.95), 2),
        }


def by_repository(scores: Iterable[tuple[Query, Score]]) -> Score:
    """Return the mean over repositories of the mean over their queries."""
    grouped: dict[str, list[Score]] = defaultdict(list)
    for query, one in scores:
        grouped[query.repo].append(one)
    return mean(mean(group) for group in grouped.values())


async def with_engine(run: Run, repository: Repository, config: Config, mode: str) -> None:
    """Index one repository and run its queries, with a complete deep tier if that is on."""
    engine = await Engine.open(config, [repository.root], watch=False)
    try:
        report = await engine.index()
        started = time.perf_counter()
        before = engine.status().deep.covered
        if engine.status().deep.state != "off":
            await engine.deepen()
        deepened = engine.status().deep.covered - before
        run.seconds += report.seconds + time.perf_counter() - started
        run.chunks += max(report.embedded, deepened)
        for query in repository.queries:
            found = await engine.search(SearchRequest(query.text, K, mode))  # type: ignore[arg-type]
            run.add(query, [repository.prefix + result.path for result in found.results], found.took_ms)
    finally:
        await engine.close()


def dense_alone(spec: str, repositories: Sequence[Repository]) -> list[Run]:
    """Rank files by the cosine of their best chunk, plain and with a chosen pooling.

    The pooling is the one that is best on the other repositories.
    """
    dense, name = Dense(spec), f"dense alone: {spec.rpartition('/')[2] or spec}"
    ways = [Run(name) for _ in POOLINGS]
    for repository in repositories:
        index = dense.index(repository.root)
        for run in ways:
            run.seconds += index.seconds
            run.chunks += len(index.rows)
        for query in repository.queries:
            started = time.perf_counter()
            found = index.search(query.text, K)
            took_ms = (time.perf_counter() - started) * 1000
            for run, paths in zip(ways, found.values(), strict=True):
                run.add(query, [repository.prefix + path for path in paths], took_ms)
        sys.stderr.write(f"{name}: {repository.name}, {ways[0].chunks} chunks in {ways[0].seconds:.0f} s\n")
    return [ways[0], pooled(ways, repositories)]


def pooled(ways: Sequence[Run], repositories: Sequence[Repository]) -> Run:
    """Merge runs that differ in pooling, with the best pooling of the other repositories each."""
    of = {
        repository.name: [
            mean(score for query, score in run.scores if query.repo == repository.name).ndcg for run in ways
        ]
        for repository in repositories
    }
    best = chosen(of)
    scores = [ways[best[query.repo]].scores[at] for at, (query, _) in enumerate(ways[0].scores)]
    return Run(f"{ways[0].name}, pooled", ways[0].seconds, ways[0].chunks, ways[0].times_ms, scores)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Make all runs over all repositories, and report each as it ends."""
    queries = read_queries(arguments.queries)
    listed = arguments.repositories or arguments.queries[0].parent / "repos.json"
    repositories = read_repositories(arguments.path, listed, queries, arguments.only)
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as scratch:
        home = str(arguments.home or scratch)
        ways = [("codekin", "off", "hybrid"), ("words alone", "off", "lexical"), ("codekin, deep tier", "on", "hybrid")]
        for name, deep, mode in ways if arguments.deep else ways[:2]:
            run = Run(name)
            own = home if arguments.home else f"{scratch}/{deep}-{mode}"
            for repository in repositories:
                asyncio.run(with_engine(run, repository, load_config({"home": own, "deep": deep}), mode))
            runs.append(reported(run))
        for spec in arguments.dense:
            runs.extend(reported(run) for run in dense_alone(spec, repositories))
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "repositories": [repository.name for repository in repositories],
        "rows": [run.summary() for run in runs],
        "published": [asdict(peer) for peer in PUBLISHED],
    }


def reported(run: Run) -> Run:
    """Print the summary of a run to standard error and return the run."""
    summary = run.summary()
    sys.stderr.write(f"{run.name}: NDCG@10 {summary['all']['ndcg']}, {summary['chunks_per_s']} chunks/s\n")
    return run


def main(argv: Sequence[str]) -> None:
    """Print the JSON and, with --out, write it and the plot."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality", description=__doc__)
    parser.add_argument("path", type=Path, help="the folder with the unpacked repositories")
    parser.add_argument("--queries", type=Path, action="append", required=True, help="queries.jsonl (repeatable)")
    parser.add_argument("--repositories", type=Path, help="repos.json; by default beside the first queries")
    parser.add_argument("--only", action="append", default=[], help="only this repository (repeatable)")
    parser.add_argument(
        "--dense", action="append", default=[], help="a model to try alone: static, deep, ... (repeatable)"
    )
    parser.add_argument("--deep", action="store_true", help="also with the deep tier, filled whole")
    parser.add_argument(
        "--home", type=Path, help="keep indexes and the built model here; times of indexing then mean nothing"
    )
    parser.add_argument("--out", type=Path, help="write quality.json and quality.svg into this folder")
    arguments = parser.parse_args(argv)
    found = measure(arguments)
    text = json.dumps(found, indent=2)
    print(text)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "quality.json").write_text(text + "\n", encoding="utf-8")
        (arguments.out / "quality.svg").write_text(draw(found), encoding="utf-8")
