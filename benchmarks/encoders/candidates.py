"""Issues and commit messages, asked of the best chunks of the best files.

A CPU would take too long to embed all trees that they are about. So the encoder orders what the
ranking without it found: the best chunks of the best files.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.encoders.results import NONE, Result
from benchmarks.quality.question_data import Row, read_rows, sampled, unpacked
from benchmarks.quality.questions import LIMIT, Answer
from codekin.config import load_config
from codekin.domain.ports import Embedder
from codekin.embedding import open_embedder
from codekin.engine import Engine
from codekin.indexing import Prepared, prepare_file
from codekin.searching import Snapshot
from codekin.searching.query.parsing import parse_query
from codekin.searching.ranking.deep_calibration import standings
from codekin.searching.ranking.features import FileTable, file_table, word_shares
from codekin.searching.ranking.file_ranking import comparable
from codekin.searching.ranking.retrieval import gather
from codekin.searching.ranking.weights import NAMES, weights_for
from codekin.searching.snapshot.snapshot import FILE_KIND

_FILES, _CHUNKS = 20, 3
"""Number of files of each text that are read, and of chunks of each."""
_MAX_FILE_BYTES = 1_000_000
_PARAGRAPHS, _SHORTEST_PARAGRAPH = 12, 20
_SEED = 1
_MEASURES = {"mrr": "MRR", "acc@5": "Acc@5"}
_FORMS = 4
"""A text is asked as a whole, by its title, by its paragraphs, and by all three."""
_MIXTURES = tuple((form, weight) for form in range(_FORMS) for weight in (0.0, 0.1, 0.25, 0.5, 1.0))
_DEEP = NAMES.index("deep_best")


@dataclass(frozen=True, slots=True)
class _Text:
    """One issue or message: its files, best first without an encoder, and chunks of the best."""

    row: Row
    title: str
    weight: float
    paths: list[str]
    scores: np.ndarray
    chunks: list[list[str]]


@dataclass(frozen=True, slots=True)
class Mixtures:
    """Measures of one text: by the encoder alone, and by the ranking with each of the mixtures."""

    row: Row
    alone: dict[str, float]
    ranked: list[dict[str, float]]


async def with_candidates(
    folder: Path, home: Path, models: Sequence[str], issues: int, commits: int
) -> dict[str, list[Result]]:
    """Return measures of the ranking without an encoder and with each model, at its weight.

    A second set, "mixed", mixes form and weight as is best for all other repositories.
    """
    trees: dict[str, list[Row]] = defaultdict(list)
    for row in sampled(read_rows(folder), issues, commits, _SEED):
        trees[row.tree].append(row)
    texts = [text for _, own in sorted(trees.items()) for text in await _texts(folder, home, own)]
    found = {NONE: [one for text in texts for name in ("", ", mixed") for one in _results(text, name)]}
    for model in models:
        found[model] = _with_model(open_embedder(model), texts)
        sys.stderr.write(f"{model}: issues and commit messages\n")
    return found


async def _texts(folder: Path, home: Path, rows: Sequence[Row]) -> list[_Text]:
    tree = unpacked(folder, rows[0], home)
    config = load_config({"home": str(home / "home"), "history": False, "deep": "off"})
    engine = await Engine.open(config, [tree], watch=False)
    try:
        await engine.index()
        (view,) = (view for view in engine.views() if not view.of_records)
        return [_text(view, tree, row) for row in rows]
    finally:
        await engine.close()


def _text(view: Snapshot, tree: Path, row: Row) -> _Text:
    query = parse_query(row.text)
    title = word_shares([view], query.title) if query.title else None
    table = file_table(gather(view, query, "hybrid", None, None), query, word_shares([view], query), title)
    weights = np.array(weights_for(query.kind))
    scores = comparable(table.values) @ weights
    order = np.argsort(-scores, kind="stable")[:LIMIT]
    return _Text(
        row,
        query.title.text if query.title else row.text,
        float(weights[_DEEP]),
        [table.path(at) for at in order.tolist()],
        scores[order],
        [_best_chunks(table, at, tree) for at in order[:_FILES].tolist()],
    )


def _best_chunks(table: FileTable, at: int, tree: Path) -> list[str]:
    """Return the texts of the chunks of a file that match best by words and meaning."""
    prepared = prepare_file(tree, table.path(at), _MAX_FILE_BYTES)
    if not isinstance(prepared, Prepared):
        return []
    found, part = table.candidates, slice(table.first[at], table.first[at + 1])
    match = found.lexical[part] / max(float(found.lexical.max()), 1e-9) + found.dense[part]
    match[table.view.node_kind[found.nodes[part]] == FILE_KIND] = -np.inf
    nodes = found.nodes[part][np.argsort(-match, kind="stable")[:_CHUNKS]] - table.view.first_node[table.files[at]]
    return [prepared.chunks[node].embedding_text for node in nodes.tolist() if 0 < node < len(prepared.chunks)]


def _with_model(embedder: Embedder, texts: Sequence[_Text]) -> list[Result]:
    rows: dict[str, np.ndarray] = {}
    for passage in {passage for text in texts for chunks in text.chunks for passage in chunks}:
        rows[passage] = embedder.embed_passages([passage])[0]
    found: list[Result] = []
    mixtures: list[Mixtures] = []
    for text in texts:
        cosines = _cosines(text, embedder, rows)
        # Files that were not read follow, in the order of the ranking without the encoder.
        alone = Answer(text.row, _ordered(text, np.where(np.isfinite(cosines[:, 0]), cosines[:, 0], -1.0)))
        signals = np.column_stack([standings(column, text.scores) for column in cosines.T])
        signals = np.column_stack([signals, signals.sum(axis=1)])
        ranked = Answer(text.row, _ordered(text, text.scores + text.weight * signals[:, 0]))
        found += _results(text, "", alone, ranked)
        mixed = [Answer(text.row, _ordered(text, text.scores + weight * signals[:, at])) for at, weight in _MIXTURES]
        mixtures.append(Mixtures(text.row, alone.measures(), [one.measures() for one in mixed]))
    return found + cross_validated(mixtures)


def _cosines(text: _Text, embedder: Embedder, rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return (files, 3): best cosines with the whole, the title, a paragraph; NaN if not read."""
    parts = [part for part in re.split(r"\n\s*\n", text.row.text) if len(part.strip()) > _SHORTEST_PARAGRAPH]
    asked = np.stack([embedder.embed_query(part) for part in (text.row.text, text.title, *parts[:_PARAGRAPHS])])
    found = np.full((len(text.paths), 3), np.nan)
    for at, chunks in enumerate(text.chunks):
        if chunks:
            best = (np.stack([rows[chunk] for chunk in chunks]) @ asked.T).max(axis=0)
            found[at] = best[0], best[1], best[2:].max(initial=best[0])
    return found


def _ordered(text: _Text, scores: np.ndarray) -> list[str]:
    return [text.paths[at] for at in np.argsort(-scores, kind="stable").tolist()]


def _results(text: _Text, suffix: str, alone: Answer | None = None, ranked: Answer | None = None) -> list[Result]:
    one, other = ((answer or Answer(text.row, text.paths)).measures() for answer in (alone, ranked))
    return _measured(text.row, suffix, one, other)


def _measured(row: Row, suffix: str, alone: Mapping[str, float], ranked: Mapping[str, float]) -> list[Result]:
    return [
        Result(f"{row.kind}s{suffix}", label, row.repo, row.id, alone[name], ranked[name])
        for name, label in _MEASURES.items()
    ]


def cross_validated(texts: Sequence[Mixtures]) -> list[Result]:
    """Return the measures of the mixture whose MRR is best in all other repositories of a kind."""
    found: list[Result] = []
    for text in texts:
        others = [
            [one["mrr"] for one in other.ranked]
            for other in texts
            if other.row.kind == text.row.kind and other.row.repo != text.row.repo
        ]
        best = int(np.mean(others, axis=0).argmax()) if others else 0
        found += _measured(text.row, ", mixed", text.alone, text.ranked[best])
    return found
