"""Signals of all files for a long query: its words over whole files, and what it names."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from codekin.domain.words import bare_name
from codekin.searching.query.parsing import Query
from codekin.searching.query.term_weights import weights_of_frequent_terms
from codekin.searching.snapshot.snapshot import Snapshot
from codekin.storage import GroupBM25

Values = npt.NDArray[np.float64]

LONG_SIGNALS = ("words", "symbols", "title_words", "place", "module", "stem", "definitions")
"""The columns of `long_signals`."""
BEST_FILES = 60
"""Number of files that `best_files` takes by the words of the text."""
_WORDS = GroupBM25()
_SYMBOLS = GroupBM25(b=0.3, fields=(0.0, 1.0, 0.0))
_MOST_TERMS = 400
_MOST_DEFINING = 30
"""A name that more files define says little about any of them."""
_SHORTEST_NAME = 3
_MOST_PARTS = 12
"""Number of parts of a qualified name that are compared with folders, the last ones."""
_QUALIFIED = re.compile(r"(?<!\w)[A-Za-z_]\w*(?:(?:\.|::|/)[A-Za-z_]\w*)+")
_SEPARATOR = re.compile(r"\.|::|/")
_ONE_WORD = re.compile(r"[A-Za-z_][\w-]*")


def long_signals(view: Snapshot, query: Query) -> Values:
    """Return the signals of all files (files, LONG_SIGNALS), without scaling."""
    counted = np.ones(len(view.blocks), np.bool_) if view.demoted.all() else ~view.demoted
    texts = (query.text, query.title.text if query.title else "")
    whole, title = (weights_of_frequent_terms(text, _MOST_TERMS) for text in texts)
    scores = [
        view.words_of_files.scores(weights, counted, params)
        for weights, params in ((whole, _WORDS), (whole, _SYMBOLS), (title, _WORDS))
    ]
    return np.stack((*scores, *_named_files(view, query), _defining(view, query)), axis=1)


def best_files(signals: Values) -> npt.NDArray[np.intp]:
    """Return the files that a text names, and the best by its words."""
    words = signals[:, LONG_SIGNALS.index("words")]
    best = np.argsort(-words, kind="stable")[:BEST_FILES]
    named = signals[:, [LONG_SIGNALS.index(name) for name in ("place", "module", "stem")]].any(axis=1)
    return np.union1d(best[words[best] > 0], np.flatnonzero(named))


def _named_files(view: Snapshot, query: Query) -> Values:
    """Return (3, files): how surely a path, a qualified name or a word is that of each."""
    result = np.zeros((3, len(view.blocks)))
    for place in query.places:
        _lift(result[0], view.file_names.of_path(place.path))
    for name in dict.fromkeys(_QUALIFIED.findall(query.text)):
        _lift(result[1], view.file_names.of_module(_SEPARATOR.split(name)[-_MOST_PARTS:]))
    for word in dict.fromkeys(_ONE_WORD.findall(query.text.lower())):
        _lift(result[2], view.file_names.of_stem(word))
    return result


def _lift(values: Values, files: Mapping[int, float]) -> None:
    for file, share in files.items():
        values[file] = max(values[file], share)


def _defining(view: Snapshot, query: Query) -> Values:
    """Return for each file the names of the text that it defines, each shared among its files."""
    result = np.zeros(len(view.blocks))
    for name in dict.fromkeys(bare_name(name.replace("/", ".")) for name in query.identifiers):
        if len(name) >= _SHORTEST_NAME:
            files = [file for file in view.definitions.defining(name) if not view.demoted[file]]
            if 0 < len(files) <= _MOST_DEFINING:
                result[files] += 1 / len(files)
    return np.minimum(result, 2.0)
