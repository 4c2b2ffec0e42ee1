"""The signals of the ranking and their weights, which the ranking and `explain` share.

A file's score is the sum of weight times value. Retrieval signals are divided by their largest
value over the candidates that are not demoted, so they are in [0, 1]. Most others are as well. How
the weights for prose were fitted and what each signal is worth is in docs/research/quality.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from codekin.searching.query.parsing import QueryKind


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal. `weights` are for symbols, paths, prose and long texts; mixed counts as prose.

    The values of a `relative` signal are divided by their maximum.
    """

    name: str
    label: str
    """The name that people see in an explanation."""
    meaning: str
    weights: tuple[float, float, float, float]
    relative: bool = False


SIGNALS = (
    Signal(
        "lexical_three",
        "words (three best parts)",
        "sum of the file's three best BM25 chunk scores, divided by the root of their number",
        (0.6, 0.5, 0.58, 0.1),
        relative=True,
    ),
    Signal(
        "lexical_best", "words (best part)", "the file's best BM25 chunk score", (0.4, 0.3, 0.08, 0.29), relative=True
    ),
    Signal(
        "lexical_file",
        "words of path and names",
        "BM25 score of the file's path, outline and comment",
        (0.3, 1.0, 0.23, 0.09),
        relative=True,
    ),
    Signal("dense_best", "meaning (best part)", "the file's best cosine", (0.1, 0.2, 0.91, 0.61), relative=True),
    Signal("dense_path", "meaning of the path", "cosine with the file's path", (0.1, 0.4, 1.61, 0.38)),
    Signal(
        "deep_best",
        "deep model (best part)",
        "the file's best cosine by the deep model, against those of other files",
        (0.0, 0.0, 0.8, 0.25),
    ),
    Signal(
        "deep_path",
        "deep model (path)",
        "the deep model's cosine with the file's path, likewise",
        (0.0, 0.0, 0.27, 0.0),
    ),
    Signal(
        "feedback_best",
        "similarity to the best parts",
        "as dense_best, the query moved towards the best chunks",
        (0.0, 0.0, 0.54, 0.37),
        relative=True,
    ),
    Signal(
        "definition",
        "defines a name",
        "the file defines a name of the query: 1 exact, 0.9 but for case",
        (4.0, 1.0, 0.68, 0.12),
    ),
    Signal(
        "exact_name",
        "defines the whole query",
        "1 if the file defines a name that is the entire query, 0.9 but for case, 0.5 if one begins with it",
        (4.0, 0.0, 6.0, 0.0),
    ),
    Signal(
        "named",
        "definition named",
        "share of the query that a definition names, if the query has all its words",
        (0.3, 0.3, 0.64, 0.79),
    ),
    Signal(
        "file_name", "file named", "share of the words of the file's name that are in the query", (0.3, 1.5, 0.51, 0.19)
    ),
    Signal(
        "query_in_name", "query in file name", "share of the query that the file's name covers", (0.3, 2.0, 0.0, 0.36)
    ),
    Signal(
        "path_match", "path matches", "1 if the path ends in the query, 0.5 if it contains it", (0.5, 5.0, 0.0, 0.0)
    ),
    Signal(
        "asked_for",
        "kind of file asked for",
        "how strongly the question asks for such a file: a manifest, a document ...",
        (0.0, 0.0, 1.5, 0.0),
    ),
    Signal("depth", "depth of folders", "folders above the file, a fifth for each", (0.0, 0.0, -0.72, 0.06)),
    Signal("test", "test", "1 for a test, unless the query asks for tests", (-0.6, -0.3, -1.39, -1.6)),
    Signal(
        "vendored",
        "vendored or generated",
        "1 for vendored, generated or minified code, unless asked for",
        (-0.6, -0.3, -1.0, -1.14),
    ),
    Signal(
        "peripheral",
        "example or documentation",
        "1 for examples, documentation and legacy code, unless asked for",
        (-0.3, -0.2, -1.11, -0.61),
    ),
    Signal(
        "document",
        "document",
        "1 for prose (Markdown, reStructuredText and so on), unless asked for",
        (-0.3, -0.2, -1.29, -1.44),
    ),
    Signal("change_log", "change log", "1 for a change log, unless asked for", (-0.3, -0.2, -0.5, -1.2)),
    Signal("translation", "translation", "1 for texts in other languages, unless asked for", (-0.3, -0.2, -1.0, -1.14)),
    Signal(
        "template", "template", "1 for templates of issues and of files, unless asked for", (-0.3, -0.2, -1.0, -1.01)
    ),
    Signal("configuration", "configuration", "1 for manifests and settings, for long texts", (0.0, 0.0, 0.0, -1.17)),
    Signal(
        "build", "build file", "1 for build files and continuous integration, for long texts", (0.0, 0.0, 0.0, -0.89)
    ),
    Signal("data", "data", "1 for data, for long texts", (0.0, 0.0, 0.0, -1.01)),
    Signal(
        "file_words",
        "words of the whole file",
        "BM25 of a long text over the whole file",
        (0.0, 0.0, 0.0, 0.59),
        relative=True,
    ),
    Signal(
        "file_symbols",
        "names of the whole file",
        "likewise, over the file's symbols only",
        (0.0, 0.0, 0.0, 0.25),
        relative=True,
    ),
    Signal(
        "file_title_words",
        "title in the whole file",
        "BM25 of its first line over the whole file",
        (0.0, 0.0, 0.0, 0.42),
        relative=True,
    ),
    Signal(
        "file_place",
        "path in the text",
        "1 if a path in the text is that of the file; shared if several match",
        (0.0, 0.0, 0.0, 0.39),
    ),
    Signal(
        "file_module",
        "module in the text",
        "likewise for a qualified name, such as of a module or class",
        (0.0, 0.0, 0.0, 0.05),
    ),
    Signal("file_stem", "file name in the text", "likewise for a word that is the file's name", (0.0, 0.0, 0.0, 0.29)),
    Signal(
        "file_definitions",
        "names defined here",
        "names in the text that the file defines, shared likewise",
        (0.0, 0.0, 0.0, 0.11),
    ),
    Signal(
        "title_lexical_three",
        "title: words (three best parts)",
        "lexical_three of the first line",
        (0.0, 0.0, 0.0, 0.14),
        relative=True,
    ),
    Signal(
        "title_lexical_best",
        "title: words (best part)",
        "lexical_best of the first line",
        (0.0, 0.0, 0.0, 0.4),
        relative=True,
    ),
    Signal(
        "title_lexical_file",
        "title: words of path and names",
        "lexical_file of the first line",
        (0.0, 0.0, 0.0, 0.16),
        relative=True,
    ),
    Signal(
        "title_dense_best",
        "title: meaning (best part)",
        "dense_best of the first line",
        (0.0, 0.0, 0.0, 0.23),
        relative=True,
    ),
    Signal("title_dense_path", "title: meaning of the path", "dense_path of the first line", (0.0, 0.0, 0.0, 1.09)),
    Signal(
        "title_feedback_best",
        "title: similarity to the best parts",
        "feedback_best of the first line",
        (0.0, 0.0, 0.0, 0.36),
        relative=True,
    ),
    Signal("title_file_name", "title: file named", "file_name of the first line", (0.0, 0.0, 0.0, 0.06)),
)
NAMES = tuple(signal.name for signal in SIGNALS)
LABELS = tuple(signal.label for signal in SIGNALS)
DEMOTED = (
    *("test", "vendored", "peripheral", "document"),
    *("change_log", "translation", "template", "configuration", "build", "data"),
)
"""Signals of files that rank lower unless the query asks for such files."""
TITLE = tuple(name.removeprefix("title_") for name in NAMES if name.startswith("title_"))
"""Signals that a long text has for its first line as well."""
LONG_ONLY = tuple(
    name
    for name in NAMES
    if name in ("configuration", "build", "data") or (name.startswith(("file_", "title_")) and name != "file_name")
)
"""Signals that are 0 for all queries but long texts."""
_COLUMN = {QueryKind.SYMBOL: 0, QueryKind.PATH: 1, QueryKind.MIXED: 2, QueryKind.PROSE: 2, QueryKind.LONG: 3}


@cache
def weights_for(kind: QueryKind) -> tuple[float, ...]:
    """Return the weights in the order of `NAMES`."""
    return tuple(signal.weights[_COLUMN[kind]] for signal in SIGNALS)
