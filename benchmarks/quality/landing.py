"""`python -m benchmarks landing PATH`: how often a query for a name opens on its definition.

Names are drawn from all definitions of the folder. A query lands if the first result is in a file
that defines the name, and its focus is the name on the lines of the definition.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from codekin.config import load_config
from codekin.domain.search import SearchRequest, SearchResult
from codekin.engine import Engine

_HEAD_LINES = 8
"""A name is at most this far below the first line of its definition."""
_MAX_EXAMPLES = 20

Places = dict[str, list[tuple[str, int]]]
"""Name → (path, line) of each definition."""


async def measure_landing(folder: Path, names: int, seed: int) -> dict[str, Any]:
    """Index the folder, ask for `names` random defined names, and count where they open."""
    with tempfile.TemporaryDirectory() as home:
        config = load_config({"home": home, "history": False})
        engine = await Engine.open(config, [folder], watch=False)
        try:
            await engine.index()
            places = _definitions(engine)
            drawn = random.Random(seed).sample(sorted(places), min(names, len(places)))
            outcomes: Counter[str] = Counter()
            missed: list[str] = []
            for name in drawn:
                found = (await engine.search(SearchRequest(name, 1))).results
                outcome = _outcome(folder, name, found[0] if found else None, places[name])
                outcomes[outcome] += 1
                if outcome != "landed":
                    missed.append(f"{name}: {outcome}{f', {found[0].path}' if found else ''}")
        finally:
            await engine.close()
    return {
        "machine": machine(),
        "names": len(drawn),
        "landed": round(outcomes["landed"] / max(1, len(drawn)), 4),
        "outcomes": dict(outcomes.most_common()),
        "examples": missed[:_MAX_EXAMPLES],
    }


def _definitions(engine: Engine) -> Places:
    places: Places = defaultdict(list)
    for view in engine.views():
        for block in view.blocks:
            for node in block.nodes:
                for item in node.definitions:
                    places[item.name].append((block.record.path, item.line))
    return places


def _outcome(folder: Path, name: str, result: SearchResult | None, defined: list[tuple[str, int]]) -> str:
    if result is None:
        return "nothing found"
    lines = [line for path, line in defined if path == result.path]
    if not lines or result.focus is None:
        return "another file"
    focus = result.focus
    if not any(line <= focus.start_line <= line + _HEAD_LINES for line in lines):
        return "another line"
    text = (folder / result.path).read_text(encoding="utf-8", errors="replace").splitlines()[focus.start_line]
    return "landed" if name in text else "another line"
