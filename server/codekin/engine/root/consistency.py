"""Metadata, vectors and postings held against each other: what is named but missing, what is there but unnamed."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from codekin.chunking import CHUNKER_VERSION
from codekin.domain.ports import Mask
from codekin.engine.root.index_state import Ledger
from codekin.engine.root.key_owners import Census
from codekin.engine.stores.opening import Parts


@dataclass(frozen=True, slots=True)
class Held:
    """One store against the content keys that the metadata names. `stored` counts its rows, `missing` the keys without
    one. `unnamed` rows are of content that is gone or of another branch: harmless, and what makes switching back free.
    """

    stored: int
    missing: int
    unnamed: int

    @classmethod
    def counted(cls, found: Mask, rows: int) -> Held:
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
class SetAside:
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
    vectors: Held
    lexical: Held
    incomplete: tuple[str, ...]
    set_aside: tuple[SetAside, ...]
    versions: Versions
    problems: tuple[str, ...]
    took_ms: float

    @property
    def in_step(self) -> bool:
        """Whether nothing is missing and everything was made with what the settings name."""
        versions = self.versions
        current = versions.chunker == versions.chunker_recorded and not versions.building
        return not self.vectors.missing and not self.lexical.missing and current


def compare(root: str, ledger: Ledger, parts: Parts, chunker_recorded: str) -> SyncReport:
    """As they are stored now. Blocking. Raises IndexUnavailableError."""
    started = time.perf_counter()
    keys, vectors, lexical = ledger.keys(), parts.target.vectors, parts.lexical
    with_vector, with_posting = vectors.contains(keys), lexical.contains(keys)
    return SyncReport(
        root=root,
        files=len(ledger.catalog),
        chunks=len(keys),
        vectors=Held.counted(with_vector, len(vectors)),
        lexical=Held.counted(with_posting, len(lexical.keys())),
        incomplete=tuple(sorted(ledger.naming(keys[~(with_vector & with_posting)]))),
        set_aside=_set_aside(ledger),
        versions=_versions(parts, chunker_recorded),
        problems=(*lexical.problems, *getattr(vectors, "problems", ())),
        took_ms=(time.perf_counter() - started) * 1000,
    )


def _set_aside(ledger: Ledger) -> tuple[SetAside, ...]:
    reasons = ledger.still_set_aside()
    census = Census.of(list(ledger.records().values()) if reasons else [])
    return tuple(
        SetAside(tuple(sorted(record.path for record in census.naming(np.array([key], np.int64)))), reason)
        for key, reason in reasons.items()
    )


def _versions(parts: Parts, chunker_recorded: str) -> Versions:
    serving, building = parts.serving, parts.building
    return Versions(
        model=serving.embedder.name,
        dim=serving.embedder.dim,
        store=serving.choice.backend,
        building=f"{building.embedder.name} ({building.choice.backend})" if building else "",
        chunker=CHUNKER_VERSION,
        chunker_recorded=chunker_recorded,
    )
