"""Metadata, vectors and postings held against each other: what is named but missing, what is there but unnamed."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from codekin.chunking import CHUNKER_VERSION
from codekin.domain.ports import Mask
from codekin.engine.root.index_state import IndexState
from codekin.engine.root.key_owners import KeyOwners
from codekin.engine.stores.opening import OpenStores


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """One store against the content keys that the metadata names. `stored` counts its rows, `missing` the keys without
    one. `orphaned` rows are of content that is gone or of another branch: harmless, and what makes switching back free.
    """

    stored: int
    missing: int
    orphaned: int

    @classmethod
    def counted(cls, found: Mask, rows: int) -> StoreCounts:
        """From which of the keys were found, and the number of rows."""
        there = int(found.sum())
        return cls(rows, len(found) - there, max(0, rows - there))


@dataclass(frozen=True, slots=True)
class Versions:
    """What the vectors were made with and for. `model` is the embedder's name, which carries its version; `building` the
    one that is to follow it, "" if none; `chunker` and `chunker_recorded` differ while files wait to be cut anew.
    """

    model: str
    dim: int
    store: str
    building: str
    chunker: str
    chunker_recorded: str


@dataclass(frozen=True, slots=True)
class QuarantinedChunk:
    """A chunk that the model does not take, tried several times. It is one of the missing; `paths` name it, ascending."""

    paths: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """`chunks` counts content keys, equal chunks once. `incomplete` are the paths that lack anything, ascending;
    `problems` what was found damaged when the stores were opened.
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
        """Whether nothing is missing and everything was made with what the settings name."""
        versions = self.versions
        current = versions.chunker == versions.chunker_recorded and not versions.building
        return not self.vectors.missing and not self.lexical.missing and current


def compare(root: str, state: IndexState, parts: OpenStores, chunker_recorded: str) -> SyncReport:
    """As they are stored now. Blocking. Raises IndexUnavailableError."""
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
    owners = KeyOwners.of(list(state.records().values()) if reasons else [])
    return tuple(
        QuarantinedChunk(tuple(sorted(record.path for record in owners.naming(np.array([key], np.int64)))), reason)
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
