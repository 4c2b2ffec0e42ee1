"""`python -m benchmarks history PATH`: the cost and the quality of indexing history.

It measures how long the history takes to index, and whether the questions of
`history_questions.json` find their answers. PATH may contain several repositories.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from codekin.config import load_config
from codekin.domain.search import Filters, SearchRequest, SearchResult
from codekin.engine import Engine

QUESTIONS = json.loads(Path(__file__).with_name("history_questions.json").read_text(encoding="utf-8"))
TOP = 3


async def measure_history(folder: Path) -> dict[str, Any]:
    """Measure clones of the repositories, with indexes of their own."""
    found = _repositories(folder)
    results = [await _one(source) for source in found]
    questions = sum(result["questions"] for result in results)
    return {
        "repositories": results,
        "commits": sum(result["commits"] for result in results),
        "history_s": round(sum(result["history_s"] for result in results), 2),
        "questions_answered": f"{sum(result['answered'] for result in results)} of {questions}",
        "resident_mb": round(psutil.Process().memory_info().rss / 1e6),
    }


async def _one(source: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / source.stem
        _git(Path(scratch), "clone", "-q", str(source), str(root))
        commits = int(_git(root, "rev-list", "--count", "HEAD"))
        config = {"home": str(Path(scratch) / "home")}
        files_s = await _index_s(load_config({**config, "history": False}), root)
        started = time.perf_counter()
        engine = await Engine.open(load_config(config), [root], watch=False)
        try:
            report = await engine.index()
            history_s = time.perf_counter() - started
            _git(root, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "One more")
            started = time.perf_counter()
            await engine.index()
            one_more_s = time.perf_counter() - started
            mine = [item for item in QUESTIONS if item["repo"] == source.stem]
            missed = [item["query"] for item in mine if not await _answers(engine, item)]
            took = [
                (await engine.search(SearchRequest(item["query"], filters=Filters(kinds=("commit",))))).took_ms
                for item in mine
            ]
        finally:
            await engine.close()
    return {
        "repository": source.stem,
        "commits": commits,
        "embedded": report.embedded,
        "files_alone_s": round(files_s, 2),
        "history_s": round(history_s, 2),
        "one_more_commit_s": round(one_more_s, 3),
        "search_ms": round(sorted(took)[len(took) // 2], 1) if took else None,
        "questions": len(mine),
        "answered": len(mine) - len(missed),
        "missed": missed,
    }


async def _index_s(config: Any, root: Path) -> float:
    started = time.perf_counter()
    engine = await Engine.open(config, [root], watch=False)
    try:
        await engine.index()
    finally:
        await engine.close()
    return time.perf_counter() - started


async def _answers(engine: Engine, item: dict[str, Any]) -> bool:
    results = (await engine.search(SearchRequest(item["query"], limit=10))).results
    return any(_is_answer(result, item["answers"]) for result in results[:TOP])


def _is_answer(result: SearchResult, answers: list[str]) -> bool:
    return result.path in answers or any(result.commit and result.commit.startswith(answer) for answer in answers)


def _repositories(folder: Path) -> list[Path]:
    found = [folder] if _is_repository(folder) else sorted(path for path in folder.iterdir() if _is_repository(path))
    if not found:
        raise SystemExit(f"{folder} holds no repository")
    return found


def _is_repository(path: Path) -> bool:
    return path.suffix == ".bundle" or (path / ".git").exists()


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout
