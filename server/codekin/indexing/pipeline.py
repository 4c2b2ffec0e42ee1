"""The write path. A batch is stored in the order vectors, postings, metadata: whatever a crash cuts off, no node is ever
named before what it needs is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from codekin.domain.ports import Embedder, Keys, Vectors, VectorStore
from codekin.domain.values import Changes, Chunk, FileRecord, Skipped
from codekin.files import read_source
from codekin.indexing.ahead import ReadAhead
from codekin.indexing.collector import collector_at_rest
from codekin.indexing.fresh import FreshVectors, VectorSource
from codekin.indexing.prepare import QUARANTINED, Prepared, is_left_to_others, prepare_buffer, prepare_source
from codekin.indexing.vectorizer import Vectorizer
from codekin.storage import Draft, LexicalIndex, pack_nodes


@dataclass(slots=True)
class EmbedCounts:
    """How many texts went through the model, and how many did not have to, since the process started."""

    computed: int = 0
    reused: int = 0
    redacted: int = 0
    """Secrets blanked out of the files read by this process."""
    unparsed: dict[str, str] = field(default_factory=dict)
    """Files that were cut by lines though there is a grammar, by path with the reason, as far as this process read them."""


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


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is to be stored together; made while the rest of it is still read."""

    vectors: FreshVectors
    postings: Draft
    keys: set[int] = field(default_factory=set)

    def take_in(self, chunks: Mapping[int, Chunk]) -> None:
        """Chunks by content key; each counts once."""
        self.vectors.take_in(chunks)
        self.postings.take_in(chunks)
        self.keys.update(chunks)


class Indexer:
    """Blocking; called from one worker thread at a time."""

    def __init__(
        self,
        root: Path,
        stores: Stores,
        *,
        max_file_bytes: int,
        sources: list[VectorSource],
        counts: EmbedCounts,
        quarantined: dict[int, str],
        left_out: Mapping[str, str] | None = None,
    ) -> None:
        """`left_out` gives the reason by path for the files that are not in the index, as it is at any time."""
        self._root = root
        self._left_out = left_out or {}
        self._quarantine: dict[str, tuple[bytes, Skipped]] = {}
        self._stores = stores
        self._max_file_bytes = max_file_bytes
        self.sources = sources
        self._counts = counts
        self._vectorizer = Vectorizer(stores.embedder, quarantined)

    @collector_at_rest()
    def index_files(self, paths: Sequence[str], ahead: ReadAhead | None = None) -> BatchReport:
        """Reads, chunks, embeds and stores the files; a file that vanished meanwhile is forgotten. `ahead` may have read
        some of them; those that are there are embedded while the others are waited for.
        """
        outcomes: dict[str, Prepared | Skipped] = {}
        batch = self._batch()
        for ready in self._outcomes(paths, ahead):
            outcomes.update(ready)
            batch.take_in(_chunks_by_key(item for item in ready.values() if isinstance(item, Prepared)))
        ordered = [outcomes[path] for path in dict.fromkeys(paths)]
        prepared = [item for item in ordered if isinstance(item, Prepared)]
        skipped = [item for item in ordered if isinstance(item, Skipped)]
        self._note(prepared, skipped)
        computed, reused = self._store(batch)
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
        batch = self._batch()
        batch.take_in(_chunks_by_key(prepared))
        return self._store(batch)

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
            made, new = Vectorizer(stores.embedder, {}, pauses_s=()).embed(keys[waiting], texts)
            rows[np.isin(keys, made)] = new
            self._counts.computed += len(made)
        self._counts.reused += int((~waiting).sum())
        stores.lexical.add(keys, list(by_key.values()), volatile=True)
        return keys, rows

    def try_harmless(self) -> None:
        """Chunk, embed and store a harmless text; raises where even that fails, so that it was not the file before it."""
        prepared = prepare_buffer("harmless.txt", "a harmless text")
        assert isinstance(prepared, Prepared)
        keys = np.array(_keys(prepared.record), dtype=np.int64)
        rows = self._stores.embedder.embed_passages([chunk.embedding_text for chunk in prepared.chunks])
        self._stores.vectors.add(keys, rows)
        self._stores.lexical.add(keys, list(prepared.chunks))

    def _outcomes(self, paths: Sequence[str], ahead: ReadAhead | None) -> Iterator[dict[str, Prepared | Skipped]]:
        """By path, as they come: what the other process has done goes first. Where it has done nothing more, this one takes
        files from the end, since the other begins at the front. So neither waits while the other has work to give away.
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
                leave = ahead.expects(path) and is_left_to_others(self._root, path)
                if path in waiting and not leave and ahead.claim(path):
                    ready = {path: self._prepare(path)}
            for path in ready:
                del waiting[path]
            yield ready

    def _prepare(self, path: str, ahead: ReadAhead | None = None) -> Prepared | Skipped:
        """What ended a process before is never parsed in this one, and not at all until it changes."""
        source = read_source(self._root, path, self._max_file_bytes)
        if isinstance(source, Skipped):
            return source
        digest, quarantined = self._quarantine.get(path, (b"", None))
        if quarantined and digest == source.digest:
            return quarantined
        suspect = ahead is not None and ahead.is_suspect(path)
        outcome = prepare_source(source, harmful=suspect or self._left_out.get(path, "").startswith(QUARANTINED))
        if isinstance(outcome, Skipped):
            self._quarantine[path] = (source.digest, outcome)
        return outcome

    def _note(self, prepared: Sequence[Prepared], skipped: Sequence[Skipped]) -> None:
        self._counts.redacted += sum(item.secrets for item in prepared)
        for path in (*(item.record.path for item in prepared), *(item.path for item in skipped)):
            self._counts.unparsed.pop(path, None)
        self._counts.unparsed.update((item.record.path, item.trouble) for item in prepared if item.trouble)

    def _batch(self) -> _Batch:
        vectors = FreshVectors(self._vectorizer, self._stores.vectors, self.sources)
        return _Batch(vectors, self._stores.lexical.draft())

    def _store(self, batch: _Batch) -> tuple[int, int]:
        if not batch.keys:
            return 0, 0
        with ThreadPoolExecutor(1, thread_name_prefix="codekin-vectors") as writer:
            # The postings are made while the disk takes the vectors, and written once it has them.
            written = writer.submit(batch.vectors.commit)
            self._stores.lexical.commit(batch.postings, after=written.result)
            computed = written.result()
        reused = len(batch.keys) - computed - batch.vectors.left_out
        self._counts.computed += computed
        self._counts.reused += reused
        return computed, reused


def keys_of(records: Iterable[FileRecord]) -> Keys:
    """Content keys of all nodes, ascending, each once."""
    return np.unique(np.frombuffer(b"".join([pack_nodes(record.nodes).key_bytes for record in records]), "<i8"))


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
