"""The contents of the metadata store in memory for searching, updated change by change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from codekin.domain.ports import Embedder, Keys, Vectors, VectorStore
from codekin.domain.values import FileRecord
from codekin.searching.snapshot.blocks import Blocks, FileBlock
from codekin.searching.snapshot.snapshot import Deep, Snapshot, SnapshotStores, build_view
from codekin.searching.snapshot.stored_files import StoredFiles, StoredRecords
from codekin.searching.snapshot.text_cache import Texts
from codekin.storage import Columns, LexicalIndex, TrigramIndex


class PendingSnapshot:
    """A snapshot that is built once, on the thread that uses it first.

    Joining a large index takes longer than an event loop may wait. What it is built from is fixed
    when this is made.
    """

    def __init__(self, build: Callable[[], Snapshot]) -> None:
        self._lock = threading.Lock()
        self._build: Callable[[], Snapshot] | None = build
        self._built: Snapshot | None = None

    def built(self) -> Snapshot:
        """Return the snapshot; any thread may call."""
        with self._lock:
            if self._built is None:
                assert self._build is not None
                self._built, self._build = self._build(), None
            return self._built


class Catalog:
    """The stored files and unsaved buffers of one root, from which snapshots are made.

    Owned by one thread. The views that it returns are immutable and may be searched from any
    thread.
    """

    def __init__(self, root: str, *, of_records: bool = False, revision: str = "") -> None:
        self._texts = Texts(root)
        self._revision = revision
        self._of_records = of_records
        self._stored = StoredFiles()
        self._buffers: dict[str, FileBlock] = {}
        self._buffer_vectors: dict[str, tuple[Keys, Vectors]] = {}
        self._hidden: tuple[str, ...] = ()
        self._pending: PendingSnapshot | None = None
        self._stores: tuple[object, ...] = ()

    def __len__(self) -> int:
        return len(self._stored)

    @property
    def records(self) -> StoredRecords:
        """The stored records by path, without unsaved buffers, as they are now."""
        return self._stored.records()

    @property
    def columns(self) -> Columns | None:
        """The mapped columns of the stored records, if there are any."""
        return self._stored.columns

    @property
    def beside_columns(self) -> int:
        """Number of changes since the columns were written."""
        return self._stored.beside_base

    def record(self, path: str) -> FileRecord | None:
        """Return the stored record of a file, or None."""
        block = self._stored.block(path)
        return block.record if block else None

    def keys(self) -> Keys:
        """Return the content keys of all stored nodes, ascending and distinct."""
        return self._stored.keys()

    def unsaved(self, path: str) -> str | None:
        """Return the text of an open buffer that is not saved, or None."""
        block = self._buffers.get(path)
        return block.text if block else None

    def stored(self) -> Blocks:
        """Return the stored files as they are now, without unsaved buffers; immutable."""
        return self._stored.blocks({}, ())

    def contents(self) -> tuple[Sequence[str], Keys]:
        """Return the path of each stored file, and the key of its content."""
        blocks = self.stored()
        return blocks.paths, blocks.contents()

    def chunk_count(self) -> int:
        """Return the number of stored nodes, including those of whole files."""
        return self._stored.node_count()

    def records_count_in(self, paths: Iterable[str]) -> int:
        """Return how many of the paths are stored."""
        return sum(path in self._stored for path in paths)

    def replace(self, stored: StoredFiles) -> None:
        """Replace all stored files, which the catalog changes from now on; unsaved buffers stay."""
        self._stored = stored
        self._pending = None

    def invalidate(self) -> None:
        """Rebuild the next snapshot, because a store behind it changed."""
        self._pending = None

    def hide(self, folders: tuple[str, ...]) -> None:
        """Exclude the files below these folders from the views; each folder ends in a slash.

        The files stay stored.
        """
        if folders != self._hidden:
            self._hidden, self._pending = folders, None

    def write(self, records: Iterable[FileRecord]) -> None:
        """Add or replace files."""
        for record in records:
            self._stored.write(record)
            self._pending = None

    def forget(self, paths: Iterable[str]) -> None:
        """Remove files; unknown paths are ignored."""
        for path in paths:
            self._stored.forget(path)
            self._pending = None

    def open_buffer(self, record: FileRecord, text: str, keys: Keys, rows: Vectors) -> None:
        """Show an unsaved text instead of the stored file.

        `keys` and `rows` are the vectors of its nodes.
        """
        self._buffers[record.path] = FileBlock(record, text)
        self._buffer_vectors[record.path] = (keys, rows)
        self._pending = None

    def close_buffer(self, path: str) -> bool:
        """Show the stored file again; return False if there was no buffer."""
        known = self._buffer_vectors.pop(path, None) is not None
        self._buffers.pop(path, None)
        self._pending = None
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
        self,
        embedder: Embedder,
        vectors: VectorStore,
        lexical: LexicalIndex,
        deep: Deep | None = None,
        trigrams: TrigramIndex | None = None,
    ) -> PendingSnapshot:
        """Return the current snapshot, to be built on first use; a new one only after a change."""
        stores = (embedder, vectors, lexical, deep, trigrams)
        if self._pending is None or stores != self._stores:
            stored, buffers, hidden = self._stored.copy(), dict(self._buffers), self._hidden
            view = SnapshotStores(embedder, vectors, lexical.view(), *self._overlay(vectors.dim), deep)
            if trigrams:
                view = replace(view, trigrams=trigrams.view())
            self._stores = stores
            self._pending = PendingSnapshot(lambda: self._built(stored.blocks(buffers, hidden), view))
        return self._pending

    def block(self, path: str) -> FileBlock | None:
        """Return what a search sees of one file: of an unsaved buffer what it is now."""
        return self._buffers.get(path) or self._stored.block(path)

    def _built(self, blocks: Blocks, stores: SnapshotStores) -> Snapshot:
        return build_view(self._texts, blocks, stores, of_records=self._of_records, revision=self._revision)

    def _overlay(self, dim: int) -> tuple[Keys, Vectors]:
        if not self._buffer_vectors:
            return np.empty(0, np.int64), np.empty((0, dim), np.float32)
        keys = np.concatenate([keys for keys, _ in self._buffer_vectors.values()])
        rows = np.concatenate([rows for _, rows in self._buffer_vectors.values()])
        keys, first = np.unique(keys, return_index=True)
        return keys, np.ascontiguousarray(rows[first])
