"""The report of `codekin store sync` as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.shapes.typed import TypedDict

if TYPE_CHECKING:
    from codekin.engine import StoreCounts, SyncReport

_MAX_PATHS = 20


class StoreCountsShape(TypedDict):
    """The fields of `codekin.engine.StoreCounts`."""

    stored: int
    missing: int
    unnamed: int


class VersionsShape(TypedDict):
    """The fields of `codekin.engine.Versions`."""

    model: str
    dim: int
    store: str
    building: str
    chunker: str
    chunker_recorded: str


class QuarantinedShape(TypedDict):
    """A chunk that the model could not embed."""

    paths: list[str]
    reason: str


class SyncShape(TypedDict):
    """The fields of `codekin.engine.SyncReport`.

    `incomplete` and `set_aside` list the first 20 of `incomplete_files` and `set_aside_chunks`.
    `embedded` counts the texts that a repair embedded.
    """

    in_step: bool
    root: str
    files: int
    chunks: int
    vectors: StoreCountsShape
    lexical: StoreCountsShape
    incomplete: list[str]
    incomplete_files: int
    versions: VersionsShape
    set_aside: list[QuarantinedShape]
    set_aside_chunks: int
    problems: list[str]
    took_ms: float
    embedded: int


def sync_shape(report: SyncReport, embedded: int) -> SyncShape:
    """Return the report of store sync."""
    versions = report.versions
    return {
        "in_step": report.in_step,
        "root": report.root,
        "files": report.files,
        "chunks": report.chunks,
        "vectors": _counts(report.vectors),
        "lexical": _counts(report.lexical),
        "incomplete": list(report.incomplete[:_MAX_PATHS]),
        "incomplete_files": len(report.incomplete),
        "versions": {
            "model": versions.model,
            "dim": versions.dim,
            "store": versions.store,
            "building": versions.building,
            "chunker": versions.chunker,
            "chunker_recorded": versions.chunker_recorded,
        },
        "set_aside": [{"paths": list(item.paths), "reason": item.reason} for item in report.quarantined[:_MAX_PATHS]],
        "set_aside_chunks": len(report.quarantined),
        "problems": list(report.problems),
        "took_ms": round(report.took_ms, 3),
        "embedded": embedded,
    }


def _counts(counts: StoreCounts) -> StoreCountsShape:
    # The key is older than the term "orphaned", and scripts read it.
    return {"stored": counts.stored, "missing": counts.missing, "unnamed": counts.orphaned}
