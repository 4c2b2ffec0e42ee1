"""The chance that a result is right, from how it matches and how far it is ahead of the next.

A score orders the results of one query only, and the best of a poor list may have a high one. The
chance is a logistic regression, fitted by `server/training/confidence.py` to labelled queries, to
the same queries in other repositories, and to random letters; see docs/research/quality.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Vocabulary
from codekin.searching.query.parsing import Query, QueryKind
from codekin.searching.ranking.entire_names import begun_names
from codekin.searching.ranking.weights import NAMES
from codekin.searching.snapshot.snapshot import Snapshot
from codekin.storage import stem, term_id

CALIBRATED_MODEL = "codekin-static-3"
"""Cosines of other models have other ranges, so their results have no chance."""
WEAK = 0.15
"""Below this chance of the first result, an answer has only weak matches.

One in a hundred labelled queries has a lower one, and half of those asked in another repository.
"""
_MOST_AHEAD = 1.5
_DENSE_BEST, _DENSE_PATH = NAMES.index("dense_best"), NAMES.index("dense_path")

Values = npt.NDArray[np.float64]


_COEFFICIENTS = np.array((3.49, 1.1, 2.59, 1.95, 1.29, 1.13, -6.05))
"""For the columns of `features`."""


def is_calibrated(views: Sequence[Snapshot], query: Query) -> bool:
    """Return whether results have a chance: for short queries and the bundled model."""
    return query.kind is not QueryKind.LONG and all(view.backing.embedder.name == CALIBRATED_MODEL for view in views)


def known_share(views: Sequence[Snapshot], query: Query) -> float:
    """Return the share of the query's words that are in the index, weighted by their rarity.

    A word that is not in the index counts as one that is in a single chunk.
    """
    terms = [term_id(word) for word in dict.fromkeys(map(stem, query.content_words))]
    lexical = [view.backing.lexical for view in views]
    if not terms or not lexical:
        return 0.0
    idfs = lexical[0].among(lexical[1:]).idfs(terms)
    rarest = math.log(1.0 + sum(view.chunks for view in lexical))
    return sum(idfs) / max(sum(idf or rarest for idf in idfs), 1e-9)


def features(raw: Values, scores: Sequence[float], known: float) -> Values:
    """Return what the chance of each result depends on (results, 7); results are ordered by score.

    The columns are the best cosine of a chunk, the cosine with the path, `known`, how far the first
    result is ahead of the second, how far each is behind the first, whether it is the first, and 1.
    `raw` (results, signals) are the values before they were scaled, in the order of `NAMES`.
    """
    count = len(scores)
    first = (np.arange(count) == 0).astype(np.float64)
    lead = min(scores[0] - scores[1], _MOST_AHEAD) if count > 1 else _MOST_AHEAD
    columns = (
        raw[:, _DENSE_BEST],
        np.maximum(raw[:, _DENSE_PATH], 0.0),
        np.full(count, known),
        lead * first,
        np.array(scores) - scores[0],
        first,
        np.ones(count),
    )
    return np.stack(columns, axis=1)


def chances(raw: Values, scores: Sequence[float], known: float) -> list[float]:
    """Return the chance of each result, in [0, 1]; the parameters are those of `features`."""
    found: list[float] = (1.0 / (1.0 + np.exp(-(features(raw, scores, known) @ _COEFFICIENTS)))).tolist()
    return found


def is_meaningless(views: Sequence[Snapshot], query: Query, known: float) -> bool:
    """Return whether neither the index nor the model knows any word of the query.

    Results would be similar to parts of its words by chance. The beginning of a name or a part of a
    path has a meaning.
    """
    models = [view.backing.embedder for view in views]
    return (
        known == 0.0
        and not any(
            isinstance(model, Vocabulary) and model.knows(word) for model in models for word in query.content_words
        )
        and not any(begun_names(view, query, 1) for view in views)
    )
