"""`python -m benchmarks encoders REPOSITORIES ...`: encoders as the deep tier, alone and ranked.

There are three kinds of questions: short ones over whole repositories (this module), descriptions
of single functions (`functions.py`), and issues and commit messages (`candidates.py`).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.encoders.candidates import with_candidates
from benchmarks.encoders.functions import with_functions
from benchmarks.encoders.results import NONE, Result, by_encoder
from benchmarks.machine import machine
from benchmarks.quality.data import Repository, read_queries, read_repositories
from benchmarks.quality.questions import with_error
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.embedding import open_embedder
from codekin.engine import Engine
from codekin.evaluating.scoring import K, score

_TEXTS, _CHARACTERS = 200, 1_500
"""Number and length of the beginnings of files whose embedding is timed."""
_STATIC = "static"
_MEMORY = """
import sys
from benchmarks.machine import private_mb
from codekin.embedding import open_embedder
before = private_mb()
embedder = open_embedder(sys.argv[1])
embedder.embed_passages(["def retry(attempts): return attempts " * 20])
print(private_mb() - before)
"""


async def measure_encoders(
    folder: Path,
    queries: list[Path],
    questions: Path,
    functions: Path,
    models: list[str],
    keep: Path | None,
    issues: int,
    commits: int,
    only: Sequence[str],
) -> dict[str, Any]:
    """Measure every model on all sets, and compare its ranking with none and with itself alone."""
    repositories = read_repositories(folder, queries[0].parent / "repos.json", read_queries(queries), only)
    if not repositories:
        raise SystemExit(f"{', '.join(only) or 'repos.json'} names no repository with queries")
    of_model: dict[str, list[Result]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        home = keep or Path(scratch)
        for model in dict.fromkeys((NONE, *models)):
            of_model[model] = await _short(repositories, model, home / "short")
            of_model[model] += await with_functions(functions, model, home / "functions")
        for model, found in (await with_candidates(questions, home, models, issues, commits)).items():
            of_model[model] += found
    return {
        "machine": machine(),
        "models": {
            model: {**_costs(_STATIC if model == NONE else model, repositories[0]), **compared(found, of_model[NONE])}
            for model, found in of_model.items()
        },
    }


def compared(results: Sequence[Result], without: Sequence[Result]) -> dict[str, Any]:
    """Return means by set and measure, and paired differences with errors over repositories."""
    baseline = {(one.set, one.measure, one.question): one.ranked for one in without}
    groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for one in results:
        groups[one.set, one.measure].append(one)
    return {
        f"{name}, {measure}": {
            "n": len(own),
            "alone": round(float(np.mean([one.alone for one in own])), 3),
            "ranked": round(float(np.mean([one.ranked for one in own])), 3),
            "ranked less without": _less(own, {one: baseline[name, measure, one.question] for one in own}),
            "ranked less alone": _less(own, {one: one.alone for one in own}),
        }
        for (name, measure), own in sorted(groups.items())
    }


def _less(results: Sequence[Result], others: Mapping[Result, float]) -> str:
    groups: dict[str, list[float]] = defaultdict(list)
    for one in results:
        groups[one.repository].append(one.ranked - others[one])
    return with_error(groups.values())


async def _short(repositories: Sequence[Repository], model: str, home: Path) -> list[Result]:
    found: list[Result] = []
    for repository in repositories:
        engine = await Engine.open(load_config({"home": str(home), "deep": model}), [repository.root], watch=False)
        try:
            await engine.index()
            if model != NONE:
                await engine.deepen()
            for query in repository.queries:
                answer = await engine.search(SearchRequest(query.text, K))
                name = "paraphrases" if query.category == "paraphrase" else "short questions"
                alone, ranked = (
                    score([repository.prefix + path for path in paths], query.targets).ndcg
                    for paths in (
                        by_encoder(engine.views(), query.text, K),
                        [result.path for result in answer.results],
                    )
                )
                found.append(Result(name, "NDCG@10", query.repo, query.id, alone, ranked))
        finally:
            await engine.close()
        sys.stderr.write(f"{model}: {repository.name}\n")
    return found


def _costs(model: str, repository: Repository) -> dict[str, float]:
    """Return texts per second of one processor, and the private memory of the model."""
    files = [file for file in sorted(repository.root.rglob("*")) if file.is_file()][:_TEXTS]
    texts = [file.read_text(encoding="utf-8", errors="replace")[:_CHARACTERS] for file in files]
    embedder = open_embedder(model)
    embedder.embed_passages(texts[:2])
    started = time.process_time()
    embedder.embed_passages(texts)
    took = time.process_time() - started
    command = [sys.executable, "-c", _MEMORY, model]
    memory = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    return {"texts_per_processor_s": round(len(texts) / took, 1), "private_mb": round(float(memory))}
