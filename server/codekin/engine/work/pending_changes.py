"""The changed files that are not indexed yet, by path, with the number of their latest change."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codekin.engine.work.write_queue import Priority

MAX_WATCHED = 10_000
"""Maximum number of pending changes, above which one full pass is faster and finds them all."""


@dataclass(frozen=True, slots=True)
class Change:
    """A path that changed.

    `attempts` counts failed attempts to index it; `saved` is the version of the saved document,
    None if no editor reported one.
    """

    sequence: int
    attempts: int = 0
    saved: int | None = None


class PendingChanges:
    """The pending changes, on one event loop.

    A change has no content: the file is read when the change is indexed.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._pending: dict[Priority, dict[str, Change]] = {Priority.SAVE: {}, Priority.WATCH: {}}
        self._in_work: set[str] = set()

    def __len__(self) -> int:
        return sum(map(len, self._pending.values()))

    @property
    def unfinished(self) -> int:
        """Number of changes that are pending or being indexed."""
        return len(self) + len(self._in_work)

    @property
    def paths(self) -> set[str]:
        """The paths whose changes are pending or being indexed."""
        return self._in_work.union(*self._pending.values())

    @property
    def too_many(self) -> bool:
        """Whether a full pass is faster than indexing the pending changes."""
        return len(self._pending[Priority.WATCH]) > MAX_WATCHED

    def add(self, paths: Iterable[str], priority: Priority, saved: Mapping[str, int] | None = None) -> None:
        """Add changes; a path that is already pending gets the higher priority of the two."""
        for path in paths:
            version = (saved or {}).get(path)
            if priority is Priority.WATCH and path in self._pending[Priority.SAVE]:
                continue
            self._pending[Priority.WATCH].pop(path, None)
            self._pending[priority][path] = Change(next(self._numbers), saved=version)

    def take(self, priority: Priority, limit: int) -> dict[str, Change]:
        """Remove and return at most `limit` changes.

        They stay unfinished until `done` or `put_back`.
        """
        pending = self._pending[priority]
        taken = {path: pending.pop(path) for path in list(itertools.islice(pending, limit))}
        self._in_work.update(taken)
        return taken

    def done(self, paths: Iterable[str]) -> None:
        """Record that these are indexed."""
        self._in_work.difference_update(paths)

    def put_back(self, changes: Mapping[str, Change], priority: Priority) -> None:
        """Add failed changes again; a newer change of the same path replaces both."""
        self._in_work.difference_update(changes)
        for path, change in changes.items():
            if not any(path in pending for pending in self._pending.values()):
                self._pending[priority][path] = Change(change.sequence, change.attempts + 1, change.saved)

    def clear_watched(self) -> None:
        """Forget changes that the watcher reported, because a full pass replaces them."""
        self._pending[Priority.WATCH].clear()
