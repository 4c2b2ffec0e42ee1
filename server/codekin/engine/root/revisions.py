"""Search of another branch or commit by name, without checking it out.

Content that is already indexed is searched in the index.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from codekin.domain.search import Coverage
from codekin.domain.values import FileRecord, Skipped
from codekin.engine.root.root_index import RootIndex
from codekin.files import source_of
from codekin.history import TreeFile, list_tree, read_blobs, resolve_revision
from codekin.indexing import Prepared, prepare_source
from codekin.searching import Catalog, Snapshot

_MAX_TEXT_BYTES = 64_000_000
_MAX_NEW_CHUNKS = 2_000
"""Maximum number of chunks that are embedded for a revision and kept in memory.

A commit that differs by more is covered in part.
"""
_MAX_REVISIONS = 2


@dataclass(frozen=True, slots=True)
class Revision:
    """A snapshot of a commit's files, with the coverage."""

    sha: str
    view: Snapshot
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a commit.

    `known` are records that the index has with the same content; `total` is the number of files
    that belong to the commit.
    """

    known: list[tuple[FileRecord, str]]
    new: list[tuple[Prepared, str]]
    total: int


class Revisions:
    """The revisions of one workspace; the latest two are kept."""

    def __init__(self, index: RootIndex, max_file_bytes: int) -> None:
        self._index = index
        self._max_file_bytes = max_file_bytes
        self._kept: dict[tuple[str, int], Revision] = {}

    async def at(self, name: str) -> Revision:
        """Return the revision with a name.

        Raises SettingsError for an unknown name, HistoryError, EmbedderError.
        """
        index = self._index
        root = index.location.root
        sha = await asyncio.to_thread(resolve_revision, root, name)
        location = (sha, id(index.parts.serving.vectors))  # kept alive by the view
        if location not in self._kept:
            records = index.catalog.records
            files = await asyncio.to_thread(self._read, sha, records)
            revision = await self._view(sha, files)
            while len(self._kept) >= _MAX_REVISIONS:
                del self._kept[next(iter(self._kept))]
            self._kept[location] = revision
        return self._kept[location]

    def _read(self, sha: str, records: Mapping[str, FileRecord]) -> _Files:
        root, rules = self._index.location.root, self._index.rules
        listed = [
            file
            for file in list_tree(root, sha)
            if file.size_bytes <= self._max_file_bytes and rules.verdict(file.path, is_dir=False, tracked=True) is None
        ]
        known: list[tuple[FileRecord, str]] = []
        new: list[tuple[Prepared, str]] = []
        chunks, total = 0, len(listed)
        for file, data in read_blobs(root, _bounded(listed)):
            source = source_of(file.path, data)
            if isinstance(source, Skipped):
                total -= 1
            elif (record := records.get(file.path)) and record.digest == source.digest:
                known.append((record, source.text))
            else:
                prepared = prepare_source(source)
                if isinstance(prepared, Skipped):
                    total -= 1
                    continue
                chunks += len(prepared.chunks)
                if chunks <= _MAX_NEW_CHUNKS:
                    new.append((prepared, source.text))
        return _Files(known, new, total)

    async def _view(self, sha: str, files: _Files) -> Revision:
        keys, rows = await self._index.volatile([prepared for prepared, _ in files.new])
        catalog = Catalog(str(self._index.location.root), revision=sha)
        none = np.empty(0, np.int64), np.empty((0, rows.shape[1]), np.float32)
        for record, text in [*files.known, *((prepared.record, text) for prepared, text in files.new)]:
            catalog.open_buffer(record, text, *none)
        if files.new:
            last, text = files.new[-1]
            catalog.open_buffer(last.record, text, keys, rows)
        serving = self._index.parts.serving
        pending = catalog.view(serving.embedder, serving.vectors, self._index.parts.lexical)
        view = await asyncio.to_thread(pending.built)
        return Revision(sha, view, Coverage(len(files.known) + len(files.new), files.total))


def _bounded(files: list[TreeFile]) -> list[TreeFile]:
    """Return as many of the first files as fit into memory."""
    ends = np.cumsum([file.size_bytes for file in files])
    return files[: int(np.searchsorted(ends, _MAX_TEXT_BYTES, side="right"))]
