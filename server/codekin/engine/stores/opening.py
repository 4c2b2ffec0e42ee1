"""The stores of one index, opened together: metadata, postings, and vectors with their model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from codekin.chunking import CHUNKER_VERSION
from codekin.config import Config
from codekin.domain.ports import Embedder, Keys, Mask, Vectors, VectorStore
from codekin.domain.values import Skipped
from codekin.engine.stores.comparison import Compared, compare_as_served
from codekin.engine.stores.location import IndexLocation
from codekin.engine.stores.seeding import seed
from codekin.engine.stores.selection import chosen_stores, write_in_use
from codekin.engine.stores.stored_columns import FACT as COLUMNS_FACT
from codekin.engine.stores.stored_columns import StoredIndex, load_stored
from codekin.engine.stores.vector_space import (
    Choice,
    VectorSpace,
    encode_choice,
    open_semantic,
    previous_semantic,
    sibling_sources,
)
from codekin.engine.work.closing import Step
from codekin.errors import IndexDamagedError, IndexUnavailableError
from codekin.indexing import VectorSource
from codekin.storage import FLAT, DualWriteStore, LexicalIndex, OpenedMetadata, TrigramIndex, open_metadata
from codekin.storage.top_k import merged

_log = logging.getLogger(__name__)
_ORPHANED_ROWS_KEPT = 20_000
_COMPACTED_SHARE = 0.2
_SERVING = "serving"
_CHUNKER = "chunker"
_PENDING = "pending"
_QUARANTINED = "set_aside"
HISTORY = "history"
"""The name of what the indexed commits were read for."""
_KEPT_FACTS = (_QUARANTINED, COLUMNS_FACT, HISTORY)
"""What is as true of another worktree of the same repository."""
T = TypeVar("T")


class _QuarantineRecord(msgspec.Struct, frozen=True):
    """Reasons by content key."""

    model: str
    reasons: dict[int, str]


@dataclass(slots=True)
class OpenStores:
    """The open stores of one index. The process that changes the index has its lock.

    `serving` answers; `building`, if any, is being filled to replace it. `sources` and
    `deep_sources` provide vectors that need not be computed. `compared_with` is the second store,
    if both are to be compared.
    """

    metadata: OpenedMetadata
    lexical: LexicalIndex
    serving: VectorSpace
    building: VectorSpace | None
    deep: VectorSpace | None = None
    sources: list[VectorSource] = field(default_factory=list)
    deep_sources: list[VectorSource] = field(default_factory=list)
    trigrams: TrigramIndex | None = None
    compared_with: str = ""
    compared: Compared | None = None

    @property
    def target(self) -> VectorSpace:
        """The pair that new vectors are written for."""
        return self.building or self.serving

    def closing_steps(self, in_worker: Callable[[Callable[[], None]], Awaitable[None]]) -> list[Step]:
        """Return the steps that release all files, each independent of the others.

        `in_worker` runs blocking work on the thread of the stores.
        """
        vectors = [(f"The vector store {space.choice.backend}", space.vectors.close) for space in self._spaces()]
        sieve = [("The trigrams", self.trigrams.close)] if self.trigrams else []
        blocking = [("The postings", self.lexical.close), *sieve, *vectors]
        steps = [(what, partial(in_worker, close)) for what, close in blocking]
        return [("The metadata", self.metadata.store.close), *steps]

    def retire(self) -> list[VectorStore | LexicalIndex | TrigramIndex]:
        """Stop all changes of the stores; running searches finish.

        Returns what has to be closed after these. Blocking.
        """
        stores = self._vectors()
        for store in stores:
            store.retire()
        return [self.lexical, *([self.trigrams] if self.trigrams else []), *stores]

    def refresh(self) -> None:
        """Load what another process wrote."""
        self.lexical.refresh()
        if self.trigrams:
            self.trigrams.refresh()
        self.serving.vectors.refresh()

    def refresh_deep(self) -> None:
        """Load what another process wrote to the deep vectors."""
        if self.deep:
            self.deep.vectors.refresh()

    def missing(self, keys: Keys, quarantined: Iterable[int] = ()) -> Keys:
        """Return the keys without a posting, or without a vector unless quarantined.

        A crash or corruption removed them.
        """
        stored = self.target.vectors.contains(keys)
        stored[np.isin(keys, np.fromiter(quarantined, np.int64))] = True
        return keys[~(stored & self.lexical.contains(keys))]

    def empty(self) -> None:
        """Delete all vectors and postings."""
        for store in self._by_content():
            store.delete(store.keys())
            store.compact()
        if self.trigrams:
            self.trigrams.empty()

    def sweep(self, live: Keys, written: int) -> None:
        """Delete orphaned rows once they outnumber the live ones.

        Until then they make switching back fast. A pass that wrote much (`written` nodes) is
        followed by compaction, because few large segments are searched in half the time. So is one
        over stores that an earlier version wrote.
        """

        def tidy(store: VectorStore | LexicalIndex) -> None:
            orphaned = np.setdiff1d(store.keys(), live, assume_unique=True)
            if len(orphaned) > max(_ORPHANED_ROWS_KEPT, len(live)):
                store.delete(orphaned)
                store.compact()
            elif written > _COMPACTED_SHARE * len(live) or is_outdated(store):
                store.compact()

        stores = self._by_content()
        with ThreadPoolExecutor(len(stores), thread_name_prefix="codekin-tidy") as each:
            list(each.map(tidy, stores))  # in parallel, because each waits for the disk

    @property
    def outdated(self) -> bool:
        """Whether the next pass rewrites what an earlier version wrote."""
        trigrams = self.trigrams is not None and self.trigrams.outdated
        return self.metadata.store.outdated or trigrams or any(map(is_outdated, self._by_content()))

    def compare(self) -> None:
        """Compare the serving store with the second one, if configured."""
        store = self.target.vectors
        if self.compared_with and isinstance(store, DualWriteStore) and store.both:
            self.compared = compare_as_served(self.target.choice.backend, self.compared_with, store.both)

    async def record(self, *, stale: bool) -> None:
        """Record the versions that everything was created with.

        While `stale`, files have to be chunked again, so that the chunker's version is not recorded
        yet: the process may end before that is done.
        """
        if not stale:
            await self.metadata.store.set_meta(_CHUNKER, CHUNKER_VERSION)
        await self.metadata.store.set_meta(_SERVING, encode_choice(self.serving.choice))

    async def recorded_chunker(self) -> str:
        """Return the version that chunked the files, or ""."""
        return await self.metadata.store.get_meta(_CHUNKER) or ""

    async def record_pending(self, count: int) -> None:
        """Tell other processes the number of pending files."""
        await self.metadata.store.set_meta(_PENDING, str(count))

    async def recorded_pending(self) -> int | None:
        """Return the number of pending files that the writer last recorded."""
        text = await self.metadata.store.get_meta(_PENDING)
        return int(text) if text else None

    async def record_quarantine(self, reasons: Mapping[int, str]) -> None:
        """Record the chunks that the model cannot embed, with the reason by content key."""
        report = _QuarantineRecord(self.target.embedder.name, dict(reasons))
        await self.metadata.store.set_meta(_QUARANTINED, msgspec.json.encode(report).decode())

    async def recorded_quarantine(self) -> dict[int, str]:
        """Return the recorded reasons for the current model.

        Those of another model are dropped, because the current one may embed the chunks.
        """
        text = await self.metadata.store.get_meta(_QUARANTINED)
        report = msgspec.json.decode(text, type=_QuarantineRecord) if text else _QuarantineRecord("", {})
        return report.reasons if report.model == self.target.embedder.name else {}

    def _spaces(self) -> list[VectorSpace]:
        return [space for space in (self.serving, self.building, self.deep) if space]

    def _vectors(self) -> list[VectorStore]:
        return [space.vectors for space in self._spaces()]

    def _by_content(self) -> list[VectorStore | LexicalIndex]:
        return [self.target.vectors, self.lexical, *([self.deep.vectors] if self.deep else [])]

    def _from_serving(self, keys: Keys) -> tuple[Mask, Vectors]:
        """Return vectors of the same model from the serving store, until the new one is filled."""
        if self.building:
            try:
                return self.serving.vectors.get(keys)
            except IndexUnavailableError as error:
                _log.warning("Embedding again what cannot be copied: %s", error)
        return np.zeros(len(keys), np.bool_), np.zeros((len(keys), self.target.embedder.dim), np.float32)

    def find_sources(self, config: Config, location: IndexLocation) -> None:
        """Find other worktrees' vectors, and those of a store that is being replaced."""
        target = self.target
        self.sources = sibling_sources(config, location, target)
        if self.building and self.building.embedder.name == self.serving.embedder.name:
            self.sources.append(self._from_serving)


