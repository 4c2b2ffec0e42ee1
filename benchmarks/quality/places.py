"""`python -m benchmarks places DIR`: questions about documents, configuration, versions and errors.

The 120 questions of places.jsonl were written for six repositories of the question set before any
result was seen. A question is answered if one of its paths, or a file below it, is among the first
three files.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.quality.question_data import read_rows, unpacked
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine

_FIRST_FILES = 3
_LIMIT = 10
_QUESTIONS = Path(__file__).with_name("places.jsonl")


async def measure_places(folder: Path, keep: Path | None = None) -> dict[str, Any]:
    """Index the six trees, ask their questions, and return the shares by kind and by tree."""
    with tempfile.TemporaryDirectory() as temporary:
        place = keep or Path(temporary)
        answered: dict[str, list[bool]] = defaultdict(list)
        missed: list[str] = []
        trees = {row.tree: row for row in read_rows(folder)}
        for tree, questions in _questions().items():
            config = load_config({"home": str(place / "home"), "history": False})
            engine = await Engine.open(config, [unpacked(folder, trees[tree], place)], watch=False)
            try:
                await engine.index()
                for item in questions:
                    results = (await engine.search(SearchRequest(item["query"], _LIMIT))).results
                    files = list(dict.fromkeys(result.path for result in results))
                    right = any(_is_right(path, item["paths"]) for path in files[:_FIRST_FILES])
                    for group in ("all", item["kind"], tree):
                        answered[group].append(right)
                    if not right:
                        missed.append(f"{tree}: {item['query']}: {', '.join(files[:_FIRST_FILES])}")
            finally:
                await engine.close()
    shares = {group: round(sum(values) / len(values), 3) for group, values in answered.items()}
    return {"machine": machine(), "questions": len(answered["all"]), "answered": shares, "missed": missed}


def _questions() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in _QUESTIONS.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        found[item["tree"]].append(item)
    return found


def _is_right(path: str, wanted: list[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in wanted)
