"""The signals of the ranking and their weights: one table, read by the ranking and by `explain` alike.

A file's score is the sum of weight times value. Values of retrieval signals are divided by their largest over all
candidates, so they lie in [0, 1]; the others are stated below. Weights are fitted on the development set as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from codekin.searching.query import QueryKind


@dataclass(frozen=True, slots=True)
class Signal:
    """`weights` by kind of query, in the order symbol, path, mixed, prose."""

    name: str
    meaning: str
    weights: tuple[float, float, float, float]


_ORDER = (QueryKind.SYMBOL, QueryKind.PATH, QueryKind.MIXED, QueryKind.PROSE)

SIGNALS = (
    Signal("lexical_three", "sum of the file's three best BM25 chunk scores", (0.6, 0.5, 1.06, 1.06)),
    Signal("lexical_best", "the file's best BM25 chunk score", (0.4, 0.3, 0.32, 0.32)),
    Signal("lexical_file", "BM25 score of the file's path, outline and leading comment", (0.3, 1.0, 0.29, 0.29)),
    Signal("dense_three", "sum of the file's three best cosines", (0.1, 0.2, 0.41, 0.41)),
    Signal("dense_best", "the file's best cosine", (0.1, 0.2, 0.79, 0.79)),
    Signal("dense_file", "cosine with the file's path, outline and leading comment", (0.1, 0.4, 0.18, 0.18)),
    Signal("definition", "the file defines a name of the query: 1 exact, 0.9 but for case", (4.0, 1.0, 0.38, 0.38)),
    Signal(
        "path_words",
        "share of the path's words that the query names, the last ones count double",
        (0.3, 1.5, 0.96, 0.96),
    ),
    Signal("query_in_path", "share of the query's words that the path names", (0.3, 2.0, 0.86, 0.86)),
    Signal("path_match", "the path ends in the query: 1, or holds it: 0.5", (0.5, 5.0, 0.0, 0.0)),
    Signal("test", "1 for a test the query does not ask for", (-0.6, -0.3, -1.34, -1.34)),
    Signal(
        "vendored", "1 for vendored, generated or minified code the query does not ask for", (-0.6, -0.3, -0.53, -0.53)
    ),
    Signal(
        "peripheral",
        "1 for examples, documentation, legacy or compatibility code not asked for",
        (-0.3, -0.2, -1.08, -1.08),
    ),
    Signal("barrel", "1 for a file that only re-exports", (-0.3, -0.1, 0.51, 0.51)),
)
NAMES = tuple(signal.name for signal in SIGNALS)


def weights_for(kind: QueryKind) -> tuple[float, ...]:
    """The weights in the order of `NAMES`."""
    column = _ORDER.index(kind)
    return tuple(signal.weights[column] for signal in SIGNALS)
