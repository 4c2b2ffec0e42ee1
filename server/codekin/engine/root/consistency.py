"""Comparison of metadata, vectors and postings: missing and orphaned rows."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from codekin.chunking import CHUNKER_VERSION
from codekin.domain.ports import Mask
from codekin.engine.root.index_state import IndexState
from codekin.engine.stores.opening import OpenStores


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """One store compared with the content keys in the metadata.

    `stored` is the number of its rows, `missing` the number of keys without a row. `orphaned` rows
    have content that was deleted or belongs to another branch; they are harmless and make switching
    back fast.
    """

    stored: int
    missing: int
    orphaned: int

    @classmethod
    def counted(cls, found: Mask, rows: int) -> StoreCounts:
        """Return the counts, given which of the keys were found and the number of rows."""
        there = int(found.sum())
        return cls(rows, len(found) - there, max(0, rows - there))


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions that the vectors were created with.

    `model` is the embedder's name, which includes its version. `building` is the model that will
    replace it, "" if none. `chunker` and `chunker_recorded` differ while files still have to be
    chunked again.
    """

    model: str
    dim: int
    store: str
    building: str
    chunker: str
    chunker_recorded: str


@dataclass(frozen=True, slots=True)
class QuarantinedChunk:
    """A chunk that the model repeatedly failed to embed.

    It counts as missing; `paths` are the files that contain it, ascending.
    """

    paths: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """The result of a comparison.

    `chunks` counts content keys, equal chunks once. `incomplete` are the paths with missing rows,
    ascending; `problems` is damage found when the stores were opened.
    """

    root: str
    files: int
    chunks: int
    vectors: StoreCounts
    lexical: StoreCounts
    incomplete: tuple[str, ...]
    quarantined: tuple[QuarantinedChunk, ...]
    versions: Versions
    problems: tuple[str, ...]
    took_ms: float

    @property
    def in_step(self) -> bool:
        """Whether nothing is missing and everything was created with the configured versions."""
        versions = self.versions
        current = versions.chunker == versions.chunker_recorded and not versions.building
        return not self.vectors.missing and not self.lexical.missing and current


def compare(root: str, state: IndexState, parts: OpenStores, chunker_recorded: str) -> SyncReport:
    """Compare the stores in their current state. Blocking. Raises IndexUnavailableError."""
    started = time.perf_counter()
    keys, vectors, lexical = state.keys(), parts.target.vectors, parts.lexical
    with_vector, with_posting = vectors.contains(keys), lexical.contains(keys)
    return SyncReport(
        root=root,
        files=len(state.catalog),
        chunks=len(keys),
        vectors=StoreCounts.counted(with_vector, len(vectors)),
        lexical=StoreCounts.counted(with_posting, len(lexical.keys())),
        incomplete=tuple(sorted(state.naming(keys[~(with_vector & with_posting)]))),
        quarantined=_quarantined(state),
        versions=_versions(parts, chunker_recorded),
        problems=(*lexical.problems, *getattr(vectors, "problems", ())),
        took_ms=(time.perf_counter() - started) * 1000,
    )


def _quarantined(state: IndexState) -> tuple[QuarantinedChunk, ...]:
    reasons = state.still_quarantined()
    owners = state.owners() if reasons else ()
    return tuple(
        QuarantinedChunk(
            tuple(sorted(path for each in owners for path in each.paths(np.array([key], np.int64)))), reason
        )
        for key, reason in reasons.items()
    )


def _versions(parts: OpenStores, chunker_recorded: str) -> Versions:
    serving, building = parts.serving, parts.building
    return Versions(
        model=serving.embedder.name,
        dim=serving.embedder.dim,
        store=serving.choice.backend,
        building=f"{building.embedder.name} ({building.choice.backend})" if building else "",
        chunker=CHUNKER_VERSION,
        chunker_recorded=chunker_recorded,
    )
