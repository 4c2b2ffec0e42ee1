"""The stored files of a root: mapped columns, and the records that were written since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import numpy as np

from codekin.domain.ports import Keys
from codekin.domain.values import FileRecord
from codekin.searching.snapshot.blocks import Blocks, FileBlock, ListedBlocks, words_of
from codekin.searching.snapshot.mapped_blocks import Base, MappedBlocks
from codekin.searching.snapshot.path_traits import traits
from codekin.storage import Columns, write_columns


class StoredRecords(Mapping[str, FileRecord]):
    """Records by path. Immutable; records of columns are made when they are used."""

    def __init__(self, base: Columns | None, gone: frozenset[int], others: Mapping[str, FileRecord]) -> None:
        """Take the records beside the base, and the `gone` ones of the base."""
        self._base = base
        self._gone = gone
        self._others = others

    def __getitem__(self, path: str) -> FileRecord:
        if path in self._others:
            return self._others[path]
        number = self._number(path)
        if self._base is None or number < 0:
            raise KeyError(path)
        return self._base.record(number)

    def __contains__(self, path: object) -> bool:
        return path in self._others or (isinstance(path, str) and self._number(path) >= 0)

    def __iter__(self) -> Iterator[str]:
        if self._base is None:
            return iter(self._others)
        known = self._base.paths
        if not self._gone:
            return chain(known, self._others)
        return chain((path for number, path in enumerate(known) if number not in self._gone), self._others)

    def __len__(self) -> int:
        return (0 if self._base is None else len(self._base) - len(self._gone)) + len(self._others)

    def stamp(self, path: str) -> tuple[int, int] | None:
        """Return the size and the modification time of a file, or None if it is not stored."""
        if other := self._others.get(path):
            return other.size_bytes, other.mtime_ns
        number = self._number(path)
        return self._base.stamps[number] if self._base is not None and number >= 0 else None

    def undated(self) -> list[str]:
        """Return the paths of the records without a date, ascending."""
        found = [path for path, record in self._others.items() if not record.date]
        if self._base is not None:
            without = np.flatnonzero(self._base.arrays["date"] == 0).tolist()
            found += [self._base.paths[number] for number in without if number not in self._gone]
        return sorted(found)

    def changed(self, written: Iterable[FileRecord], forgotten: Iterable[str]) -> StoredRecords:
        """Return the records after a change."""
        written = tuple(written)
        others = dict(self._others)
        gone = set(self._gone)
        for path in (*forgotten, *(record.path for record in written)):
            others.pop(path, None)
            if (number := self._number(path)) >= 0:
                gone.add(number)
        others.update((record.path, record) for record in written)
        return StoredRecords(self._base, frozenset(gone), others)

    def _number(self, path: str) -> int:
        """Return the position of a path in the base, or -1."""
        if self._base is None:
            return -1
        number = self._base.number_of.get(path, -1)
        return -1 if number in self._gone else number


def write_stored(path: Path, records: StoredRecords, *, generation: int, identity: str) -> None:
    """Write records as columns. Raises OSError."""
    paths = sorted(records)
    write_columns(
        path,
        lambda: map(records.__getitem__, paths),
        generation=generation,
        identity=identity,
        traits=traits,
        words=words_of,
    )


class StoredFiles:
    """The stored files of one catalog, changed file by file. Owned by one thread."""

    def __init__(self, columns: Columns | None = None) -> None:
        self._base = Base(columns) if columns is not None and len(columns) else None
        self._gone: set[int] = set()
        self._others: dict[str, FileBlock] = {}
        self._other_nodes = 0
        self._gone_nodes = 0

    def __len__(self) -> int:
        return (len(self._base.columns) - len(self._gone) if self._base else 0) + len(self._others)

    def __contains__(self, path: str) -> bool:
        return path in self._others or self._number(path) >= 0

    @property
    def beside_base(self) -> int:
        """Number of changes that the columns do not have."""
        return len(self._gone) + len(self._others)

    @property
    def columns(self) -> Columns | None:
        """The mapped columns, if there are any."""
        return self._base.columns if self._base else None

    def node_count(self) -> int:
        """Return the number of nodes, including those of whole files."""
        known = len(self._base.columns.node_key) if self._base else 0
        return known - self._gone_nodes + self._other_nodes

    def records(self) -> StoredRecords:
        """Return the records as they are now."""
        others = {path: block.record for path, block in self._others.items()}
        return StoredRecords(self.columns, frozenset(self._gone), others)

    def keys(self) -> Keys:
        """Return the content keys of all nodes, ascending and distinct."""
        return self.blocks({}, ()).nodes().keys

    def write(self, record: FileRecord) -> None:
        """Add or replace a file."""
        self.forget(record.path)
        self._others[record.path] = FileBlock(record)
        self._other_nodes += len(record.nodes)

    def forget(self, path: str) -> None:
        """Remove a file; an unknown path is ignored."""
        if before := self._others.pop(path, None):
            self._other_nodes -= len(before.record.nodes)
        number = self._number(path)
        if self._base and number >= 0:
            self._gone.add(number)
            self._gone_nodes += self._base.columns.node_count(number)

    def block(self, path: str) -> FileBlock | None:
        """Return a file, or None."""
        if known := self._others.get(path):
            return known
        number = self._number(path)
        return self._base.block(number) if self._base and number >= 0 else None

    def blocks(self, instead: Mapping[str, FileBlock], hidden: tuple[str, ...]) -> Blocks:
        """Return all files with others instead of some, without those in hidden folders."""
        others = {**self._others, **instead}
        if self._base is None:
            return ListedBlocks([others[path] for path in sorted(others) if not path.startswith(hidden or ("\0",))])
        replaced = {self._base.columns.number_of.get(path, -1) for path in instead}
        return MappedBlocks(self._base, (self._gone | replaced) - {-1}, others, hidden)

    def copy(self) -> StoredFiles:
        """Return these files as they are now, for another thread."""
        copy = StoredFiles()
        copy._base, copy._gone, copy._others = self._base, set(self._gone), dict(self._others)
        return copy

    def _number(self, path: str) -> int:
        if self._base is None:
            return -1
        number = self._base.columns.number_of.get(path, -1)
        return -1 if number in self._gone else number
