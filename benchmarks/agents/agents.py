"""`python -m benchmarks agents FOLDER`: what agents find within a budget, beside grep and BM25."""

from __future__ import annotations

import random
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.agents.blocks import BUDGETS, Block, Worth, within, worth
from benchmarks.agents.greps import SETTINGS, Grep, Settings
from benchmarks.agents.peer import PEER_NAMES, peer_blocks
from benchmarks.agents.plot import draw
from benchmarks.agents.windows import SIZES, Windows
from benchmarks.machine import machine
from benchmarks.quality.question_data import Row, read_rows, sampled, unpacked
from benchmarks.quality.questions import with_error
from codekin.answers import Answers, Budget, Detail, count_tokens
from codekin.answers.packing import Packed, head
from codekin.config import load_config
from codekin.domain.search import SearchRequest, SearchResponse
from codekin.engine import Engine
from codekin.errors import CodekinError

_RANDOM_QUERIES = 4
_READABLE_LINES = 15
"""A window that shows some code; the best windows for completeness show one line."""
_OF_CODEKIN = {
    "codekin": "codekin lines",
    "codekin, places only": "codekin places",
    "codekin, whole definitions": "codekin full",
}
Measured = dict[Any, dict[int, Worth]]
"""Worth by method and budget."""


async def measure_agents(
    folder: Path,
    issues: int,
    seed: int,
    keep: Path | None,
    only: Sequence[str],
    *,
    every: bool,
    alone: bool = False,
    plot: Path | None = None,
    peer: Path | None = None,
) -> dict[str, Any]:
    """Ask issues as typed, and unless `alone` grep and BM25 for the same.

    `plot` is an SVG to write, `peer` a Python in which semble is installed. What grep and BM25 find
    does not depend on codekin's ranking, and takes most of the time.
    """
    rows = [row for row in read_rows(folder) if row.kind == "issue"]
    chosen = [row for row in sampled(rows, len(rows) if every else issues, 0, seed) if not only or row.repo in only]
    found: list[tuple[Row, Measured]] = []
    asked: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        place = keep or Path(scratch)
        for number, row in enumerate(chosen, 1):
            tree = unpacked(folder, row, place)
            own, random_queries = await _of_codekin(tree, row, place / "home")
            asked.update(random_queries)
            found.append((row, own if alone else {**own, **_of_others(tree, row, peer)}))
            sys.stderr.write(f"{number} of {len(chosen)}: {row.id}\n")
    report = _report_of_codekin if alone else _report
    reports = {budget: report(found, budget) for budget in BUDGETS}
    if plot:
        plot.write_text(draw(_complete(reports)), encoding="utf-8")
    return {"machine": machine(), "questions": len(found), "random queries": dict(asked), "budgets": reports}


def _complete(reports: Mapping[int, Mapping[str, Any]]) -> dict[str, dict[int, float]]:
    """Return the share of complete questions by method and budget."""
    shares: dict[str, dict[int, float]] = defaultdict(dict)
    for budget, report in reports.items():
        for method, means in report.items():
            if isinstance(means, dict):
                shares[method][budget] = means["complete"]
    return shares


async def _of_codekin(tree: Path, row: Row, home: Path) -> tuple[Measured, Counter[str]]:
    """Return what the product's answers are worth, as an agent receives them.

    The second value counts random queries, and their answers that exceed the budget.
    """
    engine = await Engine.open(load_config({"home": str(home), "history": False}), [tree], watch=False)
    details: tuple[Detail, ...] = ("lines", "places", "full")
    try:
        await engine.index()
        answers = Answers(_Remembering(engine), [tree.resolve()])  # type: ignore[arg-type] # it has all that is used
        measured: Measured = {}
        for detail in details:
            for budget in BUDGETS:
                answer = await answers.search(row.text, budget=Budget(budget, detail))
                blocks, overhead = blocks_of(answer.packed)
                found = replace(worth(blocks, row.targets, overhead), tokens=answer.packed.tokens)
                measured.setdefault(f"codekin {detail}", {})[budget] = found
        return measured, await _random_queries(answers, row)
    finally:
        await engine.close()


async def _random_queries(answers: Answers, row: Row) -> Counter[str]:
    """Ask random pieces of a question with random budgets, and count answers over the budget."""
    order = random.Random(row.id)
    counts: Counter[str] = Counter()
    details: tuple[Detail, ...] = ("lines", "places", "full")
    for _ in range(_RANDOM_QUERIES):
        start = order.randrange(len(row.text))
        query = row.text[start : start + order.choice((10, 50, 300))]
        budget = Budget(order.randint(200, 4_000), order.choice(details))
        try:
            answer = await answers.search(query, budget=budget)
        except CodekinError:  # an empty query
            counts["refused"] += 1
            continue
        counts["answered"] += 1
        counts["over budget"] += count_tokens(answer.packed.text) > budget.max_tokens
    return counts


