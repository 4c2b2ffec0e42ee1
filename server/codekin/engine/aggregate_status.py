"""The status of all roots together, computed from the data on each request."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from codekin.domain.search import Coverage
from codekin.engine.deep.model import DeepModel
from codekin.engine.root.root_index import RootIndex
from codekin.engine.roots import Roots
from codekin.engine.status.measures import Measures
from codekin.engine.status.monitor import Monitor
from codekin.engine.status.status import DeepStatus, Estimate, State, Status, StoreStatus
from codekin.engine.supervisor import RootSupervisor
from codekin.engine.work.supervision import Supervision
from codekin.indexing import EmbedCounts

_WORST_FIRST = ("failed", "loading", "filling", "complete", "off")


class Overview:
    """Reads the roots of an engine and its background work.

    The engine adds and removes the roots.
    """

    def __init__(
        self, roots: Roots, counts: EmbedCounts, monitor: Monitor, supervision: Supervision, deep_model: DeepModel
    ) -> None:
        self._roots = roots
        self._deep_model = deep_model
        self._counts = counts
        self._monitor = monitor
        self._supervision = supervision

    def coverage(self, only: Path | None = None) -> Coverage:
        """Return the coverage of a root, or of all."""
        roots = [root.index for root in self._roots.all() if only in (None, root.index.location.root)]
        return covered([index.coverage() for index in roots])

    def status(self) -> Status:
        """Return the status, computed from the data at low cost."""
        workspaces = [root.index for root in self._roots.all()]
        measures = self.measures()
        alerts = self._monitor.alerts(measures)
        reasons = (*self.reasons(), *(alert.reason for alert in alerts))
        first = workspaces[0] if workspaces else None
        embedder = first.parts.serving.embedder if first else None
        return Status(
            state=self._state(workspaces, reasons),
            reasons=reasons,
            roots=tuple(str(index.location.root) for index in workspaces),
            files=sum(len(index.catalog) for index in workspaces),
            chunks=sum(index.catalog.chunk_count() for index in workspaces),
            commits=sum(index.state.commit_count() for index in workspaces),
            coverage=covered(list(map(_with_changes, self._roots.all()))),
            embedder_name=embedder.name if embedder else "",
            embedder_dim=embedder.dim if embedder else 0,
            stores=_stores(first) if first else {},
            computed=self._counts.computed,
            reused=self._counts.reused,
            skipped=dict(Counter(reason for index in workspaces for reason in index.state.skipped.values())),
            redacted=self._counts.redacted,
            rate_per_s=sum(index.rate_per_s for index in workspaces),
            pid=os.getpid(),
            writer=all(index.writer for index in workspaces),
            measures=measures,
            alerts=tuple(alert.name for alert in alerts),
            deep=self.deep(),
            estimate=self._estimate(),
        )

    def measures(self) -> Measures:
        """Return the current counts and durations."""
        coverage = self.coverage()
        changes = sum(len(root.waiting_changes) for root in self._roots.all())
        return self._monitor.measures(max(0, coverage.total - coverage.indexed), changes)

    def reasons(self) -> tuple[str, ...]:
        """Return the reasons for a degraded status, each with what to do."""
        estimate = self._estimate()
        consent = (estimate.reason,) if estimate else ()
        own = (*self._supervision.reasons(), *self._roots.reasons())
        return (*consent, *own, *(reason for root in self._roots.all() for reason in root.reasons()))

    def deep(self) -> DeepStatus:
        """Return the progress over all roots, with the state of the worst one."""
        found = [root.backfill.status() for root in self._roots.all()]
        if not found:
            return DeepStatus("off", "", 0, 0, installed=self._deep_model.installed)
        worst = min(found, key=lambda item: _WORST_FIRST.index(item.state))
        covered, total = sum(item.covered for item in found), sum(item.total for item in found)
        remaining = [item.remaining_s for item in found if item.remaining_s is not None]
        return replace(
            worst,
            covered=covered,
            total=total,
            remaining_s=sum(remaining) if remaining else None,
            installed=self._deep_model.installed,
        )

    def _state(self, workspaces: Sequence[RootIndex], reasons: Sequence[str]) -> State:
        if not workspaces:
            return "degraded" if reasons else "starting"
        if self._roots.paused or self._estimate():
            return "paused"
        if any(root.supervision.reasons() for root in self._roots.all()):
            return "degraded"
        undone = any(root.unfinished or root.index.passing for root in self._roots.all())
        if undone or not self.coverage().complete:
            return "indexing"
        return "degraded" if reasons else "ready"

    def _estimate(self) -> Estimate | None:
        """Return the estimate for all roots that await consent, or None."""
        found = [root.index.awaiting_consent for root in self._roots.all() if root.index.awaiting_consent]
        total = sum(item.source_bytes for item in found)
        return Estimate(sum(item.files for item in found), total) if found else None


def _with_changes(root: RootSupervisor) -> Coverage:
    """Return the coverage of a root, in which changed files count as not indexed.

    Answers do not count them, because an earlier version of each is found.
    """
    index, coverage = root.index, root.index.coverage()
    if not index.writer:
        return coverage  # The number that the writer records includes them.
    waiting = root.waiting_changes - index.state.pending
    known = index.catalog.records_count_in(waiting)
    return replace(coverage, indexed=coverage.indexed - known, total=coverage.total + len(waiting) - known)


def covered(parts: Sequence[Coverage]) -> Coverage:
    """Return the sum of several coverages."""
    known = all(part.known for part in parts)
    return Coverage(sum(part.indexed for part in parts), sum(part.total for part in parts), known)


def _stores(index: RootIndex) -> dict[str, StoreStatus]:
    parts = index.parts
    mode = getattr(parts.serving.vectors, "search_mode", "")
    compared = parts.compared.note if parts.compared else ""
    return {
        "metadata": StoreStatus(parts.metadata.store.active, parts.metadata.why, parts.metadata.path),
        "vectors": StoreStatus(
            parts.serving.choice.backend,
            "; ".join(filter(None, (parts.serving.why, mode, compared))),
            parts.serving.path,
        ),
        "lexical": StoreStatus("segments", "built in", str(index.location.lexical_directory)),
    }
