"""The map of the chunks in some views: which are shown, where, and how to open them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import numpy.typing as npt

from codekin.domain.ports import Keys, Vectors
from codekin.domain.values import Node, NodeKind
from codekin.mapping.groups import folder_groups
from codekin.mapping.layout import NOWHERE, Positions, lay_out
from codekin.mapping.neighbours import Ints
from codekin.mapping.wanted import check
from codekin.searching import Snapshot, vectors_of
from codekin.storage import KINDS

_SHOWN_KINDS = (KINDS.index(NodeKind.CODE), KINDS.index(NodeKind.TEST))
_GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
_TWIN_SPREAD = 0.04
"""Distance between the first of several equal chunks, in units of the layout."""


@dataclass(frozen=True, slots=True)
class MapFile:
    """A file with points; `group` is a position in the map's `groups`."""

    root: str
    path: str
    group: int


@dataclass(frozen=True, slots=True)
class MapPoint:
    """One chunk: lines [start_line, end_line) of a file.

    `file` is its position in the map's `files`.
    """

    x: float
    y: float
    file: int
    start_line: int
    end_line: int
    symbol: str
    kind: str


@dataclass(frozen=True, slots=True)
class SemanticMap:
    """The points of the map, with their files and folders.

    `total` is the number of chunks in the workspace; `points` are a sample if there are more than
    the limit. `groups` are folders, "" for files in none of them. Equal `revision`s mean equal
    maps.
    """

    points: tuple[MapPoint, ...]
    files: tuple[MapFile, ...]
    groups: tuple[str, ...]
    total: int
    revision: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """Nodes of one view, and the key of each."""

    view: Snapshot
    nodes: Ints
    keys: Keys


class Mapper:
    """Computes maps and remembers positions, so that points stay when others change.

    Safe for concurrent use.
    """

    def __init__(self) -> None:
        self._positions = NOWHERE
        self._working = threading.Lock()

    def map(self, views: Sequence[Snapshot], limit: int, cancel: threading.Event | None = None) -> SemanticMap:
        """Return a map of at most `limit` chunks. Raises CancelledError."""
        shown = [_shown(view) for view in views if not view.of_records]
        total = sum(len(item.nodes) for item in shown)
        with self._working:
            check(cancel)
            keys, rows = _vectors(shown, limit)
            check(cancel)
            if not np.array_equal(keys, self._positions.keys):
                self._positions = lay_out(keys, rows, self._positions, cancel)
            positions = self._positions
        return _assembled([_within(item, positions.keys) for item in shown], positions, total, limit)


def _shown(view: Snapshot) -> _Shown:
    nodes = np.flatnonzero(np.isin(view.node_kind, _SHOWN_KINDS))
    return _Shown(view, nodes, view.keys[view.node_key[nodes]])


def _within(shown: _Shown, keys: Keys) -> _Shown:
    here = np.flatnonzero(np.isin(shown.keys, keys))
    return _Shown(shown.view, shown.nodes[here], shown.keys[here])


def _vectors(shown: Sequence[_Shown], limit: int) -> tuple[Keys, Vectors]:
    """Return (keys ascending, rows) of the chunks that have a vector, at most `limit`.

    If there are more, those with the smallest keys are used: keys are hashes, so this is a random
    sample of the workspace, and nearly the same one after a change.
    """
    keys = np.unique(np.concatenate([item.keys for item in shown])) if shown else np.empty(0, np.int64)
    keys = keys[:limit]
    rows = np.zeros((len(keys), shown[0].view.backing.embedder.dim if shown else 1), np.float32)
    for item in shown:
        own, first = np.unique(item.keys, return_index=True)
        here = np.flatnonzero(np.isin(own, keys, assume_unique=True))
        rows[np.searchsorted(keys, own[here])] = vectors_of(item.view, item.nodes[first[here]].astype(np.int32))
    filled = np.flatnonzero(np.einsum("ij,ij->i", rows, rows) > 0)
    return keys[filled], rows[filled]


def _assembled(shown: Sequence[_Shown], positions: Positions, total: int, limit: int) -> SemanticMap:
    several = len(shown) > 1
    files: list[tuple[str, str]] = []
    named: list[str] = []
    counts: list[int] = []
    found: list[tuple[int, int, Node]] = []
    for item in shown:
        before = -1
        for node, key in zip(item.nodes.tolist(), item.keys.tolist(), strict=True):
            at = int(item.view.node_file[node])
            if at != before:
                path = item.view.blocks[at].record.path
                files.append((item.view.root, path))
                named.append(f"{PurePath(item.view.root).name}/{path}" if several else path)
                counts.append(0)
                before = at
            counts[-1] += 1
            found.append((len(files) - 1, key, item.view.node(node)))
    groups, group_of = folder_groups(named, counts)
    places = _apart(positions, np.array([key for _, key, _ in found], np.int64))
    points = tuple(
        MapPoint(x, y, file, node.start_line, node.end_line, node.symbol, node.kind.value)
        for (x, y), (file, _, node) in zip(places.tolist(), found, strict=True)
    )[:limit]
    listed = tuple(MapFile(root, path, group) for (root, path), group in zip(files, group_of, strict=True))
    return SemanticMap(points, listed, tuple(groups), total, _revision(points, listed, total))


def _apart(positions: Positions, keys: Keys) -> npt.NDArray[np.float64]:
    """Return the place of each key; equal keys are placed on a spiral to be distinguishable."""
    if not len(keys):
        return np.empty((0, 2))
    slots = np.searchsorted(positions.keys, keys)
    order = np.argsort(slots, kind="stable")
    ordered = slots[order]
    turn = np.empty(len(keys), np.int64)
    turn[order] = np.arange(len(keys)) - np.searchsorted(ordered, ordered)
    reach, angle = _TWIN_SPREAD * np.sqrt(turn), turn * _GOLDEN_ANGLE
    offset = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    placed: npt.NDArray[np.float64] = np.round(positions.places[slots].astype(np.float64) + offset, 3)
    return placed


def _revision(points: Sequence[MapPoint], files: Sequence[MapFile], total: int) -> str:
    return hashlib.blake2b(repr((points, files, total)).encode("utf-8", "replace"), digest_size=8).hexdigest()
