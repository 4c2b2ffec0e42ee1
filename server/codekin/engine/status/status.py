"""The status of the engine, computed from the data on each request."""

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
    """A store of the index.

    `active` names the implementation, `why` the reason for the choice, `path` the location of its
    files.
    """

    active: str
    why: str
    path: str


@dataclass(frozen=True, slots=True)
class DeepStatus:
    """The progress of the deep tier.

    `covered` of `total` chunks have a vector of the deep model, over all roots; `model` is "" until
    it is loaded. `remaining_s` is how long the rest takes at the speed so far, None if unknown.
    `installed` is whether this Python had codekin's own model when the engine was created.
    """

    state: Literal["off", "loading", "filling", "complete", "failed"]
    model: str
    covered: int
    total: int
    remaining_s: float | None = None
    installed: bool = False


_BYTES_PER_S = 1_200_000
"""Source bytes indexed per second by one processor core with the built-in model."""
_INDEX_SHARE = 2.5
"""Size of an index, as a multiple of its source."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The size of a first index: `files` of `source_bytes` in total.

    The estimates are based on the bytes alone and may be wrong by a factor of 2.
    """

    files: int
    source_bytes: int

    @property
    def seconds(self) -> float:
        """Estimated duration."""
        return self.source_bytes / _BYTES_PER_S

    @property
    def disk_bytes(self) -> int:
        """Estimated size of the index."""
        return int(self.source_bytes * _INDEX_SHARE)

    @property
    def text(self) -> str:
        """The estimate in words, rounded."""
        took, disk = _time_text(self.seconds), _size_text(self.disk_bytes)
        return f"{self.files:,} files ({_size_text(self.source_bytes)}) in about {took}, with {disk} of disk"

    @property
    def reason(self) -> str:
        """The estimate in words, with what to do."""
        return f"A first index waits: {self.text}. Resume indexing to begin, or exclude folders."


_MB = 1_000_000
_GB = 1000 * _MB
_MINUTES_FROM_S = 90


def _size_text(count_bytes: int) -> str:
    if count_bytes < _MB:
        return "less than 1 MB"
    return f"{count_bytes / _MB:,.0f} MB" if count_bytes < _GB else f"{count_bytes / _GB:,.1f} GB"


def _time_text(seconds: float) -> str:
    """Return a duration in words, at least 10 seconds.

    Shorter durations depend on other things than the files.
    """
    if seconds < _MINUTES_FROM_S:
        return f"{max(10, 10 * math.ceil(seconds / 10))} seconds"
    return f"{seconds / 60:,.0f} minutes"


@dataclass(frozen=True, slots=True)
class Status:
    """The status of an engine.

    `chunks` counts nodes of files, `commits` those whose messages are searched. `computed` and
    `reused` count texts that were embedded and those that did not have to be, since the process
    started; `redacted` counts secrets blanked out of what it read. `rate_per_s` is chunks per
    second of the running pass. `writer` is whether this process writes.
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
    """The limits of the settings that are exceeded; `reasons` has the text."""
    deep: DeepStatus
    estimate: Estimate | None
    """The estimate of a first index that waits for the user's consent."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a pass.

    `done` of `total` files (of chunks, when deepening); `chunks` so far, at `per_second`.
    """

    phase: Literal["scanning", "indexing", "deepening"]
    done: int
    total: int
    chunks: int
    per_second: float


ProgressListener = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The result of one full pass.

    `files`, `chunks` and `commits` are now in the index; `embedded` and `reused` count texts of
    this pass; `skipped` is by reason.
    """

    files: int
    chunks: int
    commits: int
    embedded: int
    reused: int
    skipped: dict[str, int]
    seconds: float
