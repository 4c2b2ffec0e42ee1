"""From vectors to places on a plane: principal axes, nearest neighbours, and forces between them.

The method is that of UMAP, with numpy only and in bounded time: neighbours attract, random others
repel. If there are more than `_LANDMARKS` vectors, only that many are laid out this way, and every
other one is put between the landmarks most similar to it. The result is deterministic. A layout
that is given the places of an earlier one starts from them and hardly moves known points.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from codekin.domain.ports import Keys, Vectors
from codekin.mapping.aligning import align
from codekin.mapping.neighbours import Floats, Ints, nearest
from codekin.mapping.wanted import check

_AXES = 48
_NEIGHBOURS = 12
_LANDMARKS = 3_000
_ANCHORS = 4
_REPELLING = 6
_SOFTENING = 0.1
_EPOCHS = 180
_SETTLING_EPOCHS = 30
_STEP = 1.0
_SETTLING_STEP = 0.3
_KNOWN_MOBILITY = 0.1
"""How far a known point moves where a new one moves by 1.

It is not 0, so that a layout stays good after a hundred changes.
"""
_FARTHEST_STEP = 4.0
_KNOWN_SHARE = 0.5
"""Minimum share of known vectors. With fewer, the layout starts afresh."""
_SPREAD = 10.0
_SEED = 20


@dataclass(frozen=True, slots=True)
class Positions:
    """Places by key: `keys` ascending and distinct, `places` (n, 2) centred.

    The unit is that of the forces.
    """

    keys: Keys
    places: Floats

    def known(self, keys: Keys) -> tuple[Ints, Ints]:
        """Return (positions in `keys` that have a place, positions of those places)."""
        if not len(self.keys):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        slots = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        which = np.flatnonzero(self.keys[slots] == keys)
        return which, slots[which]


NOWHERE = Positions(np.empty(0, np.int64), np.empty((0, 2), np.float32))


def lay_out(keys: Keys, rows: Vectors, before: Positions = NOWHERE, cancel: threading.Event | None = None) -> Positions:
    """Return a place for each vector of `rows` (n, dim).

    `keys` are ascending and distinct, in the order of `rows`. Raises CancelledError.
    """
    if len(keys) < 3:  # noqa: PLR2004 - two points are on a line in any layout
        return Positions(keys, np.stack([np.arange(len(keys)), np.zeros(len(keys))], axis=1).astype(np.float32))
    axes = _principal(rows)
    chosen = _landmarks(keys)
    places = _of_landmarks(Positions(keys[chosen], axes[chosen]), before, cancel)
    if len(chosen) < len(keys):
        places = _between(axes, chosen, places, cancel)
    which, slots = before.known(keys)
    return Positions(keys, align(places, which, before.places[slots]))


def _principal(rows: Vectors) -> Floats:
    """Return coordinates on the principal axes, the strongest first, with fixed signs."""
    centred = rows - rows.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :_AXES]
    strongest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return np.ascontiguousarray(centred @ (axes * np.where(strongest < 0, -1.0, 1.0)), np.float32)


def _landmarks(keys: Keys) -> Ints:
    """Return the positions of the smallest keys.

    Keys are hashes, so this is a random sample that stays the same after a change.
    """
    return np.arange(min(len(keys), _LANDMARKS))


def _of_landmarks(axes: Positions, before: Positions, cancel: threading.Event | None) -> Floats:
    """Lay out the landmarks; `axes.places` are coordinates in more than two dimensions."""
    rows = axes.places
    graph, distances = nearest(rows, rows, _NEIGHBOURS + 1, cancel)
    weights = _weights(distances)
    which, slots = before.known(axes.keys)
    if len(which) < _KNOWN_SHARE * len(rows):
        start = rows[:, :2] * (_SPREAD / max(float(np.abs(rows[:, :2]).max()), 1e-9))
        return _forced(np.ascontiguousarray(start), graph, weights, _EPOCHS, _STEP, cancel)
    start, at = _started(len(rows), which, before.places[slots], graph)
    return _forced(start, graph, weights, _SETTLING_EPOCHS, _SETTLING_STEP, cancel, mobility=at)


def _started(count: int, which: Ints, places: Floats, graph: Ints) -> tuple[Floats, Floats]:
    """Return (places to start from, how far each may move).

    A new point starts between its known neighbours.
    """
    known = np.zeros(count, np.float32)
    known[which] = 1.0
    start = np.zeros((count, 2), np.float32)
    start[which] = places
    fresh = np.flatnonzero(known == 0)
    shares = known[graph[fresh]]
    total = np.maximum(shares.sum(axis=1), 1.0)[:, None]
    start[fresh] = (start[graph[fresh]] * shares[:, :, None]).sum(axis=1) / total
    return start, np.where(known == 0, 1.0, _KNOWN_MOBILITY).astype(np.float32)


def _weights(distances: Floats) -> Floats:
    """Return how strongly each neighbour attracts: 1 for the nearest, less for more distant ones.

    The scale is the distance of a typical neighbour.
    """
    reach = np.maximum(distances[:, 1:].mean(axis=1, keepdims=True) - distances[:, 1:2], 1e-6)
    weights = np.exp(-np.maximum(distances - distances[:, 1:2], 0.0) / reach)
    weights[:, 0] = 0.0  # the point itself, or one equal to it
    falling: Floats = weights.astype(np.float32)
    return falling


def _forced(
    places: Floats,
    graph: Ints,
    weights: Floats,
    epochs: int,
    step: float,
    cancel: threading.Event | None,
    mobility: Floats | None = None,
) -> Floats:
    random = np.random.default_rng(_SEED)
    count = len(places)
    for epoch in range(epochs):
        check(cancel)
        towards = places[graph] - places[:, None, :]
        near = np.einsum("nkd,nkd->nk", towards, towards)
        pull = np.einsum("nk,nkd->nd", weights / (1.0 + near), towards)
        others = random.integers(0, count, (count, _REPELLING))
        away = places[:, None, :] - places[others]
        far = np.einsum("nkd,nkd->nk", away, away)
        push = np.einsum("nk,nkd->nd", 1.0 / ((_SOFTENING + far) * (1.0 + far)), away)
        move = np.clip(pull + push, -_FARTHEST_STEP, _FARTHEST_STEP) * (step * (1.0 - epoch / epochs))
        places = places + (move if mobility is None else move * mobility[:, None])
    return places.astype(np.float32)


def _between(axes: Floats, chosen: Ints, places: Floats, cancel: threading.Event | None) -> Floats:
    """Return all points, those other than landmarks at the weighted mean of the nearest ones."""
    rest = np.setdiff1d(np.arange(len(axes)), chosen, assume_unique=True)
    near, distances = nearest(axes[rest], axes[chosen], _ANCHORS, cancel)
    weights = 1.0 / (distances + 1e-3)
    weights /= weights.sum(axis=1, keepdims=True)
    found = np.empty((len(axes), 2), np.float32)
    found[chosen] = places
    found[rest] = np.einsum("nk,nkd->nd", weights, places[near])
    return found
