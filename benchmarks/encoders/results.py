"""Measures of single questions, and the ranking of files by nothing but an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codekin.searching import Snapshot
from codekin.searching.snapshot.snapshot import FILE_KIND

NONE = "off"
"""The deep tier without a model, which every model is compared with."""


@dataclass(frozen=True, slots=True)
class Result:
    """A measure of one question of a set: of the encoder alone, and of the ranking with it."""

    set: str
    measure: str
    repository: str
    question: str
    alone: float
    ranked: float


def by_encoder(views: Sequence[Snapshot], text: str, limit: int) -> list[str]:
    """Return the files by the best cosine of their chunks, best first.

    The encoder is that of the deep tier, or the static model where the tier is off.
    """
    view = next(view for view in views if not view.of_records)
    deep, backing = view.backing.deep, view.backing
    vectors, embedder = (backing.vectors, backing.embedder) if deep is None else (deep.vectors, deep.embedder)
    nodes = np.flatnonzero(view.node_kind != FILE_KIND)
    known, rows = vectors.get(view.keys[view.node_key[nodes]])
    cosines = np.where(known, rows @ embedder.embed_query(text), -1.0)
    best = np.full(len(view.blocks), -1.0)
    np.maximum.at(best, view.node_file[nodes], cosines)
    return [view.blocks.paths[at] for at in np.argsort(-best, kind="stable")[:limit].tolist()]