def is_outdated(store: VectorStore | LexicalIndex) -> bool:
    """Return whether compaction would rewrite what an earlier version of codekin wrote."""
    return bool(getattr(store, "outdated", False))


def open_trigrams(directory: Path, *, writable: bool) -> TrigramIndex:
    """Open the trigrams of an index. Raises IndexUnavailableError."""
    return TrigramIndex.open(directory / "trigrams", writable=writable)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The result of opening; `missing` are content keys without a vector or a posting."""

    parts: OpenStores
    stored: StoredIndex
    skipped: list[Skipped]
    pending: int | None
    stale: bool
    missing: Keys
    quarantined: Mapping[int, str]


class StoreOpener:
    """Opens the parts of one index.

    `deep` is the setting and the model of the second tier, if it is on.
    """

    def __init__(self, config: Config, location: IndexLocation, worker: ThreadPoolExecutor) -> None:
        self.deep: tuple[str, Embedder] | None = None
        self._config = config
        self._location = location
        self._worker = worker

    async def open(self, embedder: Embedder | None, *, writer: bool) -> Loaded:
        """Open all parts. Raises SettingsError, EmbedderError, IndexUnavailableError."""
        try:
            return await self._open(embedder, writer)
        except IndexDamagedError:
            if not writer:
                raise
            # Reading found the damage and marked it; opening again quarantines it.
            return await self._open(embedder, writer)

    async def open_deep(self, parts: OpenStores, *, writer: bool) -> None:
        """Open the deep vectors, always in the flat index.

        This way other worktrees can share them, and no server has to store two models.
        """
        if self.deep is None:
            return
        spec, embedder = self.deep
        choice = Choice(spec, FLAT)
        deep = await self._run(lambda: open_semantic(self._config, self._location, choice, embedder, writable=writer))
        parts.deep, parts.deep_sources = deep, sibling_sources(self._config, self._location, deep)

    async def _open(self, embedder: Embedder | None, writer: bool) -> Loaded:
        if writer:
            await self._run(self._seed)
        metadata = await open_metadata(self._location.directory, self._config.metadata, read_only=not writer)
        try:
            return await self._load(metadata, embedder, writer)
        except BaseException:
            await metadata.store.close()  # otherwise its thread would keep the process alive
            raise

    async def _load(self, metadata: OpenedMetadata, embedder: Embedder | None, writer: bool) -> Loaded:
        config, location = self._config, self._location
        record = chosen_stores(config, location)
        choice = Choice(config.embedder, record.active)
        # All bytes of a store may be checked when it is opened, so two threads take half the time.
        beside = asyncio.ensure_future(asyncio.to_thread(self._open_beside_vectors, writer))
        try:
            current = await self._run(
                lambda: open_semantic(config, location, choice, embedder, mirror=record.mirror, writable=writer)
            )
        except BaseException:
            await _closed(beside)
            raise
        lexical, trigrams = await beside
        stored = await load_stored(location.directory, metadata.store, self._run, writer=writer)
        recorded = await metadata.store.get_meta(_SERVING)
        keys = await self._run(lambda: merged(stored.files.keys(), stored.others.keys()))
        previous = await self._run(lambda: self._still_needed(recorded, current, keys))
        parts = OpenStores(metadata, lexical, previous or current, current if previous else None)
        parts.trigrams = trigrams
        parts.compared_with = record.mirror if record.compare else ""
        await self.open_deep(parts, writer=writer)
        parts.find_sources(config, location)
        quarantined = await parts.recorded_quarantine()
        stale, missing = False, np.empty(0, np.int64)
        if writer:
            write_in_use(location, record)
            stale = bool(len(stored.files) or len(stored.others)) and await parts.recorded_chunker() != CHUNKER_VERSION
            missing = await self._run(lambda: parts.missing(keys, quarantined))
            await parts.record(stale=stale)
        skipped = list(await metadata.store.skipped())
        return Loaded(parts, stored, skipped, await parts.recorded_pending(), stale, missing, quarantined)

    def _seed(self) -> None:
        """Make a first index from that of another worktree."""
        record = chosen_stores(self._config, self._location)
        if record.active == FLAT and not record.mirror:
            serving = encode_choice(Choice(self._config.embedder, FLAT))
            required = {_CHUNKER: CHUNKER_VERSION, _SERVING: serving}
            seed(self._config, self._location, required=required, kept=_KEPT_FACTS)

    def _open_beside_vectors(self, writer: bool) -> tuple[LexicalIndex, TrigramIndex]:
        lexical = LexicalIndex.open(self._location.lexical_directory, writable=writer)
        return lexical, open_trigrams(self._location.directory, writable=writer)

    def _still_needed(self, recorded: str | None, current: VectorSpace, keys: Keys) -> VectorSpace | None:
        """Return the pair that answered before, unless the current one is already complete."""
        previous = previous_semantic(self._config, self._location, recorded, current)
        same_model = previous and previous.embedder.name == current.embedder.name
        if previous and same_model and current.vectors.contains(keys).all():
            previous.vectors.close()
            return None
        return previous

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)


async def _closed(opening: asyncio.Future[tuple[LexicalIndex, TrigramIndex]]) -> None:
    """Close stores that are still being opened; an error of theirs comes after another one."""
    with suppress(IndexUnavailableError):
        for store in await opening:
            store.close()
