"""`python -m benchmarks questions FOLDER`: which files issues and commit messages find."""

from __future__ import annotations

import math
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.machine import machine
from benchmarks.quality.plain_bm25 import FilesByWords
from benchmarks.quality.question_data import Row, read_rows, sampled, unpacked
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.errors import SettingsError
from codekin.evaluating.scoring import percentile

PLACES = (1, 3, 5, 10)
LIMIT = 50
_FILTER = re.compile(r"(?<!\S)(\\?-?\w+):")
_BY: dict[str, Callable[[Row], str]] = {
    "kind": lambda row: row.kind,
    "language": lambda row: row.language,
    "names_path": lambda row: "path named" if row.names_path else "path not named",
    "repository": lambda row: row.group,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The different files that one query found, best first."""

    row: Row
    paths: Sequence[str]
    took_ms: float = 0.0
    refused: bool = False

    def measures(self) -> dict[str, float]:
        """Return the measures of one query.

        acc@k is 1 if all targets are within the first k files, and any@10 if one is within ten.
        """
        ranks = [self.paths.index(target) + 1 if target in self.paths else math.inf for target in self.row.targets]
        found = {f"acc@{place}": float(max(ranks) <= place) for place in PLACES}
        return {**found, "any@10": float(min(ranks) <= PLACES[-1]), "mrr": 1 / min(ranks)}


async def measure_questions(
    folder: Path, issues: int, commits: int, seed: int, keep: Path | None, only: Sequence[str]
) -> dict[str, Any]:
    """Ask a sample of the rows, and search plain BM25 for the same."""
    rows = [row for row in sampled(read_rows(folder), issues, commits, seed) if not only or row.repo in only]
    trees: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        trees[row.tree].append(row)
    asked: list[Answer] = []
    plain: list[Answer] = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, own) in enumerate(sorted(trees.items()), 1):
            tree = unpacked(folder, own[0], keep or Path(scratch))
            asked += await with_engine(tree, own, (keep or Path(scratch)) / "home")
            bar = FilesByWords(tree)
            plain += [Answer(row, bar.search(row.text, LIMIT)) for row in own]
            sys.stderr.write(f"{number} of {len(trees)}: {name}\n")
    return {
        "machine": machine(),
        "queries": len(rows),
        "refused_as_typed": sum(answer.refused for answer in asked),
        "p50_ms": round(percentile([answer.took_ms for answer in asked], 0.5), 1),
        "p95_ms": round(percentile([answer.took_ms for answer in asked], 0.95), 1),
        "codekin": by_group(asked),
        "plain BM25": by_group(plain),
        "codekin less plain BM25": {kind: difference(asked, plain, kind) for kind in ("issue", "commit")},
    }


async def with_engine(tree: Path, rows: Sequence[Row], home: Path) -> list[Answer]:
    """Index a tree, or open its kept index, and ask the product each row's text as typed."""
    engine = await Engine.open(load_config({"home": str(home), "history": False}), [tree], watch=False)
    try:
        await engine.index()
        return [await ask(engine, row) for row in rows]
    finally:
        await engine.close()


async def ask(engine: Engine, row: Row) -> Answer:
    """Ask one text as typed. If it is refused, ask it once more without anything like a filter."""
    started = time.perf_counter()
    try:
        found, refused = await engine.search(SearchRequest(row.text, LIMIT)), False
    except SettingsError:
        started = time.perf_counter()
        found, refused = await engine.search(SearchRequest(_FILTER.sub(r"\1 :", row.text), LIMIT)), True
    took_ms = (time.perf_counter() - started) * 1000
    return Answer(row, list(dict.fromkeys(result.path for result in found.results)), took_ms, refused)


def by_group(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the means of all measures by kind, language, and so on."""
    result: dict[str, Any] = {}
    for name, key in _BY.items():
        groups: dict[str, list[Answer]] = defaultdict(list)
        for answer in answers:
            groups[key(answer.row)].append(answer)
        result[name] = {group: means(own) for group, own in sorted(groups.items())}
    return result


def means(answers: Sequence[Answer]) -> dict[str, float]:
    """Return the mean of each measure over queries, and the number of queries."""
    each = [answer.measures() for answer in answers]
    return {"n": len(each), **{name: round(fmean(one[name] for one in each), 3) for name in each[0]}}


def difference(ours: Sequence[Answer], theirs: Sequence[Answer], kind: str) -> dict[str, str]:
    """Return the mean of the paired differences with its standard error over repositories."""
    found: dict[str, str] = {}
    pairs = [(one, other) for one, other in zip(ours, theirs, strict=True) if one.row.kind == kind]
    for name in pairs[0][0].measures() if pairs else ():
        groups: dict[str, list[float]] = defaultdict(list)
        for one, other in pairs:
            groups[one.row.repo].append(one.measures()[name] - other.measures()[name])
        found[name] = with_error(groups.values())
    return found


def with_error(groups: Iterable[Sequence[float]]) -> str:
    """Return the mean over all values and its standard error, by the sums of whole repositories."""
    listed = [list(group) for group in groups]
    count = sum(map(len, listed))
    mean = sum(map(sum, listed)) / count
    spread = math.sqrt(sum((sum(group) - mean * len(group)) ** 2 for group in listed)) / count
    return f"{mean:+.3f} ± {spread:.3f}"