class _Remembering:
    """An engine that searches once for requests that differ only in how they are packed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[SearchRequest, SearchResponse] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def search(self, request: SearchRequest, cancel: threading.Event | None = None) -> SearchResponse:
        """Return the response to a request."""
        if request not in self._known:
            self._known[request] = await self._engine.search(request, cancel)
        return self._known[request]


def blocks_of(packed: Packed) -> tuple[list[Block], int]:
    """Return the tokens of an answer by file, and those that belong to none.

    A file counts as found also where it is folded into a place with nearly the same text.
    """
    blocks: list[Block] = []
    overhead, tokens, path = 0, 0, ""
    heads = [(head(place).split("\n", 1)[0], place) for place in packed.places]
    at = 0
    for line in packed.text.split("\n"):
        begins = at < len(heads) and line == heads[at][0]
        if begins or line.startswith("More places"):
            blocks += [Block(path, tokens)] if path else []
            overhead += 0 if path else tokens
            path, tokens = (heads[at][1].path, 0) if begins else ("", 0)
            blocks += [Block(where.rpartition(":")[0], 0) for where in heads[at][1].alike] if begins else []
            at += begins
        tokens += count_tokens(f"\n{line}")
    return [*blocks, Block(path, tokens)], overhead


def _of_others(tree: Path, row: Row, peer: Path | None) -> Measured:
    grep = Grep(tree, row.text)
    most = BUDGETS[-1]
    methods: dict[Any, list[Block]] = {"naive grep": within(grep.naive(), most)}
    methods |= {settings: within(grep.tuned(settings), most) for settings in SETTINGS}
    methods |= {f"BM25 of {size} lines": within(Windows(tree, size).search(row.text), most) for size in SIZES}
    if peer:
        methods |= {name: within(blocks, most) for name, blocks in peer_blocks(peer, tree, row.text).items()}
    return {
        name: {budget: worth(within(blocks, budget), row.targets) for budget in BUDGETS}
        for name, blocks in methods.items()
    }


def _report(found: Sequence[tuple[Row, Measured]], budget: int) -> dict[str, Any]:
    """Return the means of each method; of grep and BM25, those of the settings that do best."""
    tuned = _best(found, budget, SETTINGS)
    readable = _best(found, budget, [item for item in SETTINGS if item.window == _READABLE_LINES])
    bm25 = _best(found, budget, [f"BM25 of {size} lines" for size in SIZES])
    shown = {
        "naive grep": "naive grep",
        "tuned grep": tuned,
        f"tuned grep, {_READABLE_LINES} lines a file": readable,
        "BM25 windows": bm25,
    }
    if PEER_NAMES[0] in found[0][1]:
        shown["semble, lexical part"] = _best(found, budget, PEER_NAMES)
    return {
        **_report_of_codekin(found, budget),
        **{name: _means(found, budget, method) for name, method in shown.items()},
        "settings of tuned grep": _described(tuned),
        "best BM25": bm25,
        "complete, codekin less tuned grep": _difference(found, budget, tuned),
    }


def _report_of_codekin(found: Sequence[tuple[Row, Measured]], budget: int) -> dict[str, Any]:
    return {name: _means(found, budget, method) for name, method in _OF_CODEKIN.items()}


def _best(found: Sequence[tuple[Row, Measured]], budget: int, methods: Sequence[Any]) -> Any:
    return max(methods, key=lambda method: _means(found, budget, method)["complete"])


def _means(found: Sequence[tuple[Row, Measured]], budget: int, method: Any) -> dict[str, float]:
    worths = [measured[method][budget] for _, measured in found]
    return {
        "complete": round(fmean(item.complete for item in worths), 3),
        "precision": round(fmean(item.precision for item in worths), 3),
        "files": round(fmean(item.files for item in worths), 1),
        "tokens": round(fmean(item.tokens for item in worths)),
    }


def _difference(found: Sequence[tuple[Row, Measured]], budget: int, other: Any) -> str:
    """Return the mean difference with its standard error over repositories."""
    groups: Mapping[str, list[float]] = defaultdict(list)
    for row, measured in found:
        groups[row.repo].append(measured["codekin lines"][budget].complete - measured[other][budget].complete)
    return with_error(groups.values())


def _described(settings: Settings) -> str:
    order = "their rarity" if settings.by_rarity else "their number"
    files = "code without tests" if settings.code_only else "all files"
    return f"{settings.words} rarest words, files by {order}, {settings.window} lines a file, {files}"
