"""The files that changed on disk and are not indexed yet, by path, each with the sequence number of its latest change."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codekin.engine.work.write_queue import Priority

MOST_WATCHED = 10_000
"""Changes that wait at most; beyond that one full pass is cheaper, and finds them all."""


@dataclass(frozen=True, slots=True)
class Change:
    """A path that changed. `attempts` counts how often indexing it failed; `saved` is the version of the document that was
    saved, None where no editor said so.
    """

    sequence: int
    attempts: int = 0
    saved: int | None = None


class PendingChanges:
    """Lives on one event loop. A change carries no content: the file is read when the change is taken up."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[Priority, dict[str, Change]] = {Priority.SAVE: {}, Priority.WATCH: {}}
        self._in_work: set[str] = set()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    @property
    def undone(self) -> int:
        """Changes that wait or are being indexed."""
        return len(self) + len(self._in_work)

    @property
    def too_many(self) -> bool:
        """Whether a full pass is cheaper than taking up what waits."""
        return len(self._waiting[Priority.WATCH]) > MOST_WATCHED

    def add(self, paths: Iterable[str], priority: Priority, saved: Mapping[str, int] | None = None) -> None:
        """Note changes; a path that waits already moves to the more urgent of the two."""
        for path in paths:
            version = (saved or {}).get(path)
            if priority is Priority.WATCH and path in self._waiting[Priority.SAVE]:
                continue
            self._waiting[Priority.WATCH].pop(path, None)
            self._waiting[priority][path] = Change(next(self._numbers), saved=version)

    def take(self, priority: Priority, most: int) -> dict[str, Change]:
        """Remove and return at most `most` changes; they count as undone until `done` or `put_back`."""
        waiting = self._waiting[priority]
        taken = {path: waiting.pop(path) for path in list(itertools.islice(waiting, most))}
        self._in_work.update(taken)
        return taken

    def done(self, paths: Iterable[str]) -> None:
        """Take note that these are indexed."""
        self._in_work.difference_update(paths)

    def put_back(self, changes: Mapping[str, Change], priority: Priority) -> None:
        """Keep what failed; a younger change of the same path stands for both."""
        self._in_work.difference_update(changes)
        for path, change in changes.items():
            if not any(path in waiting for waiting in self._waiting.values()):
                self._waiting[priority][path] = Change(change.sequence, change.attempts + 1, change.saved)

    def clear_watched(self) -> None:
        """Forget what the watcher reported: a full pass takes its place."""
        self._waiting[Priority.WATCH].clear()
