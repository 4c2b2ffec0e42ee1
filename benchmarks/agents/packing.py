"""`python -m benchmarks packing FOLDER`: how a budget is best divided into quotes and places.

Each way to pack is chosen on all repositories but one and measured on that one, so that no
repository chooses for itself.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.agents.agents import blocks_of
from benchmarks.agents.blocks import BUDGETS, Worth, worth
from benchmarks.machine import machine
from benchmarks.quality.question_data import Row, read_rows, sampled, unpacked
from benchmarks.quality.questions import with_error
from codekin.answers import Answers, Budget
from codekin.answers.answering import MORE_PLACES, WEAK_SHARE
from codekin.answers.current import Reader
from codekin.answers.packing import DEFAULT_PACKING, Packing, Place, pack
from codekin.answers.places import places_of, sought_in
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine

_SHARES = (0.1, 0.2, 0.3, 0.4, 0.6)
_LINES = {
    "as released": DEFAULT_PACKING.lines,
    "falling": (30, 12, 8, 8, 5, 5, 5, 5, 3, 3, 3, 3),
    "the best three": (30, 20, 12),
    "two lines each": (2,) * 30,
    "five lines each": (5,) * 12,
    "steep": (60, 12, 5, 5, 3, 3),
}
NO_QUOTES = "no quotes"
_LOSS = 0.01
"""Completeness that more precision may cost."""
Choice = tuple[str, float]
PACKINGS: dict[Choice, Packing] = {
    (NO_QUOTES, 0.0): Packing(0.0, ()),
    **{(name, share): Packing(share, lines) for (name, lines), share in product(_LINES.items(), _SHARES)},
}
Measured = dict[tuple[Choice, int], Worth]


async def measure_packing(
    folder: Path, issues: int, seed: int, keep: Path | None, only: Sequence[str]
) -> dict[str, Any]:
    """Pack the answers to a sample of issues in every way, and choose by cross-validation."""
    rows = [row for row in read_rows(folder) if row.kind == "issue" and (not only or row.repo in only)]
    chosen = sampled(rows, issues, 0, seed)
    found: list[tuple[Row, Measured]] = []
    with tempfile.TemporaryDirectory() as scratch:
        place = keep or Path(scratch)
        for number, row in enumerate(chosen, 1):
            found.append((row, await _packed(unpacked(folder, row, place), row, place / "home")))
            sys.stderr.write(f"{number} of {len(chosen)}: {row.id}\n")
    return {
        "machine": machine(),
        "questions": len(found),
        "budgets": {budget: _report(found, budget) for budget in BUDGETS},
    }


async def _packed(tree: Path, row: Row, home: Path) -> Measured:
    engine = await Engine.open(load_config({"home": str(home), "history": False}), [tree], watch=False)
    try:
        await engine.refresh()
        answers = Answers(engine, [tree.resolve()])
        header = (await answers.search(row.text, budget=Budget(200))).identity.line
        places: dict[int, list[Place]] = {}
        for limit in {answers.limit(Budget(budget)) for budget in BUDGETS}:
            response = await engine.search(SearchRequest(row.text, limit))
            places[limit] = places_of(response.results, Reader(engine), sought_in(row.text), WEAK_SHARE)
        return {
            (choice, budget): _worth(header, places[answers.limit(Budget(budget))], budget, packing, row)
            for (choice, packing), budget in product(PACKINGS.items(), BUDGETS)
        }
    finally:
        await engine.close()


def _worth(header: str, places: Sequence[Place], budget: int, packing: Packing, row: Row) -> Worth:
    packed = pack(header, places, budget, more=MORE_PLACES, packing=packing)
    blocks, overhead = blocks_of(packed)
    return worth(blocks, row.targets, overhead)


def _report(found: Sequence[tuple[Row, Measured]], budget: int) -> dict[str, Any]:
    """Return each way to pack with its means, and what cross-validation chooses and gains."""
    by_repository: Mapping[str, list[Measured]] = defaultdict(list)
    for row, measured in found:
        by_repository[row.repo].append(measured)
    chosen = {
        repository: best(
            [item for other, items in by_repository.items() if other != repository for item in items], budget
        )
        for repository in by_repository
    }
    every = [measured for _, measured in found]
    return {
        "best": _named(best(every, budget)),
        "chosen by repository": {repository: _named(choice) for repository, choice in chosen.items()},
        "complete, chosen less released": _difference(by_repository, chosen, budget, "complete"),
        "precision, chosen less released": _difference(by_repository, chosen, budget, "precision"),
        "all": {_named(choice): _means(every, choice, budget) for choice in PACKINGS},
    }


def best(found: Sequence[Measured], budget: int) -> Choice:
    """Return the most precise way to pack that completes about as many questions as any."""
    means = {choice: _means(found, choice, budget) for choice in PACKINGS}
    most = max(item["complete"] for item in means.values())
    enough = [choice for choice in PACKINGS if means[choice]["complete"] >= most - _LOSS]
    return max(enough, key=lambda choice: means[choice]["precision"])


def _means(found: Sequence[Measured], choice: Choice, budget: int) -> dict[str, float]:
    worths = [measured[choice, budget] for measured in found]
    return {
        "complete": round(fmean(item.complete for item in worths), 4),
        "precision": round(fmean(item.precision for item in worths), 4),
    }


def _difference(
    by_repository: Mapping[str, Sequence[Measured]], chosen: Mapping[str, Choice], budget: int, name: str
) -> str:
    released = ("as released", DEFAULT_PACKING.share)
    return with_error(
        [getattr(item[chosen[repository], budget], name) - getattr(item[released, budget], name) for item in items]
        for repository, items in by_repository.items()
    )


def _named(choice: Choice) -> str:
    name, share = choice
    return f"{name}, {share:.0%}" if share else name
