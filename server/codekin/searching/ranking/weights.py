"""The signals of the ranking and their weights: one table, read by the ranking and by `explain` alike.

A file's score is the sum of weight times value. Retrieval signals are divided by their largest value over the candidates that
need not yield, so they lie in [0, 1]; so do the others. How the weights of prose were fitted, and what each signal is worth, is in docs/research/quality.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from codekin.searching.query.parsing import QueryKind


@dataclass(frozen=True, slots=True)
class Signal:
    """`weights` by kind of query: symbol, path, prose (mixed is prose). `relative` ones are divided by their largest."""

    name: str
    meaning: str
    weights: tuple[float, float, float]
    relative: bool = False


SIGNALS = (
    Signal("lexical_three", "sum of the file's three best BM25 chunk scores", (0.6, 0.5, 1.02), relative=True),
    Signal("lexical_best", "the file's best BM25 chunk score", (0.4, 0.3, 0.27), relative=True),
    Signal("lexical_file", "BM25 score of the file's path, outline and comment", (0.3, 1.0, 0.29), relative=True),
    Signal("dense_best", "the file's best cosine", (0.1, 0.2, 0.8), relative=True),
    Signal("dense_path", "cosine with the file's path", (0.1, 0.4, 1.4)),
    Signal("deep_best", "the file's best cosine by the deep model, against those of other files", (0.0, 0.0, 1.0)),
    Signal("deep_path", "the deep model's cosine with the file's path, likewise", (0.0, 0.0, 0.25)),
    Signal("feedback_best", "as dense_best, the query moved towards the best chunks", (0.0, 0.0, 0.57), relative=True),
    Signal("definition", "the file defines a name of the query: 1 exact, 0.9 but for case", (4.0, 1.0, 0.43)),
    Signal("named", "share of the query that a definition names, all of whose words are asked for", (0.3, 0.3, 0.76)),
    Signal("file_name", "share of the words of the file's name that the query names", (0.3, 1.5, 0.59)),
    Signal("query_in_name", "share of the query that the file's name covers", (0.3, 2.0, 0.0)),
    Signal("path_match", "the path ends in the query: 1, or holds it: 0.5", (0.5, 5.0, 0.0)),
    Signal("depth", "folders above the file, a fifth for each", (0.0, 0.0, -0.66)),
    Signal("test", "1 for a test the query does not ask for", (-0.6, -0.3, -1.43)),
    Signal("vendored", "1 for vendored, generated or minified code not asked for", (-0.6, -0.3, -1.0)),
    Signal("peripheral", "1 for examples, documentation, legacy code not asked for", (-0.3, -0.2, -1.12)),
    Signal("document", "1 for prose (Markdown, reStructuredText, ...) not asked for", (-0.3, -0.2, -1.1)),
)
NAMES = tuple(signal.name for signal in SIGNALS)
YIELDING = ("test", "vendored", "peripheral", "document")
"""Those of files that give way to others unless the query asks for such files."""
_COLUMN = {QueryKind.SYMBOL: 0, QueryKind.PATH: 1, QueryKind.MIXED: 2, QueryKind.PROSE: 2}


@cache
def weights_for(kind: QueryKind) -> tuple[float, ...]:
    """The weights in the order of `NAMES`."""
    return tuple(signal.weights[_COLUMN[kind]] for signal in SIGNALS)
