"""Waiting for the process that writes an index."""

from __future__ import annotations

import asyncio
import time

from codekin.domain.search import Coverage
from codekin.engine.root.root_index import RootIndex
from codekin.engine.status.status import Progress, ProgressListener

_INTERVAL_S = 0.125
_SETTLED_S = 0.25
"""The writer's debounce and batch delay its view of the latest changes by as much."""
PATIENCE_S = 30.0
"""A writer that makes no progress for this long is not waited for: it may be paused or frozen."""


class WriterWait:
    """Waits until another process has brought the index up to date.

    `reason` says, after a wait in vain, that the process has made no progress, and what to do.
    """

    def __init__(self, index: RootIndex) -> None:
        self._index = index
        self._stalled = False

    @property
    def reason(self) -> str:
        """The reason why the index stays incomplete, or ""."""
        if not self._stalled or self._index.writer or self._index.coverage().complete:
            return ""
        return (
            f"The index is being written by {self._index.lock.owner() or 'another process'}, which has made no "
            f"progress for {PATIENCE_S:.0f} s. Searches use what is indexed. To fix: resume indexing there, or end "
            "that process."
        )

    async def wait(self, progress: ProgressListener | None) -> bool:
        """Wait while the writer makes progress; return whether this process is now the writer."""
        started = changed = time.monotonic()
        before: Coverage | None = None
        self._stalled = False
        while not await self._index.take_over():
            await self._index.follow()
            coverage = self._index.coverage()
            if progress:
                chunks = self._index.catalog.chunk_count()
                progress(Progress("indexing", coverage.indexed, coverage.total, chunks, 0.0))
            now = time.monotonic()
            if coverage != before:
                before, changed = coverage, now
            settled = coverage.complete and now - started > _SETTLED_S
            self._stalled = not settled and now - changed > PATIENCE_S
            # Without a process that can write, the index stays as it is.
            if self._index.lock.reason or settled or self._stalled:
                return False
            await asyncio.sleep(_INTERVAL_S)
        return True
