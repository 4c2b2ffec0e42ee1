"""One evaluation: a temporary index of the copy without the answers, and every query asked of it in several ways."""

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
"""Results that are asked for, so that those of the first 10 without a signal are among them."""
Progress = Callable[[str], None]
_MODES: tuple[tuple[Mode, str], ...] = (
    ("hybrid", "everything"),
    ("lexical", "words alone"),
    ("semantic", "meaning alone"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """How one way of searching did. `without` names the signal left out, "" for none; times are those of a search for 10
    results, 0 where the order was worked out from the parts of another row's scores.
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
    """`queries` by the kind they were made from; `seconds` of indexing by model."""

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
    root: Path, config: Config, models: Sequence[str], *, most: int, seed: int, told: Progress
) -> Evaluation:
    """`root` is absolute. Indexes a copy below the system's temporary directory, once for each model (a setting of `embedder`), and removes it.
    Raises SettingsError, EmbedderError, IndexUnavailableError.
    """
    with tempfile.TemporaryDirectory(prefix="codekin-evaluate-") as scratch:
        copy = Path(scratch) / "workspace"
        copy.mkdir()
        told("Making queries")
        queries = hold_out(root, config, copy, most=most, seed=seed)
        rows: list[Row] = []
        seconds: dict[str, float] = {}
        files = chunks = 0
        for model in models:
            home = Path(scratch) / "home"
            settings = msgspec.structs.replace(config, home=str(home), place="cache", embedder=model, watch=False)
            engine = await Engine.open(settings, [copy], watch=False)
            try:
                told(f"Indexing with {model}")
                report = await engine.index()
                files, chunks, seconds[model] = report.files, report.chunks, report.seconds
                if config.deep != "off":
                    told("Filling in the deep tier")
                    await engine.deepen()
                told(f"Asking {len(queries)} queries")
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
            whole = answers
    signals = sorted({name for answer in whole for result in answer.results for name in result.parts})
    left_out = [_row(model, _MODES[0][1], signal, whole, ()) for signal in signals]
    return [*rows, *sorted(left_out, key=lambda row: row.score.ndcg)]


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
    """Files in the order of their first results' scores, less the part of one signal."""
    first: dict[str, float] = {}
    for result in results:
        first.setdefault(result.path, result.score - result.parts.get(without, 0.0))
    if not without:
        return list(first)
    return sorted(first, key=lambda path: -first[path])
