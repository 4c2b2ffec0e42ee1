"""What the engine says of itself, computed from the data each time it is asked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from codekin.domain.search import Coverage
from codekin.engine.status.alerts import AlertName
from codekin.engine.status.measures import Measures

State = Literal["starting", "indexing", "ready", "paused", "degraded"]


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """`active` names the implementation, `why` tells how it came to be chosen, `path` where its files lie."""

    active: str
    why: str
    path: str


@dataclass(frozen=True, slots=True)
class DeepStatus:
    """`covered` of `total` chunks have a vector of the deep model, over all roots; `model` is "" until it is loaded."""

    state: Literal["off", "loading", "filling", "complete", "failed"]
    model: str
    covered: int
    total: int


_BYTES_PER_S = 1_200_000
"""Source read by one processor core with the model that ships; a slower model takes longer."""
_INDEX_SHARE = 2.5
"""Size of an index, in sizes of its source."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a first index would read: `files` of `source_bytes` together. Guesses from the bytes alone, good to a factor of 2 or so."""

    files: int
    source_bytes: int

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.source_bytes / _BYTES_PER_S

    @property
    def disk_bytes(self) -> int:
        """How large the index becomes."""
        return int(self.source_bytes * _INDEX_SHARE)

    @property
    def text(self) -> str:
        """In words, rounded as guesses are."""
        took, disk = _time_text(self.seconds), _size_text(self.disk_bytes)
        return f"{self.files:,} files ({_size_text(self.source_bytes)}) in about {took}, with {disk} of disk"

    @property
    def reason(self) -> str:
        """In words, with what to do."""
        return f"A first index waits: {self.text}. Resume indexing to begin, or exclude folders."


_MB = 1_000_000
_GB = 1000 * _MB
_MINUTES_FROM_S = 90


def _size_text(count_bytes: int) -> str:
    if count_bytes < _MB:
        return "less than 1 MB"
    return f"{count_bytes / _MB:,.0f} MB" if count_bytes < _GB else f"{count_bytes / _GB:,.1f} GB"


def _time_text(seconds: float) -> str:
    """At least 10 seconds: what is less depends on other things than the files."""
    if seconds < _MINUTES_FROM_S:
        return f"{max(10, 10 * math.ceil(seconds / 10))} seconds"
    return f"{seconds / 60:,.0f} minutes"


@dataclass(frozen=True, slots=True)
class Status:
    """`chunks` counts nodes of files, `commits` those whose messages are searched. `computed` and `reused` count texts embedded and texts that did not have to be, since the
    process started, `redacted` secrets blanked out of what it read. `rate_per_s` is chunks a second of the pass that runs. `writer` is whether this process writes.
    """

    state: State
    reasons: tuple[str, ...]
    roots: tuple[str, ...]
    files: int
    chunks: int
    commits: int
    coverage: Coverage
    embedder_name: str
    embedder_dim: int
    stores: dict[str, StoreStatus]
    computed: int
    reused: int
    skipped: dict[str, int]
    redacted: int
    rate_per_s: float
    pid: int
    writer: bool
    measures: Measures
    alerts: tuple[AlertName, ...]
    """The limits of the settings that are crossed; `reasons` has the words."""
    deep: DeepStatus
    estimate: Estimate | None
    """Of the first index that waits for a person's consent."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` files (of chunks, when deepening); `chunks` so far, at `per_second`."""

    phase: Literal["scanning", "indexing", "deepening"]
    done: int
    total: int
    chunks: int
    per_second: float


ProgressListener = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """One full pass: `files`, `chunks` and `commits` now in the index, texts `embedded` and `reused` by it, `skipped` by reason."""

    files: int
    chunks: int
    commits: int
    embedded: int
    reused: int
    skipped: dict[str, int]
    seconds: float
