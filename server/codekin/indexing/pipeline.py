"""The write path of a batch.

A batch is stored in the order vectors, postings, metadata. Whenever a crash interrupts it, no node
is in the metadata before the data it needs is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from codekin.domain.ports import Embedder, Keys, Vectors, VectorStore
from codekin.domain.values import Changes, Chunk, FileRecord, NodeKind, Skipped
from codekin.files import read_source
from codekin.indexing.ahead import ReadAhead
from codekin.indexing.collector import garbage_collection_paused
from codekin.indexing.fresh import FreshVectors, VectorSource
from codekin.indexing.prepare import QUARANTINED, Prepared, needs_own_process, prepare_buffer, prepare_source
from codekin.indexing.vectorizer import Vectorizer
from codekin.storage import Draft, LexicalIndex, TrigramIndex, content_key, pack_nodes


@dataclass(slots=True)
class EmbedCounts:
    """Number of texts embedded and of embeddings reused since the process started."""

    computed: int = 0
    reused: int = 0
    redacted: int = 0
    """Number of secrets redacted in the files read by this process."""
    unparsed: dict[str, str] = field(default_factory=dict)
    """Files cut by lines despite a grammar: path to reason, for files this process read.
    """


@dataclass(frozen=True, slots=True)
class Stores:
    """The targets of the write path: the embedder, the store of its vectors, and the postings."""

    embedder: Embedder
    vectors: VectorStore
    lexical: LexicalIndex
    trigrams: TrigramIndex | None = None


@dataclass(frozen=True, slots=True)
class BatchReport:
    """The result of one batch: the transaction to be applied to the metadata."""

    changes: Changes
    computed: int
    reused: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """The data to be stored together, collected while the rest of the batch is read."""

    vectors: FreshVectors
    postings: Draft
    keys: set[int] = field(default_factory=set)

    def add(self, chunks: Mapping[int, Chunk]) -> None:
        """Add chunks by content key; each counts once."""
        self.vectors.add(chunks)
        self.postings.add(chunks)
        self.keys.update(chunks)


class Indexer:
    """Indexes files, commits and buffers. Blocking; called from one worker thread at a time."""

    def __init__(
        self,
        root: Path,
        stores: Stores,
        *,
        max_file_bytes: int,
        sources: list[VectorSource],
        counts: EmbedCounts,
        quarantined: dict[int, str],
        skipped_reasons: Mapping[str, str] | None = None,
    ) -> None:
        """Create an indexer.

        `skipped_reasons` gives the current reasons, by path, for files not in the index.
        """
        self._root = root
        self._reasons = skipped_reasons or {}
        self._quarantine: dict[str, tuple[bytes, Skipped]] = {}
        self._stores = stores
        self._max_file_bytes = max_file_bytes
        self.sources = sources
        self._counts = counts
        self._vectorizer = Vectorizer(stores.embedder, quarantined)
        self.sieved = False
        """Whether the trigrams of files are indexed too; a pass over many files sets it."""

    @garbage_collection_paused()
    def index_files(self, paths: Sequence[str], ahead: ReadAhead | None = None) -> BatchReport:
        """Read, chunk, embed and store the files; a file that no longer exists is forgotten.

        `ahead` may have read some of them; these are embedded while the others are awaited.
        """
        outcomes: dict[str, Prepared | Skipped] = {}
        batch = self._batch()
        for ready in self._outcomes(paths, ahead):
            outcomes.update(ready)
            batch.add(_chunks_by_key(item for item in ready.values() if isinstance(item, Prepared)))
        ordered = [outcomes[path] for path in dict.fromkeys(paths)]
        prepared = [item for item in ordered if isinstance(item, Prepared)]
        skipped = [item for item in ordered if isinstance(item, Skipped)]
        self._note(prepared, skipped)
        with ThreadPoolExecutor(1, thread_name_prefix="codekin-trigrams") as beside:
            sieved = beside.submit(self._add_trigrams, prepared)
            computed, reused = self._store(batch)
            sieved.result()
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
        """Store vectors and postings of all new chunks; return (computed, reused) embeddings."""
        batch = self._batch()
        batch.add(_chunks_by_key(prepared))
        return self._store(batch)

    def volatile(
        self, prepared: Sequence[Prepared], stores: Stores, known_vectors: VectorSource
    ) -> tuple[Keys, Vectors]:
        """Return (keys, rows) of content outside files: unsaved buffers or another commit.

        Nothing is written to disk.
        """
        by_key: dict[int, Chunk] = {
            key: chunk for item in prepared for key, chunk in zip(_keys(item.record), item.chunks, strict=True)
        }
        keys = np.fromiter(by_key, dtype=np.int64, count=len(by_key))
        rows = np.zeros((len(keys), stores.embedder.dim), dtype=np.float32)
        waiting = np.ones(len(keys), dtype=np.bool_)
        for source in (stores.vectors.get, known_vectors):
            found, known = source(keys[waiting])
            places = np.flatnonzero(waiting)[found]
            rows[places] = known[found] if len(places) else 0
            waiting[places] = False
        if waiting.any():
            texts = [by_key[key].embedding_text for key in keys[waiting].tolist()]
            embedded, new = Vectorizer(stores.embedder, {}, pauses_s=()).embed(keys[waiting], texts)
            rows[np.isin(keys, embedded)] = new
            self._counts.computed += len(embedded)
        self._counts.reused += int((~waiting).sum())
        stores.lexical.add(keys, list(by_key.values()), volatile=True)
        return keys, rows

    def try_harmless(self) -> None:
        """Chunk, embed and store a harmless text; raise if even that fails.

        A failure shows that the cause is not the file indexed before.
        """
        prepared = prepare_buffer("harmless.txt", "a harmless text")
        assert isinstance(prepared, Prepared)
        keys = np.array(_keys(prepared.record), dtype=np.int64)
        rows = self._stores.embedder.embed_passages([chunk.embedding_text for chunk in prepared.chunks])
        self._stores.vectors.add(keys, rows)
        self._stores.lexical.add(keys, list(prepared.chunks))

    def _outcomes(self, paths: Sequence[str], ahead: ReadAhead | None) -> Iterator[dict[str, Prepared | Skipped]]:
        """Yield results by path as they become ready; those of the second process come first.

        If there are none, this process takes files from the end, since the other one starts at the
        front. Neither then waits while there is unclaimed work.
        """
        if ahead is None:
            yield {path: self._prepare(path) for path in paths}
            return
        waiting = dict.fromkeys(paths)
        unclaimed = list(waiting)
        while waiting:
            taken = ahead.take(waiting, wait=not unclaimed)
            ready = {path: outcome or self._prepare(path, ahead) for path, outcome in taken.items()}
            while unclaimed and not ready:
                path = unclaimed.pop()
                defer = ahead.expects(path) and needs_own_process(self._root, path)
                if path in waiting and not defer and ahead.claim(path):
                    ready = {path: self._prepare(path)}
            for path in ready:
                del waiting[path]
            yield ready

    def _prepare(self, path: str, ahead: ReadAhead | None = None) -> Prepared | Skipped:
        """Prepare one file.

        Content that ended a process before is never parsed in this one, and not at all until it
        changes.
        """
        source = read_source(self._root, path, self._max_file_bytes)
        if isinstance(source, Skipped):
            return source
        digest, quarantined = self._quarantine.get(path, (b"", None))
        if quarantined and digest == source.digest:
            return quarantined
        suspect = ahead is not None and ahead.is_suspect(path)
        outcome = prepare_source(source, harmful=suspect or self._reasons.get(path, "").startswith(QUARANTINED))
        if isinstance(outcome, Skipped):
            self._quarantine[path] = (source.digest, outcome)
        return outcome

    def _note(self, prepared: Sequence[Prepared], skipped: Sequence[Skipped]) -> None:
        self._counts.redacted += sum(item.secrets for item in prepared)
        for path in (*(item.record.path for item in prepared), *(item.path for item in skipped)):
            self._counts.unparsed.pop(path, None)
        self._counts.unparsed.update((item.record.path, item.trouble) for item in prepared if item.trouble)

    def _add_trigrams(self, prepared: Sequence[Prepared]) -> None:
        """Index the trigrams of files; those of a secret are left out, because they spell it."""
        trigrams = self._stores.trigrams
        if trigrams is None or not self.sieved:
            return
        text_of = {content_key(item.record.digest): None if item.secrets else _text(item) for item in prepared}
        missing = trigrams.missing(np.fromiter(text_of, np.int64, len(text_of)))
        trigrams.add(missing, [text_of[key] for key in missing.tolist()])

    def _batch(self) -> _Batch:
        vectors = FreshVectors(self._vectorizer, self._stores.vectors, self.sources)
        return _Batch(vectors, self._stores.lexical.draft())

    def _store(self, batch: _Batch) -> tuple[int, int]:
        if not batch.keys:
            return 0, 0
        with ThreadPoolExecutor(1, thread_name_prefix="codekin-vectors") as writer:
            # The postings are computed while the vectors are written, and written after them.
            written = writer.submit(batch.vectors.commit)
            self._stores.lexical.commit(batch.postings, after=written.result)
            computed = written.result()
        reused = len(batch.keys) - computed - batch.vectors.not_embedded
        self._counts.computed += computed
        self._counts.reused += reused
        return computed, reused


def keys_of(records: Iterable[FileRecord]) -> Keys:
    """Return the content keys of all nodes, ascending without duplicates."""
    return np.unique(np.frombuffer(b"".join([pack_nodes(record.nodes).key_bytes for record in records]), "<i8"))


def _text(prepared: Prepared) -> str:
    """Return the text of a file without blank lines between its chunks, and without its secrets."""
    return "".join(chunk.text for chunk in prepared.chunks if chunk.kind is not NodeKind.FILE)


def _chunks_by_key(prepared: Iterable[Prepared]) -> dict[int, Chunk]:
    return {key: chunk for item in prepared for key, chunk in zip(_keys(item.record), item.chunks, strict=True)}


def _keys(record: FileRecord) -> list[int]:
    keys: list[int] = pack_nodes(record.nodes).keys.tolist()
    return keys


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True
