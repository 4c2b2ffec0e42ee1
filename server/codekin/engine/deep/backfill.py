"""Background filling of one root's deep vectors, file by file, most used first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from heapq import nsmallest

import numpy as np

from codekin.domain.ports import Keys, Mask, Vectors, VectorStore
from codekin.domain.values import FileRecord, Skipped
from codekin.engine.deep.model import DeepModel
from codekin.engine.root.key_owners import KeyOwners
from codekin.engine.root.root_index import RootIndex
from codekin.engine.status.status import DeepStatus, Progress, ProgressListener
from codekin.engine.work.supervision import cause_of
from codekin.errors import CodekinError
from codekin.indexing import Prepared, prepare_file
from codekin.searching import PendingSnapshot
from codekin.searching.snapshot.path_traits import DEMOTED

_ROUND_FILES = 32
"""Number of files after which the order is updated, because usage changes."""
_FLUSH_ROWS = 256
_FLUSH_S = 5.0
"""Maximum age of vectors that are lost when the process is killed."""
_LONGEST_S = 2 * 3600.0
"""Remaining time from which a model that is only there by default stops."""


class DeepBackfill:
    """Fills the deep vectors of one root, on the engine's loop.

    `changed` is called whenever the status may have changed.
    """

    def __init__(
        self, index: RootIndex, deep_model: DeepModel, max_file_bytes: int, changed: Callable[[], None]
    ) -> None:
        self._index = index
        self._deep_model = deep_model
        self._max_file_bytes = max_file_bytes
        self._changed = changed
        self._woken = asyncio.Event()
        self._failed_digests: dict[str, bytes] = {}
        self._keys: list[Keys] = []
        self._rows: list[Vectors] = []
        self._flushed_at = 0.0
        self._coverage = (0, 0)
        self._covered_at: tuple[KeyOwners, int] | None = None
        self._owners: KeyOwners | None = None
        self._counted: PendingSnapshot | None = None
        self._failure = ""
        self._too_long = ""
        self._stopped_at = 0
        """Number of nodes of the root when filling stopped."""

    @property
    def failure(self) -> str:
        """The reason why nothing is filled, or ""."""
        return self._deep_model.failure or self._failure or self._too_long

    async def attach(self) -> None:
        """Open the store for the model, if the model is loaded."""
        if self._deep_model.embedder is not None:
            try:
                await self._index.attach_deep(self._deep_model.spec, self._deep_model.embedder)
            except CodekinError as error:
                self._failure = f"The deep tier is off: {error}"

    def wake(self) -> None:
        """Signal that there may be something new to fill."""
        self._woken.set()

    async def close(self) -> None:
        """Store all embedded vectors; filling must have stopped."""
        await self._flush()

    async def complete(self, progress: ProgressListener | None = None) -> None:
        """Fill everything and wait for it, without yielding to requests.

        Raises EmbedderError, IndexUnavailableError.
        """
        started = time.perf_counter()
        before = self._deep_model.computed
        while files := await self._pending_files():
            for path in files:
                await self._fill(path, yielding=False)
                if progress:
                    covered, total = self.coverage()
                    covered += sum(map(len, self._keys))
                    rate = (self._deep_model.computed - before) / (time.perf_counter() - started)
                    progress(Progress("deepening", covered, total, covered, rate))
            await self._flush()

    def coverage(self) -> tuple[int, int]:
        """Return (chunks with a deep vector, chunks).

        During a pass, and once filling has stopped, they are the values from before.
        """
        deep, index = self._index.parts.deep, self._index
        if deep is None or ((index.passing or self._too_long) and self._covered_at):
            return self._coverage
        owners = self._current_owners()
        counted = (owners, len(deep.vectors))
        if counted != self._covered_at:
            self._covered_at = counted
            self._coverage = int(deep.vectors.contains(owners.distinct).sum()), len(owners.distinct)
        return self._coverage

    def status(self) -> DeepStatus:
        """Return the progress, computed from the store."""
        model = self._deep_model.embedder
        if not self._deep_model.spec:
            return DeepStatus("off", "", 0, 0)
        covered, total = self.coverage()
        if self.failure:
            return DeepStatus("failed", "", covered, total)
        if model is None:
            return DeepStatus("loading", "", covered, total)
        if covered == total:
            return DeepStatus("complete", model.name, covered, total)
        return DeepStatus("filling", model.name, covered, total, self._deep_model.remaining_s(total - covered))

    async def run(self) -> None:
        """Fill in the background, without end.

        Raises errors of the model and the store; run it again then.
        """
        try:
            while True:
                self._woken.clear()
                files = [] if self._index.passing or self._is_too_long() else await self._pending_files()
                if not files:
                    await self._flush()
                    self._failure = ""
                    await self._woken.wait()
                    continue
                for path in files:
                    await self._fill(path, yielding=True)
                    self._failure = ""
                    self._changed()
                    if self._is_too_long():
                        break
        except Exception as error:
            self._failure = f"The deep tier stopped: {cause_of(error)}"
            raise

    def _is_too_long(self) -> bool:
        """Return whether a model that is only there by default would take hours; says so.

        Once it does, what remains is counted again only when the folder has shrunk by half.
        """
        chunks = self._index.catalog.chunk_count()
        if not self._deep_model.is_automatic or (self._too_long and chunks > self._stopped_at // 2):
            return bool(self._too_long)
        self._too_long, self._stopped_at = "", chunks
        covered, total = self.coverage()
        remaining_s = self._deep_model.remaining_s(total - covered)
        self._too_long = (
            f"The deep tier has stopped: {total - covered:,} chunks would take {remaining_s / 3600:.0f} hours on this "
            'machine. To fix: set "deep" to "on" to let it go on all the same, or to "off".'
            if remaining_s is not None and remaining_s > _LONGEST_S
            else ""
        )
        return bool(self._too_long)

    async def _pending_files(self) -> list[str]:
        """Return the next files with chunks that have no deep vector, at most _ROUND_FILES.

        The most used files come first, then those of code, then the smallest.
        """
        index, deep = self._index, self._index.parts.deep
        if deep is None or not index.writer:
            return []
        owners, vectors = self._current_owners(), deep.vectors
        embedded = np.concatenate([*self._keys, np.empty(0, np.int64)])
        return await self._deep_model.run(lambda: self._incomplete(owners, vectors, embedded))

    def _incomplete(self, owners: KeyOwners, vectors: VectorStore, embedded: Keys) -> list[str]:
        missing = owners.distinct[~vectors.contains(owners.distinct)]
        paths, sizes = owners.blocks.paths, owners.blocks.facts().size_bytes
        numbers = np.array(owners.files(np.setdiff1d(missing, embedded)), np.intp)
        is_less_wanted: Mask = owners.blocks.traits()[numbers, DEMOTED].max(axis=1, initial=0) > 0
        root, uses = str(self._index.location.root), self._deep_model.uses
        ranked = (
            (-uses[root, paths[number]], is_less, size, paths[number], number)
            for number, is_less, size in zip(
                numbers.tolist(), is_less_wanted.tolist(), sizes[numbers].tolist(), strict=True
            )
            if paths[number] not in self._failed_digests or not self._has_failed(owners.blocks[number].record)
        )
        return [path for *_, path, _ in nsmallest(_ROUND_FILES, ranked)]

    def _current_owners(self) -> KeyOwners:
        """Return the owners of all keys, computed once for each state of the workspace."""
        view = self._index.view()
        if self._owners is None or self._counted is not view:
            self._counted = view
            self._owners = KeyOwners.of(self._index.catalog.stored())
        return self._owners

    def _has_failed(self, record: FileRecord) -> bool:
        return self._failed_digests.get(record.path) == record.digest

    async def _fill(self, path: str, *, yielding: bool) -> None:
        index = self._index
        record = index.catalog.record(path)
        if yielding:
            await self._wait_until_idle()
        root, limit = index.location.root, self._max_file_bytes
        prepared = await self._deep_model.run(lambda: prepare_file(root, path, limit))
        made = set() if isinstance(prepared, Skipped) else {node.key for node in prepared.record.nodes}
        if record is not None and not made.issuperset(node.key for node in record.nodes):
            # The file changed on disk. Once it is indexed again, it has another digest.
            self._failed_digests[path] = record.digest
        if isinstance(prepared, Skipped):
            return
        texts = await self._missing_texts(prepared)
        keys = list(texts)
        for at in range(0, len(keys), self._deep_model.unit):
            if yielding:
                await self._wait_until_idle()
            part = keys[at : at + self._deep_model.unit]
            rows = await self._deep_model.embed([texts[key] for key in part])
            await self._keep(np.array(part, np.int64), rows)

    async def _wait_until_idle(self) -> None:
        await self._index.queue.resumed()
        await self._deep_model.wait_until_idle()

    async def _missing_texts(self, prepared: Prepared) -> dict[int, str]:
        """Return the texts to embed, by content key.

        Vectors that another worktree has are copied from there.
        """
        deep = self._index.parts.deep
        if deep is None:
            return {}
        texts = {
            node.key: chunk.embedding_text for node, chunk in zip(prepared.record.nodes, prepared.chunks, strict=True)
        }
        keys = np.fromiter(texts, np.int64, len(texts))
        sources = [deep.vectors.get, *self._index.parts.deep_sources]
        for number, source in enumerate(sources):
            found, rows = source(keys)
            if number and found.any():
                await self._keep(keys[found], np.ascontiguousarray(rows[found]))
            keys = keys[~found]
        remaining = set(keys.tolist()).difference(*(part.tolist() for part in self._keys))
        return {key: text for key, text in texts.items() if key in remaining}

    async def _keep(self, keys: Keys, rows: Vectors) -> None:
        if not self._keys:
            self._flushed_at = time.monotonic()
        self._keys.append(keys)
        self._rows.append(rows)
        if sum(map(len, self._keys)) >= _FLUSH_ROWS or time.monotonic() - self._flushed_at >= _FLUSH_S:
            await self._flush()

    async def _flush(self) -> None:
        if not self._keys:
            return
        keys, rows = np.concatenate(self._keys), np.concatenate(self._rows)
        await self._index.store_deep(keys, rows)
        self._keys.clear()
        self._rows.clear()
        self._changed()
