"""The indexed, skipped and pending files of a root, in memory as in the metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from codekin.domain.commits import commit_path, is_file, sha_of
from codekin.domain.ports import Keys
from codekin.domain.search import Coverage
from codekin.domain.values import Changes, FileRecord, Skipped
from codekin.engine.root.key_owners import KeyOwners
from codekin.engine.stores.stored_columns import StoredIndex
from codekin.indexing import Plan
from codekin.searching import Catalog
from codekin.storage.top_k import merged


class IndexState:
    """The state of one index, on the event loop.

    `catalog` contains the files, `record_catalog` all other records. `skipped` gives the reason by
    path. `scanned` is false until the folder was compared with the index; until then the coverage
    is unknown. `quarantined` gives the reason by content key of chunks that the model cannot embed;
    the worker adds to it.
    """

    def __init__(self, root: Path) -> None:
        self.catalog = Catalog(str(root))
        self.record_catalog = Catalog(str(root), of_records=True)
        self.skipped: dict[str, str] = {}
        self.quarantined: dict[int, str] = {}
        self.pending: set[str] = set()
        self.pending_elsewhere: int | None = None
        """Number of pending files in the metadata.

        None if the writer has not scanned the folder yet.
        """
        self.damaged: frozenset[str] = frozenset()
        self.damaged_records: frozenset[str] = frozenset()
        self.scanned = True
        self._commits = 0
        self._keys: Keys | None = None

    def load(
        self,
        stored: StoredIndex,
        skipped: Iterable[Skipped],
        pending: int | None,
        quarantined: Mapping[int, str],
    ) -> None:
        """Replace everything by what is stored."""
        self._keys = None
        self.catalog.replace(stored.files)
        self.record_catalog.replace(stored.others)
        self._commits = sum(sha_of(path) != "" for path in self.record_catalog.records)
        self.skipped = {item.path: item.reason for item in skipped}
        self.quarantined = dict(quarantined)
        self.pending_elsewhere = pending
        self.pending = set()
        self.damaged = self.damaged_records = frozenset()

    def update(self, written: Iterable[FileRecord], forgotten: Iterable[str]) -> None:
        """Forget paths, then add records; both may be files or other records."""
        self._keys = None
        for path in forgotten:
            self._commits -= self._is_known_commit(path)
            (self.catalog if is_file(path) else self.record_catalog).forget((path,))
        for record in written:
            self._commits += sha_of(record.path) != "" and not self._is_known_commit(record.path)
            (self.catalog if is_file(record.path) else self.record_catalog).write((record,))

    def note(self, changes: Changes, done: Iterable[str]) -> None:
        """Apply a committed change; `done` are the paths that are no longer pending."""
        self.update(changes.written, [*changes.forgotten, *(item.path for item in changes.skipped)])
        touched = {*changes.forgotten, *(record.path for record in changes.written)}
        for path in touched:
            self.skipped.pop(path, None)
        self.skipped.update((item.path, item.reason) for item in changes.skipped)
        self.pending.difference_update(done)
        self.damaged -= set(done)
        self.damaged_records -= touched

    def plan(self, plan: Plan, newer: Collection[str]) -> Changes:
        """Mark the files to index as pending.

        Returns what can be committed without reading a file. Changes of `newer` paths were
        committed after the plan was made, and stay.
        """
        self.pending = set(plan.index)
        self.scanned = True
        skipped = {item.path: item for item in plan.skipped}
        kept = {*skipped, *self.pending, *newer}
        readmitted = [path for path in self.skipped if path not in kept]
        fresh = tuple(item for path, item in skipped.items() if self.skipped.get(path) != item.reason)
        return Changes((), (*plan.forget, *readmitted), fresh)

    def damage(self, paths: Iterable[str]) -> None:
        """Mark records with a missing vector or posting.

        The next pass indexes them again.
        """
        incomplete = frozenset(paths)
        self.damaged_records |= {path for path in incomplete if not is_file(path)}
        self.damaged |= {path for path in incomplete if is_file(path)}
        self.pending |= self.damaged

    def clear(self) -> None:
        """Forget everything; what there is to index is unknown until the next scan."""
        self.update((), [*self.catalog.records, *self.record_catalog.records])
        self.skipped.clear()
        self.quarantined.clear()
        self.pending.clear()
        self.pending_elsewhere = None
        self.scanned = False

    def keys(self) -> Keys:
        """Return the content keys of all records, ascending and distinct."""
        if self._keys is None:
            self._keys = merged(self.catalog.keys(), self.record_catalog.keys())
        return self._keys

    def naming(self, keys: Keys) -> frozenset[str]:
        """Return the paths of records with any of these keys, which are ascending and distinct."""
        if not len(keys):
            return frozenset()
        return frozenset(path for each in self.owners() for path in each.paths(keys))

    def owners(self) -> tuple[KeyOwners, ...]:
        """Return the keys of the files, and those of the other records."""
        return tuple(KeyOwners.of(catalog.stored()) for catalog in (self.catalog, self.record_catalog))

    def still_quarantined(self) -> dict[int, str]:
        """Return the quarantined chunks that a record still contains; forget the others."""
        if self.quarantined:
            keys = np.fromiter(self.quarantined, np.int64)
            for key in keys[~np.isin(keys, self.keys())].tolist():
                del self.quarantined[key]
        return dict(self.quarantined)

    def known_below(self, paths: Collection[str]) -> list[str]:
        """Return those of the paths that are known, and all known files below them."""
        if not paths:
            return []
        gone = set(paths)
        known = dict.fromkeys((*self.catalog.records, *self.skipped))
        return [path for path in known if path in gone or any(folder in gone for folder in folders_above(path))]

    def attributed(self, changes: Changes) -> Changes:
        """Return the changes with the known author and date of each file.

        Reading a file does not provide them.
        """
        written = []
        for record in changes.written:
            known = self.catalog.record(record.path)
            written.append(replace(record, author=known.author, date=known.date) if known else record)
        return replace(changes, written=tuple(written))

    def commit_count(self) -> int:
        """Return the number of indexed commits."""
        return self._commits

    def pull_request(self, sha: str) -> int:
        """Return the number of the pull request that a commit merged, or 0."""
        record = self.record_catalog.record(commit_path(sha))
        marks = [node.symbol_kind for node in record.nodes] if record else []
        return next((int(mark[1:]) for mark in marks if mark.startswith("#")), 0)

    def coverage(self, *, writer: bool) -> Coverage:
        """Return the coverage, computed from what is stored and pending."""
        if not writer:
            report = self.scanned and self.pending_elsewhere is not None
            return Coverage(len(self.catalog), len(self.catalog) + (self.pending_elsewhere or 0), report)
        known = self.catalog.records_count_in(self.pending)
        total = len(self.catalog) + len(self.pending) - known
        return Coverage(total - len(self.pending), total, self.scanned)

    def invalidate(self) -> None:
        """Make the next search read the stores again."""
        self.catalog.invalidate()
        self.record_catalog.invalidate()

    def _is_known_commit(self, path: str) -> bool:
        return sha_of(path) != "" and self.record_catalog.record(path) is not None


def folders_above(path: str) -> Iterator[str]:
    """Yield the folders that contain a path, the innermost first."""
    while (path := path.rpartition("/")[0]) != "":
        yield path
