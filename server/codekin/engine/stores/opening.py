"""The stores of one index, opened together: metadata, postings, and vectors with the model that made them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import msgspec
import numpy as np

from codekin.chunking import CHUNKER_VERSION
from codekin.config import Config
from codekin.domain.ports import Embedder, Keys, Mask, Vectors, VectorStore
from codekin.domain.values import FileRecord, Skipped
from codekin.engine.stores.comparison import Compared, compare_as_served
from codekin.engine.stores.location import IndexLocation
from codekin.engine.stores.selection import chosen_stores, write_in_use
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
from codekin.indexing import VectorSource, keys_of
from codekin.storage import FLAT, DualWriteStore, LexicalIndex, OpenedMetadata, open_metadata

_log = logging.getLogger(__name__)
_DEAD_ROWS_KEPT = 20_000
_COMPACTED_SHARE = 0.2
_SERVING = "serving"
_CHUNKER = "chunker"
_PENDING = "pending"
_QUARANTINED = "set_aside"
T = TypeVar("T")


class _SetAside(msgspec.Struct, frozen=True):
    """Reasons by content key."""

    model: str
    reasons: dict[int, str]


@dataclass(slots=True)
class OpenStores:
    """`serving` answers; `building`, where there is one, is being filled to follow it. `sources` and `deep_sources` give
    vectors that need not be computed. `compared_with` is the store that follows, where both are to be held against each other. Whoever changes the index holds its lock.
    """

    metadata: OpenedMetadata
    lexical: LexicalIndex
    serving: VectorSpace
    building: VectorSpace | None
    deep: VectorSpace | None = None
    sources: list[VectorSource] = field(default_factory=list)
    deep_sources: list[VectorSource] = field(default_factory=list)
    compared_with: str = ""
    compared: Compared | None = None

    @property
    def target(self) -> VectorSpace:
        """The pair that new vectors are written for."""
        return self.building or self.serving

    def closing_steps(self, in_worker: Callable[[Callable[[], None]], Awaitable[None]]) -> list[Step]:
        """What releases all files, each step for itself. `in_worker` runs blocking work on the thread of the stores."""
        vectors = [(f"The vector store {space.choice.backend}", space.vectors.close) for space in self._spaces()]
        blocking = [("The postings", self.lexical.close), *vectors]
        steps = [(what, partial(in_worker, close)) for what, close in blocking]
        return [("The metadata", self.metadata.store.close), *steps]

    def retire(self) -> list[VectorStore | LexicalIndex]:
        """Has them answer searches that are under way, and do no more; returns what is to be closed when these are over. Blocking."""
        stores = self._vectors()
        for store in stores:
            store.retire()
        return [self.lexical, *stores]

    def refresh(self) -> None:
        """Takes up what another process wrote."""
        self.lexical.refresh()
        self.serving.vectors.refresh()

    def refresh_deep(self) -> None:
        """The same for the vectors of the deep model."""
        if self.deep:
            self.deep.vectors.refresh()

    def lost(self, keys: Keys, quarantined: Iterable[int] = ()) -> Keys:
        """Those without a posting, or without a vector that the model would give: a crash or corruption took it."""
        there = self.target.vectors.contains(keys)
        there[np.isin(keys, np.fromiter(quarantined, np.int64))] = True
        return keys[~(there & self.lexical.contains(keys))]

    def empty(self) -> None:
        """Deletes all vectors and postings."""
        for store in self._by_content():
            store.delete(store.keys())
            store.compact()

    def sweep(self, live: Keys, written: int) -> None:
        """Drops rows of vanished content once they outnumber the live ones; until then they make switching back free. After
        a pass that wrote much (`written` nodes), few large segments are worth their making: they are searched in half the
        time.
        """

        def tidy(store: VectorStore | LexicalIndex) -> None:
            dead = np.setdiff1d(store.keys(), live, assume_unique=True)
            if len(dead) > max(_DEAD_ROWS_KEPT, len(live)):
                store.delete(dead)
                store.compact()
            elif written > _COMPACTED_SHARE * len(live):
                store.compact()

        stores = self._by_content()
        with ThreadPoolExecutor(len(stores), thread_name_prefix="codekin-tidy") as each:
            list(each.map(tidy, stores))  # side by side, since each waits for the disk

    def compare(self) -> None:
        """Holds the store that answers against the one that follows it, where the settings want that and it does follow."""
        store = self.target.vectors
        if self.compared_with and isinstance(store, DualWriteStore) and store.both:
            self.compared = compare_as_served(self.target.choice.backend, self.compared_with, store.both)

    async def record(self, *, stale: bool) -> None:
        """Writes down what was made with what. While `stale`, files wait to be cut anew: a process that ends before that is
        done must not be believed.
        """
        if not stale:
            await self.metadata.store.set_meta(_CHUNKER, CHUNKER_VERSION)
        await self.metadata.store.set_meta(_SERVING, encode_choice(self.serving.choice))

    async def recorded_chunker(self) -> str:
        """The version that cut the files, "" if none did."""
        return await self.metadata.store.get_meta(_CHUNKER) or ""

    async def record_pending(self, count: int) -> None:
        """Tells other processes how many files wait."""
        await self.metadata.store.set_meta(_PENDING, str(count))

    async def recorded_pending(self) -> int | None:
        """What the writer last told."""
        text = await self.metadata.store.get_meta(_PENDING)
        return int(text) if text else None

    async def record_quarantine(self, reasons: Mapping[int, str]) -> None:
        """Remembers which chunks the model does not take, and why, by content key."""
        report = _SetAside(self.target.embedder.name, dict(reasons))
        await self.metadata.store.set_meta(_QUARANTINED, msgspec.json.encode(report).decode())

    async def recorded_quarantine(self) -> dict[int, str]:
        """What the writer last remembered of the model in use; nothing of another one, which may well take them."""
        text = await self.metadata.store.get_meta(_QUARANTINED)
        report = msgspec.json.decode(text, type=_SetAside) if text else _SetAside("", {})
        return report.reasons if report.model == self.target.embedder.name else {}

    def _spaces(self) -> list[VectorSpace]:
        return [space for space in (self.serving, self.building, self.deep) if space]

    def _vectors(self) -> list[VectorStore]:
        return [space.vectors for space in self._spaces()]

    def _by_content(self) -> list[VectorStore | LexicalIndex]:
        return [self.target.vectors, self.lexical, *([self.deep.vectors] if self.deep else [])]

    def _from_serving(self, keys: Keys) -> tuple[Mask, Vectors]:
        """Vectors of the same model in the store that answers until the new one is filled."""
        if self.building:
            try:
                return self.serving.vectors.get(keys)
            except IndexUnavailableError as error:
                _log.warning("Embedding anew what cannot be copied: %s", error)
        return np.zeros(len(keys), np.bool_), np.zeros((len(keys), self.target.embedder.dim), np.float32)

    def find_sources(self, config: Config, location: IndexLocation) -> None:
        """Looks for other worktrees' vectors, and for a store that is being left."""
        target = self.target
        self.sources = list(sibling_sources(config, location, target))
        if self.building and self.building.embedder.name == self.serving.embedder.name:
            self.sources.append(self._from_serving)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What opening came to. `lost` are content keys without a vector or a posting."""

    parts: OpenStores
    generation: int
    records: list[FileRecord]
    skipped: list[Skipped]
    pending: int | None
    stale: bool
    lost: Keys
    quarantined: Mapping[int, str]


class StoreOpener:
    """Opens the parts of one index; `deep` is the setting and the model of the second tier, where it is on."""

    def __init__(self, config: Config, location: IndexLocation, worker: ThreadPoolExecutor) -> None:
        self.deep: tuple[str, Embedder] | None = None
        self._config = config
        self._place = location
        self._worker = worker

    async def open(self, embedder: Embedder | None, *, writer: bool) -> Loaded:
        """Raises SettingsError, EmbedderError, IndexUnavailableError."""
        try:
            return await self._open(embedder, writer)
        except IndexDamagedError:
            if not writer:
                raise
            # The damage was met in what was read; it is marked by now, and set aside by opening once more.
            return await self._open(embedder, writer)

    async def open_deep(self, parts: OpenStores, *, writer: bool) -> None:
        """Always the flat index: it is where another worktree can be asked, and no server has to hold two models."""
        if self.deep is None:
            return
        spec, embedder = self.deep
        choice = Choice(spec, FLAT)
        deep = await self._run(lambda: open_semantic(self._config, self._place, choice, embedder, writable=writer))
        parts.deep, parts.deep_sources = deep, list(sibling_sources(self._config, self._place, deep))

    async def _open(self, embedder: Embedder | None, writer: bool) -> Loaded:
        metadata = await open_metadata(self._place.directory, self._config.metadata, read_only=not writer)
        try:
            return await self._load(metadata, embedder, writer)
        except BaseException:
            await metadata.store.close()  # its thread would keep the process alive
            raise

    async def _load(self, metadata: OpenedMetadata, embedder: Embedder | None, writer: bool) -> Loaded:
        config, location = self._config, self._place
        record = chosen_stores(config, location)
        choice = Choice(config.embedder, record.active)
        current = await self._run(
            lambda: open_semantic(config, location, choice, embedder, mirror=record.mirror, writable=writer)
        )
        lexical = await self._run(lambda: LexicalIndex.open(location.lexical_directory, writable=writer))
        generation, records, _ = await metadata.store.load()
        held = list(records)
        recorded = await metadata.store.get_meta(_SERVING)
        keys = await self._run(lambda: keys_of(held))
        previous = await self._run(lambda: self._still_needed(recorded, current, keys))
        parts = OpenStores(metadata, lexical, previous or current, current if previous else None)
        parts.compared_with = record.mirror if record.compare else ""
        await self.open_deep(parts, writer=writer)
        parts.find_sources(config, location)
        quarantined = await parts.recorded_quarantine()
        stale, lost = False, np.empty(0, np.int64)
        if writer:
            write_in_use(location, record)
            stale = bool(held) and await parts.recorded_chunker() != CHUNKER_VERSION
            lost = await self._run(lambda: parts.lost(keys, quarantined))
            await parts.record(stale=stale)
        skipped = list(await metadata.store.skipped())
        return Loaded(parts, generation, held, skipped, await parts.recorded_pending(), stale, lost, quarantined)

    def _still_needed(self, recorded: str | None, current: VectorSpace, keys: Keys) -> VectorSpace | None:
        """The pair that answered before, unless the current one already holds all that there is to answer from."""
        previous = previous_semantic(self._config, self._place, recorded, current)
        same_model = previous and previous.embedder.name == current.embedder.name
        if previous and same_model and current.vectors.contains(keys).all():
            previous.vectors.close()
            return None
        return previous

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)
