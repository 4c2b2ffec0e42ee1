"""Moving an index from one store of vectors to another, in phases that can be seen, stopped between, repeated and undone.

*backfill* copies all rows, without the model; *dual-write* sends every change to both stores; *compare* holds them against each other;
*switch* lets the new store answer, the old one following; *rollback* is the way back, *finish* ends the following. What is left of a phase
is computed from the two stores, so a killed migration is simply begun again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from filelock import FileLock, Timeout

from codekin.config import Config
from codekin.domain.ports import Embedder, VectorStore
from codekin.embedding import open_embedder
from codekin.engine.stores.comparison import Comparison, compare_stores, wanted_overlap
from codekin.engine.stores.location import IndexLocation, location_of
from codekin.engine.stores.selection import StoreRecord, read_record, record_in_use, write_record
from codekin.engine.stores.vector_space import open_named
from codekin.errors import IndexUnavailableError, SettingsError
from codekin.storage import WriterLock, bring_up_to_date, parse_store

Phase = Literal["backfill", "dual-write", "compare", "switch"]
PHASES: tuple[Phase, ...] = get_args(Phase)
PhaseListener = Callable[[str, int, int], None]
_ROUNDS = 10
_TAKEN_UP_S = 60.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """How far the migration came: the record now in force, rows copied or deleted by this run, and the comparison if there was one."""

    active: str
    mirror: str
    changed: int
    comparison: Comparison | None
    seconds: float


class Migration:
    """Blocking. Other processes may use the index all the while; one process migrates."""

    def __init__(self, config: Config, root: Path, listener: PhaseListener) -> None:
        """Raises SettingsError when a setting names the store, which no migration could then change."""
        if config.vectors != "auto":
            raise SettingsError(
                f"The setting `vectors` (CODEKIN_VECTORS) names the store {config.vectors}: unset it, so that the index can be moved."
            )
        if config.dual_write:
            raise SettingsError(
                f"The setting `dualWrite` (CODEKIN_DUAL_WRITE) names the store {config.dual_write}: unset it, since a migration writes to two "
                "stores itself."
            )
        self._place: IndexLocation = location_of(config, root)
        self._model: Embedder = open_embedder(config.embedder, allow_downloads=config.allow_downloads)
        self._listener = listener

    def migrate(
        self, source: str, target: str, until: Phase = "switch", threshold: float | None = None
    ) -> MigrationReport:
        """Goes through the phases up to and including `until`; those that are done already pass quickly. Raises SettingsError,
        IndexUnavailableError.
        """
        started = time.monotonic()
        with self._alone():
            before = self._checked(source, target)
            changed, comparison = 0, None
            if before.active == source:
                if not before.mirror:
                    changed = self._backfill(source, target)
                if until != "backfill":
                    write_record(self._place, StoreRecord(source, target, source))
                    self._wait_until_followed(source, target)
                if until in ("compare", "switch"):
                    comparison = self._compare(source, target, threshold)
                    if comparison.passed and until == "switch":
                        write_record(self._place, StoreRecord(target, source, source))
            return self._report(changed, comparison, started)

    def rollback(self) -> MigrationReport:
        """Before the switch: the new store is no longer written. After it: the old one answers again. Vectors that it lacks are
        copied by the next pass over the index, while the other store answers.
        """
        started = time.monotonic()
        with self._alone():
            record = read_record(self._place)
            if not record.origin:
                raise SettingsError("There is no migration to roll back: changes go to one store only.")
            write_record(self._place, StoreRecord(record.origin))
            return self._report(0, None, started)

    def finish(self) -> MigrationReport:
        """The store that answers is the only one from now on; the other one keeps its rows and is no longer written."""
        started = time.monotonic()
        with self._alone():
            write_record(self._place, StoreRecord(read_record(self._place).active))
            return self._report(0, None, started)

    def _checked(self, source: str, target: str) -> StoreRecord:
        for name in (source, target):
            parse_store(name)
        record = read_record(self._place)
        steps = ((source, "", ""), (source, target, source), (target, source, source))
        if source == target or (record.active, record.mirror, record.origin) not in steps:
            following = f", {record.mirror} follows" if record.mirror else ""
            raise SettingsError(
                f"The index cannot be moved from {source} to {target}: it is in {record.active}{following}. "
                "See `codekin store --help` for how to end or undo a migration."
            )
        return record

    def _backfill(self, source: str, target: str) -> int:
        """Copies until nothing is left that the writer of the index added meanwhile, or `dual-write` can do the rest."""
        changed = 0
        with self._opened(source, writable=False) as old, self._opened(target, writable=True) as new:
            for _ in range(_ROUNDS):
                step = bring_up_to_date(old, new, lambda done, total: self._listener("backfill", done, total))
                changed += step
                if not step:
                    break
                old.refresh()
        return changed

    def _wait_until_followed(self, source: str, target: str) -> None:
        """Until the process that writes the index sends its changes to both stores; where none does, does so itself."""
        deadline = time.monotonic() + _TAKEN_UP_S
        lock = WriterLock(self._place.directory)
        while time.monotonic() < deadline:
            if lock.try_acquire():
                try:
                    with self._opened(source, writable=False) as old, self._opened(target, writable=True) as new:
                        bring_up_to_date(old, new, lambda done, total: self._listener("dual-write", done, total))
                    return
                finally:
                    lock.release()
            if record_in_use(self._place) == read_record(self._place):
                with self._opened(source, writable=False) as old, self._opened(target, writable=False) as new:
                    self._listener("dual-write", len(new), len(old))
                    if np.array_equal(old.keys(), new.keys()):
                        return
            time.sleep(_POLL_S)
        raise IndexUnavailableError(
            f"The process that writes the index ({lock.owner()}) has not brought {target} up to date within {_TAKEN_UP_S:.0f} s. "
            "`codekin status` says why; then migrate again."
        )

    def _compare(self, source: str, target: str, threshold: float | None) -> Comparison:
        wanted = wanted_overlap(source, target) if threshold is None else threshold
        with self._opened(source, writable=False) as old, self._opened(target, writable=False) as new:
            return compare_stores(old, new, wanted, lambda done, total: self._listener("compare", done, total))

    def _report(self, changed: int, comparison: Comparison | None, started: float) -> MigrationReport:
        record = read_record(self._place)
        return MigrationReport(record.active, record.mirror, changed, comparison, time.monotonic() - started)

    @contextmanager
    def _opened(self, name: str, *, writable: bool) -> Iterator[VectorStore]:
        store = open_named(self._place, self._model, name, writable=writable, exact=True).store
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = FileLock(self._place.directory / "migration.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexUnavailableError("Another process is moving this index already.") from error
        try:
            yield
        finally:
            lock.release()
