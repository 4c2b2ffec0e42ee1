"""Descriptions of functions, asked of functions in files whose names say nothing.

Nothing but the code answers here: no path, no neighbour and no document. The pairs are those that
the models are not trained on.
"""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

from server.training.text import read_pairs

from benchmarks.encoders.results import NONE, Result, by_encoder
from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.evaluating.scoring import K, score

_FUNCTIONS, _ASKED, _SEED = 1_500, 400, 1
_WORDS = range(4, 25)
"""Lengths of the descriptions that are asked; others are licences, labels or whole manuals."""
_SUFFIXES = {"python": "py", "javascript": "js", "typescript": "ts", "csharp": "cs", "ruby": "rb", "rust": "rs"}


async def with_functions(pairs: Path, model: str, home: Path) -> list[Result]:
    """Return the reciprocal rank of the right function for each description."""
    chosen = [pair for pair in read_pairs([pairs]) if pair["kind"] == "doc" and len(pair["query"].split()) in _WORDS]
    chosen = random.Random(_SEED).sample(chosen, min(_FUNCTIONS, len(chosen)))
    folder = home / "workspace"
    if folder.exists():  # perhaps with other functions
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    names = [f"f{at:04}.{_SUFFIXES.get(pair['lang'], pair['lang'])}" for at, pair in enumerate(chosen)]
    for name, pair in zip(names, chosen, strict=True):
        (folder / name).write_text(pair["code"], encoding="utf-8", errors="replace")
    config = load_config({"home": str(home / "home"), "deep": model})
    engine = await Engine.open(config, [folder], watch=False)
    found: list[Result] = []
    try:
        await engine.index()
        if model != NONE:
            await engine.deepen()
        for name, pair in list(zip(names, chosen, strict=True))[:_ASKED]:
            answer = await engine.search(SearchRequest(pair["query"], K))
            ranked = score([result.path for result in answer.results], [name]).mrr
            alone = score(by_encoder(engine.views(), pair["query"], K), [name]).mrr
            found.append(Result("functions", "MRR@10", pair["repo"], name, alone, ranked))
    finally:
        await engine.close()
    sys.stderr.write(f"{model}: functions\n")
    return found
