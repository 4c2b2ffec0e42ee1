"""What of a root is in the index, what is left out and why, and what waits: the same in memory as in the metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from codekin.domain.commits import commit_path, is_file, sha_of
from codekin.domain.ports import Keys
from codekin.domain.search import Coverage
from codekin.domain.values import Changes, FileRecord, Skipped
from codekin.engine.root.key_owners import KeyOwners
from codekin.indexing import Plan, keys_of
from codekin.searching import Catalog


class IndexState:
    """`catalog` holds the files, `record_catalog` what is no file. `skipped` gives the reason by path. `looked_through` is false until
    the folder was compared with the index: before, nobody can know what is covered. `quarantined` gives the reason by content
    key: chunks that the model does not take. Lives on the event loop, but for `quarantined`, which the worker adds to.
    """

    def __init__(self, root: Path) -> None:
        self.catalog = Catalog(str(root))
        self.record_catalog = Catalog(str(root), of_records=True)
        self.skipped: dict[str, str] = {}
        self.quarantined: dict[int, str] = {}
        self.pending: set[str] = set()
        self.pending_elsewhere: int | None = None
        """Files that wait, as the metadata says; None where the writer has not looked through the folder yet."""
        self.damaged: frozenset[str] = frozenset()
        self.damaged_records: frozenset[str] = frozenset()
        self.looked_through = True
        self._commits = 0
        self._keys: Keys | None = None

    def load(
        self,
        records: Sequence[FileRecord],
        skipped: Iterable[Skipped],
        pending: int | None,
        quarantined: Mapping[int, str],
    ) -> None:
        """Replaces everything by what is stored."""
        self._keys = None
        self.catalog.replace(record for record in records if is_file(record.path))
        self.record_catalog.replace(record for record in records if not is_file(record.path))
        self._commits = sum(sha_of(path) != "" for path in self.record_catalog.records)
        self.skipped = {item.path: item.reason for item in skipped}
        self.quarantined = dict(quarantined)
        self.pending_elsewhere = pending
        self.pending = set()
        self.damaged = self.damaged_records = frozenset()

    def take(self, written: Iterable[FileRecord], forgotten: Iterable[str]) -> None:
        """Forgets, then writes; both may name files as well as what is none."""
        self._keys = None
        for path in forgotten:
            self._commits -= self._is_known_commit(path)
            (self.catalog if is_file(path) else self.record_catalog).forget((path,))
        for record in written:
            self._commits += sha_of(record.path) != "" and not self._is_known_commit(record.path)
            (self.catalog if is_file(record.path) else self.record_catalog).write((record,))

    def note(self, changes: Changes, done: Iterable[str]) -> None:
        """Takes up what was just committed; `done` are the paths that wait no longer."""
        self.take(changes.written, [*changes.forgotten, *(item.path for item in changes.skipped)])
        touched = {*changes.forgotten, *(record.path for record in changes.written)}
        for path in touched:
            self.skipped.pop(path, None)
        self.skipped.update((item.path, item.reason) for item in changes.skipped)
        self.pending.difference_update(done)
        self.damaged -= set(done)
        self.damaged_records -= touched

    def plan(self, plan: Plan, younger: Collection[str]) -> Changes:
        """Let what is to be indexed wait; returns what can be committed without reading any file.

        What is known of the `younger` paths was committed after the plan was made, and stays.
        """
        self.pending = set(plan.index)
        self.looked_through = True
        left_out = {item.path: item for item in plan.skipped}
        kept = {*left_out, *self.pending, *younger}
        readmitted = [path for path in self.skipped if path not in kept]
        fresh = tuple(item for path, item in left_out.items() if self.skipped.get(path) != item.reason)
        return Changes((), (*plan.forget, *readmitted), fresh)

    def damage(self, paths: Iterable[str]) -> None:
        """Marks records that lack a vector or a posting: the next pass takes them in again."""
        lacking = frozenset(paths)
        self.damaged_records |= {path for path in lacking if not is_file(path)}
        self.damaged |= {path for path in lacking if is_file(path)}
        self.pending |= self.damaged

    def clear(self) -> None:
        """Forgets everything."""
        self.take((), [*self.catalog.records, *self.record_catalog.records])
        self.skipped.clear()
        self.quarantined.clear()
        self.pending.clear()
        self.pending_elsewhere = None

    def records(self) -> Mapping[str, FileRecord]:
        """All of them, files or not, by path."""
        return {**self.catalog.records, **self.record_catalog.records}

    def keys(self) -> Keys:
        """The content keys that the records name, ascending, each once."""
        if self._keys is None:
            self._keys = keys_of(chain(self.catalog.records.values(), self.record_catalog.records.values()))
        return self._keys

    def naming(self, keys: Keys) -> frozenset[str]:
        """The paths of the records that name any of these keys, which are ascending, each once."""
        if not len(keys):
            return frozenset()
        return frozenset(record.path for record in KeyOwners.of(list(self.records().values())).naming(keys))

    def still_quarantined(self) -> dict[int, str]:
        """What is set aside and named by a record yet; forgets the rest."""
        if self.quarantined:
            held = np.fromiter(self.quarantined, np.int64)
            for key in held[~np.isin(held, self.keys())].tolist():
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
        """With what is known of each file's last commit: reading the file cannot tell."""
        written = []
        for record in changes.written:
            known = self.catalog.record(record.path)
            written.append(replace(record, author=known.author, date=known.date) if known else record)
        return replace(changes, written=tuple(written))

    def commit_count(self) -> int:
        """Commits in the index."""
        return self._commits

    def pull_request(self, sha: str) -> int:
        """The number of the pull request that a commit is; 0 for any other."""
        record = self.record_catalog.record(commit_path(sha))
        marks = [node.symbol_kind for node in record.nodes] if record else []
        return next((int(mark[1:]) for mark in marks if mark.startswith("#")), 0)

    def coverage(self, *, writer: bool) -> Coverage:
        """Computed from what is stored and what is known to be waiting."""
        if not writer:
            report = self.looked_through and self.pending_elsewhere is not None
            return Coverage(len(self.catalog), len(self.catalog) + (self.pending_elsewhere or 0), report)
        known = self.catalog.records_count_in(self.pending)
        total = len(self.catalog) + len(self.pending) - known
        return Coverage(total - len(self.pending), total, self.looked_through)

    def invalidate(self) -> None:
        """Has the next search look at the stores anew."""
        self.catalog.invalidate()
        self.record_catalog.invalidate()

    def _is_known_commit(self, path: str) -> bool:
        return sha_of(path) != "" and self.record_catalog.record(path) is not None


def folders_above(path: str) -> Iterator[str]:
    """Return the folders that a path lies in, the innermost first."""
    while (path := path.rpartition("/")[0]) != "":
        yield path
