"""One evaluation: index a copy of the workspace without the answers, and run every query on it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from codekin.config import Config
from codekin.domain.search import Mode, SearchRequest, SearchResult
from codekin.engine import Engine
from codekin.evaluating.holdout import SyntheticQuery, hold_out
from codekin.evaluating.scoring import K, Score, mean, percentile, score

_DEPTH = 100
"""Number of results requested, so that the first 10 are known when a signal is removed."""
Progress = Callable[[str], None]
_MODES: tuple[tuple[Mode, str], ...] = (
    ("hybrid", "everything"),
    ("lexical", "words alone"),
    ("semantic", "meaning alone"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """The result of one way of searching.

    `without` names the removed signal, or is "". Times are those of a search for 10 results, and 0
    if the order was derived from the score parts of another row.
    """

    model: str
    mode: str
    without: str
    score: Score
    doc_ndcg: float
    name_ndcg: float
    p50_ms: float = 0.0
    p95_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All results. `queries` are counts by kind, `seconds` the indexing times by model."""

    queries: dict[str, int]
    files: int
    chunks: int
    seconds: dict[str, float]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    query: SyntheticQuery
    results: tuple[SearchResult, ...]


async def evaluate(
    root: Path, config: Config, models: Sequence[str], *, most: int, seed: int, progress: Progress
) -> Evaluation:
    """Index a copy of `root` (absolute) once for each model, and run all queries on it.

    The copy is below the system's temporary directory and is removed. A model is a value of the
    setting `embedder`. Raises SettingsError, EmbedderError, IndexUnavailableError.
    """
    with tempfile.TemporaryDirectory(prefix="codekin-evaluate-") as scratch:
        copy = Path(scratch) / "workspace"
        copy.mkdir()
        progress("Making queries")
        queries = hold_out(root, config, copy, most=most, seed=seed)
        rows: list[Row] = []
        seconds: dict[str, float] = {}
        files = chunks = 0
        for model in models:
            home = Path(scratch) / "home"
            settings = msgspec.structs.replace(config, home=str(home), place="cache", embedder=model, watch=False)
            engine = await Engine.open(settings, [copy], watch=False)
            try:
                progress(f"Indexing with {model}")
                report = await engine.index()
                files, chunks, seconds[model] = report.files, report.chunks, report.seconds
                if engine.status().deep.state != "off":
                    progress("Filling the deep tier")
                    await engine.deepen()
                progress(f"Running {len(queries)} queries")
                rows.extend(await _rows(engine, model, queries))
            finally:
                await engine.close()
    kinds = {kind: sum(query.kind == kind for query in queries) for kind in ("doc", "name")}
    return Evaluation(kinds, files, chunks, seconds, tuple(rows))


async def _rows(engine: Engine, model: str, queries: Sequence[SyntheticQuery]) -> list[Row]:
    rows: list[Row] = []
    for mode, title in _MODES:
        times, answers = [], []
        for query in queries:
            times.append((await engine.search(SearchRequest(query.text, K, mode))).took_ms)
            deep = await engine.search(SearchRequest(query.text, _DEPTH, mode, explain=True))
            answers.append(_Answer(query, deep.results))
        rows.append(_row(model, title, "", answers, times))
        if mode == "hybrid":
            explained = answers
    signals = sorted({name for answer in explained for result in answer.results for name in result.parts})
    ablated = [_row(model, _MODES[0][1], signal, explained, ()) for signal in signals]
    return [*rows, *sorted(ablated, key=lambda row: row.score.ndcg)]


def _row(model: str, mode: str, without: str, answers: Sequence[_Answer], times: Sequence[float]) -> Row:
    scored = [(answer.query.kind, score(_files(answer.results, without), [answer.query.path])) for answer in answers]
    ndcg = {kind: mean(one for of, one in scored if of == kind).ndcg for kind in ("doc", "name")}
    return Row(
        model=model,
        mode=mode,
        without=without,
        score=mean(one for _, one in scored),
        doc_ndcg=ndcg["doc"],
        name_ndcg=ndcg["name"],
        p50_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
    )


def _files(results: Sequence[SearchResult], without: str) -> list[str]:
    """Return files in the order of their first results' scores, minus the part of one signal."""
    first: dict[str, float] = {}
    for result in results:
        first.setdefault(result.path, result.score - result.parts.get(without, 0.0))
    if not without:
        return list(first)
    return sorted(first, key=lambda path: -first[path])
