"""What `codekin store sync` finds as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codekin.shapes.typed import TypedDict

if TYPE_CHECKING:
    from codekin.engine import StoreCounts, SyncReport

_MOST_PATHS = 20


class HeldShape(TypedDict):
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


class SetAsideShape(TypedDict):
    """A chunk that the model does not take."""

    paths: list[str]
    reason: str


class SyncShape(TypedDict):
    """The fields of `codekin.engine.SyncReport`; of the `incomplete_files` and of the `set_aside_chunks` only the first 20 are named. `embedded` counts
    the texts that a repair put through the model.
    """

    in_step: bool
    root: str
    files: int
    chunks: int
    vectors: HeldShape
    lexical: HeldShape
    incomplete: list[str]
    incomplete_files: int
    versions: VersionsShape
    set_aside: list[SetAsideShape]
    set_aside_chunks: int
    problems: list[str]
    took_ms: float
    embedded: int


def sync_shape(report: SyncReport, embedded: int) -> SyncShape:
    """Of store sync."""
    versions = report.versions
    return {
        "in_step": report.in_step,
        "root": report.root,
        "files": report.files,
        "chunks": report.chunks,
        "vectors": _held(report.vectors),
        "lexical": _held(report.lexical),
        "incomplete": list(report.incomplete[:_MOST_PATHS]),
        "incomplete_files": len(report.incomplete),
        "versions": {
            "model": versions.model,
            "dim": versions.dim,
            "store": versions.store,
            "building": versions.building,
            "chunker": versions.chunker,
            "chunker_recorded": versions.chunker_recorded,
        },
        "set_aside": [{"paths": list(item.paths), "reason": item.reason} for item in report.quarantined[:_MOST_PATHS]],
        "set_aside_chunks": len(report.quarantined),
        "problems": list(report.problems),
        "took_ms": round(report.took_ms, 3),
        "embedded": embedded,
    }


def _held(held: StoreCounts) -> HeldShape:
    return {"stored": held.stored, "missing": held.missing, "unnamed": held.orphaned}
