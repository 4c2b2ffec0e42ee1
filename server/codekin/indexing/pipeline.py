"""The write path. A batch is stored in the order vectors, postings, metadata: whatever a crash cuts off, no node is ever
named before what it needs is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codekin.domain.ports import Embedder, Keys, Vectors, VectorStore
from codekin.domain.values import Changes, Chunk, FileRecord, Skipped
from codekin.indexing.prepare import Prepared, prepare_file
from codekin.storage import LexicalIndex, pack_nodes

VectorSource = Callable[[Keys], tuple[np.ndarray, Vectors]]
"""Where vectors may already lie: the index of another worktree. Same answer as `VectorStore.get`."""


@dataclass(slots=True)
class EmbedCounts:
    """How many texts went through the model, and how many did not have to, since the process started."""

    computed: int = 0
    reused: int = 0
    redacted: int = 0
    """Secrets blanked out of the files read by this process."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What the write path fills: the embedder with the store that holds its vectors, and the postings."""

    embedder: Embedder
    vectors: VectorStore
    lexical: LexicalIndex


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What one batch came to: the transaction still to be applied to the metadata."""

    changes: Changes
    computed: int
    reused: int


class Indexer:
    """Blocking; called from one worker thread at a time."""

    def __init__(
        self, root: Path, stores: Stores, *, max_file_bytes: int, sources: list[VectorSource], counts: EmbedCounts
    ) -> None:
        self._root = root
        self._stores = stores
        self._max_file_bytes = max_file_bytes
        self.sources = sources
        self._counts = counts

    def index_files(self, paths: Iterable[str]) -> BatchReport:
        """Reads, chunks, embeds and stores the files; a file that vanished meanwhile is forgotten."""
        prepared: list[Prepared] = []
        skipped: list[Skipped] = []
        for path in paths:
            outcome = prepare_file(self._root, path, self._max_file_bytes)
            if isinstance(outcome, Skipped):
                skipped.append(outcome)
            else:
                prepared.append(outcome)
        self._counts.redacted += sum(item.secrets for item in prepared)
        computed, reused = self.store(prepared)
        gone = tuple(item.path for item in skipped if not _exists(self._root / item.path))
        return BatchReport(
            changes=Changes(
                written=tuple(item.record for item in prepared),
                forgotten=gone,
                skipped=tuple(item for item in skipped if item.path not in gone),
            ),
            computed=computed,
            reused=reused,
        )

    def store(self, prepared: Sequence[Prepared]) -> tuple[int, int]:
        """Stores vectors and postings of all chunks that are not there yet; returns (computed, reused) embeddings."""
        by_key: dict[int, Chunk] = {
            key: chunk for item in prepared for key, chunk in zip(_keys(item.record), item.chunks, strict=True)
        }
        if not by_key:
            return 0, 0
        keys = np.fromiter(by_key, dtype=np.int64, count=len(by_key))
        computed = self._store_vectors(keys, by_key)
        missing = keys[~self._stores.lexical.contains(keys)]
        if len(missing):
            self._stores.lexical.add(missing, [by_key[key] for key in missing.tolist()])
        reused = len(by_key) - computed
        self._counts.computed += computed
        self._counts.reused += reused
        return computed, reused

    def volatile(self, prepared: Sequence[Prepared], stores: Stores, held: VectorSource) -> tuple[Keys, Vectors]:
        """(keys, rows) of what lies in no file, unsaved buffers or another commit; nothing is written to disk."""
        by_key: dict[int, Chunk] = {
            key: chunk for item in prepared for key, chunk in zip(_keys(item.record), item.chunks, strict=True)
        }
        keys = np.fromiter(by_key, dtype=np.int64, count=len(by_key))
        rows = np.zeros((len(keys), stores.embedder.dim), dtype=np.float32)
        waiting = np.ones(len(keys), dtype=np.bool_)
        for source in (stores.vectors.get, held):
            found, known = source(keys[waiting])
            places = np.flatnonzero(waiting)[found]
            rows[places] = known[found] if len(places) else 0
            waiting[places] = False
        if waiting.any():
            texts = [by_key[key].embedding_text for key in keys[waiting].tolist()]
            rows[waiting] = stores.embedder.embed_passages(texts)
        self._counts.computed += int(waiting.sum())
        self._counts.reused += int((~waiting).sum())
        stores.lexical.add(keys, list(by_key.values()), volatile=True)
        return keys, rows

    def _store_vectors(self, keys: Keys, by_key: dict[int, Chunk]) -> int:
        vectors = self._stores.vectors
        missing = keys[~vectors.contains(keys)]
        for source in self.sources:
            if not len(missing):
                return 0
            found, rows = source(missing)
            if found.any():
                vectors.add(missing[found], np.ascontiguousarray(rows[found]))
                missing = missing[~found]
        if len(missing):
            texts = [by_key[key].embedding_text for key in missing.tolist()]
            vectors.add(missing, self._stores.embedder.embed_passages(texts))
        return len(missing)


def keys_of(records: Iterable[FileRecord]) -> Keys:
    """Content keys of all nodes, ascending, each once."""
    keys = [pack_nodes(record.nodes).keys for record in records]
    return np.unique(np.concatenate(keys)) if keys else np.empty(0, np.int64)


def _keys(record: FileRecord) -> list[int]:
    keys: list[int] = pack_nodes(record.nodes).keys.tolist()
    return keys


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True
