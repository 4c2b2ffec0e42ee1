"""What an encoder adds to the ranking of long texts, by the best chunks of the best files.

    PYTHONPATH=.:server:server/training python server/training/deep.py FOLDER --keep DIR

FOLDER and DIR are those of `long_weights.py`. For each issue and commit message, the best chunks of
the best files by the ranking as it is are embedded, and the text as a whole, its title and its
paragraphs as queries. Every signal is added to the score with several weights. Nothing is fitted,
so nothing has to be cross-validated; the best of the rows is too good by chance.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.quality.question_data import Row, read_rows, sampled, unpacked
from long_weights import measures
from weights import Labelled

from codekin.config import load_config
from codekin.domain.ports import Embedder
from codekin.embedding import open_embedder
from codekin.engine import Engine
from codekin.indexing import Prepared, prepare_file
from codekin.searching import Snapshot
from codekin.searching.query.parsing import parse_query
from codekin.searching.ranking.features import FileTable, file_table, word_shares
from codekin.searching.ranking.file_ranking import comparable
from codekin.searching.ranking.retrieval import gather
from codekin.searching.ranking.weights import weights_for
from codekin.searching.snapshot.snapshot import FILE_KIND

FILES, CHUNKS = 20, 3
"""Number of files of each text that are read, and of chunks of each."""
MAX_FILE_BYTES = 1_000_000
PARAGRAPHS, SHORTEST_PARAGRAPH = 12, 20
QUERIES = ("whole", "title", "paragraphs", "all three")
WEIGHTS = (0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Read:
    """One text: its signals, its scores, and (files, 3) cosines, NaN for files not read."""

    labelled: Labelled
    scores: np.ndarray
    cosines: np.ndarray


class Reader:
    """Embeds every chunk once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._rows: dict[str, np.ndarray] = {}

    def cosines(self, texts: list[str], row: Row, title: str) -> tuple[float, float, float]:
        """Return the best cosines of the chunks with the whole text, its title, its paragraphs."""
        rows = np.stack([self._row(text) for text in texts])
        parts = [part for part in re.split(r"\n\s*\n", row.text) if len(part.strip()) > SHORTEST_PARAGRAPH]
        queries = [row.text, title or row.text, *parts[:PARAGRAPHS]]
        near = rows @ np.stack([self._embedder.embed_query(query) for query in queries]).T
        best = near.max(axis=0)
        return float(best[0]), float(best[1]), float(best[2:].max(initial=best[0]))

    def _row(self, text: str) -> np.ndarray:
        if text not in self._rows:
            self._rows[text] = self._embedder.embed_passages([text])[0]
        return self._rows[text]


async def collect(rows: list[Row], folder: Path, keep: Path, reader: Reader) -> list[Read]:
    """Return every text with what the encoder says of its best files."""
    trees: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        trees[row.tree].append(row)
    found: list[Read] = []
    for name, own in sorted(trees.items()):
        tree = unpacked(folder, own[0], keep)
        config = load_config({"home": str(keep / "home"), "history": False, "deep": "off"})
        engine = await Engine.open(config, [tree], watch=False)
        try:
            await engine.index()
            (view,) = (view for view in engine.views() if not view.of_records)
            found.extend(read(view, tree, row, reader) for row in own)
        finally:
            await engine.close()
        print(name, flush=True)
    return found


def read(view: Snapshot, tree: Path, row: Row, reader: Reader) -> Read:
    """Return one text with the cosines of its best files."""
    query = parse_query(row.text)
    title = word_shares([view], query.title) if query.title else None
    table = file_table(gather(view, query, "hybrid", None, None), query, word_shares([view], query), title)
    values = comparable(table.values)
    scores = values @ np.array(weights_for(query.kind))
    cosines = np.full((len(scores), 3), np.nan)
    for at in np.argsort(-scores, kind="stable")[:FILES].tolist():
        if texts := best_chunks(table, at, tree):
            cosines[at] = reader.cosines(texts, row, query.title.text if query.title else "")
    wanted = np.array([table.path(at) in row.targets for at in range(len(table.files))], dtype=bool)
    labelled = Labelled(row.id, row.repo, row.kind, row.names_path, query.kind, values, wanted, len(row.targets))
    return Read(labelled, scores, cosines)


def best_chunks(table: FileTable, at: int, tree: Path) -> list[str]:
    """Return the texts of the chunks of a file that match best by words and meaning."""
    prepared = prepare_file(tree, table.path(at), MAX_FILE_BYTES)
    if not isinstance(prepared, Prepared):
        return []
    found, part = table.candidates, slice(table.first[at], table.first[at + 1])
    match = found.lexical[part] / max(float(found.lexical.max()), 1e-9) + found.dense[part]
    match[table.view.node_kind[found.nodes[part]] == FILE_KIND] = -np.inf
    nodes = found.nodes[part][np.argsort(-match, kind="stable")[:CHUNKS]] - table.view.first_node[table.files[at]]
    return [prepared.chunks[node].embedding_text for node in nodes.tolist() if 0 < node < len(prepared.chunks)]


def standings(cosines: np.ndarray) -> np.ndarray:
    """Return how far cosines are above the mean of the files that were read, in 3 deviations."""
    known = np.isfinite(cosines)
    if not known.any():
        return np.zeros(len(cosines))
    mean, spread = cosines[known].mean(), max(3 * float(cosines[known].std()), 1e-6)
    return np.where(known, (cosines - mean) / spread, 0.0)


def report(texts: list[Read]) -> None:
    """Print the measures by kind, signal and weight, with the paired differences."""
    for kind in sorted({text.labelled.category for text in texts}):
        own = [text for text in texts if text.labelled.category == kind]
        before = [measures(text.labelled, text.scores) for text in own]
        print(kind, len(own), {name: round(float(np.mean([one[name] for one in before])), 3) for name in before[0]})
        signals = [np.column_stack([standings(column) for column in text.cosines.T]) for text in own]
        for at, query in enumerate(QUERIES):
            for weight in WEIGHTS:
                added = [one.sum(axis=1) if at == len(QUERIES) - 1 else one[:, at] for one in signals]
                after = [
                    measures(text.labelled, text.scores + weight * one) for text, one in zip(own, added, strict=True)
                ]
                changes = np.array(
                    [
                        [new["mrr"] - old["mrr"], new["acc@5"] - old["acc@5"]]
                        for new, old in zip(after, before, strict=True)
                    ]
                )
                error = changes.std(axis=0) / len(changes) ** 0.5
                mean = changes.mean(axis=0)
                print(
                    f"  {query} x {weight}: MRR {mean[0]:+.3f} ± {error[0]:.3f}, acc@5 {mean[1]:+.3f} ± {error[1]:.3f}"
                )


def main() -> None:
    """Print what the encoder adds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--model", default="deep", help="an embedder, such as deep or onnx:FOLDER")
    parser.add_argument("--issues", type=int, default=280)
    parser.add_argument("--commits", type=int, default=169)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows = sampled(read_rows(arguments.folder), arguments.issues, arguments.commits, arguments.seed)
    report(asyncio.run(collect(rows, arguments.folder, arguments.keep, Reader(open_embedder(arguments.model)))))


if __name__ == "__main__":
    main()
