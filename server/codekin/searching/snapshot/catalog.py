"""The contents of the metadata store in memory for searching, updated change by change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from codekin.domain.ports import Embedder, Keys, Vectors, VectorStore
from codekin.domain.values import FileRecord
from codekin.searching.snapshot.snapshot import Deep, FileBlock, Parts, Snapshot, build_view
from codekin.searching.snapshot.text_cache import Texts
from codekin.storage import LexicalIndex


class Catalog:
    """The stored files and unsaved buffers of one root, from which snapshots are made.

    Owned by one thread. The views that it returns are immutable and may be searched from any
    thread.
    """

    def __init__(self, root: str, *, of_records: bool = False, revision: str = "") -> None:
        self._texts = Texts(root)
        self._revision = revision
        self._of_records = of_records
        self._stored: dict[str, FileBlock] = {}
        self._buffers: dict[str, FileBlock] = {}
        self._buffer_vectors: dict[str, tuple[Keys, Vectors]] = {}
        self._hidden: tuple[str, ...] = ()
        self._view: Snapshot | None = None

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def records(self) -> Mapping[str, FileRecord]:
        """The stored records by path, without unsaved buffers."""
        return {path: block.record for path, block in self._stored.items()}

    def record(self, path: str) -> FileRecord | None:
        """Return the stored record of a file, or None."""
        block = self._stored.get(path)
        return block.record if block else None

    def unsaved(self, path: str) -> str | None:
        """Return the text of an open buffer that is not saved, or None."""
        block = self._buffers.get(path)
        return block.text if block else None

    def chunk_count(self) -> int:
        """Return the number of stored nodes, including those of whole files."""
        return sum(len(block.nodes) for block in self._stored.values())

    def records_count_in(self, paths: Iterable[str]) -> int:
        """Return how many of the paths are stored."""
        return sum(path in self._stored for path in paths)

    def replace(self, records: Iterable[FileRecord]) -> None:
        """Replace all stored files by these; unsaved buffers stay."""
        self.forget(list(self._stored))
        self.write(records)
        self._view = None

    def invalidate(self) -> None:
        """Rebuild the next view, because a store behind it changed."""
        self._view = None

    def hide(self, folders: tuple[str, ...]) -> None:
        """Exclude the files below these folders from the views; each folder ends in a slash.

        The files stay stored.
        """
        if folders != self._hidden:
            self._hidden, self._view = folders, None

    def write(self, records: Iterable[FileRecord]) -> None:
        """Add or replace files."""
        for record in records:
            self._replace(self._stored, record.path, FileBlock(record))

    def forget(self, paths: Iterable[str]) -> None:
        """Remove files; unknown paths are ignored."""
        for path in paths:
            self._replace(self._stored, path, None)

    def open_buffer(self, record: FileRecord, text: str, keys: Keys, rows: Vectors) -> None:
        """Show an unsaved text instead of the stored file.

        `keys` and `rows` are the vectors of its nodes.
        """
        self._replace(self._buffers, record.path, FileBlock(record, text))
        self._buffer_vectors[record.path] = (keys, rows)

    def close_buffer(self, path: str) -> bool:
        """Show the stored file again; return False if there was no buffer."""
        known = self._buffer_vectors.pop(path, None) is not None
        self._replace(self._buffers, path, None)
        return known

    def buffer_vectors(self, keys: Keys) -> tuple[np.ndarray, Vectors]:
        """Return (found, rows) of vectors that unsaved buffers have already computed.

        The shapes are those of `VectorStore.get`.
        """
        known = {
            key: row
            for buffer_keys, rows in self._buffer_vectors.values()
            for key, row in zip(buffer_keys.tolist(), rows, strict=True)
        }
        found = np.array([key in known for key in keys.tolist()], dtype=np.bool_)
        width = len(next(iter(known.values()))) if known else 0
        rows = np.zeros((len(keys), width), dtype=np.float32)
        for number in np.flatnonzero(found):
            rows[number] = known[int(keys[number])]
        return found, rows

    def view(
        self, embedder: Embedder, vectors: VectorStore, lexical: LexicalIndex, deep: Deep | None = None
    ) -> Snapshot:
        """Return the current snapshot, which is rebuilt only after a change."""
        current = self._view
        backing = current.backing if current else None
        if current and backing and (backing.vectors, backing.embedder, backing.deep) == (vectors, embedder, deep):
            return current
        shown = {**self._stored, **self._buffers}
        blocks = [block for path, block in sorted(shown.items()) if not path.startswith(self._hidden or ("\0",))]
        keys, rows = self._overlay(vectors.dim)
        parts = Parts(embedder, vectors, lexical, keys, rows, deep)
        self._view = build_view(self._texts, blocks, parts, of_records=self._of_records, revision=self._revision)
        return self._view

    def _overlay(self, dim: int) -> tuple[Keys, Vectors]:
        if not self._buffer_vectors:
            return np.empty(0, np.int64), np.empty((0, dim), np.float32)
        keys = np.concatenate([keys for keys, _ in self._buffer_vectors.values()])
        rows = np.concatenate([rows for _, rows in self._buffer_vectors.values()])
        keys, first = np.unique(keys, return_index=True)
        return keys, np.ascontiguousarray(rows[first])

    def _replace(self, blocks: dict[str, FileBlock], path: str, block: FileBlock | None) -> None:
        blocks.pop(path, None)
        if block is not None:
            blocks[path] = block
        self._view = None
