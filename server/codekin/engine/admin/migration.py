"""Migration of an index from one vector store to another, in repeatable phases.

*backfill* copies all rows, without the model; *dual-write* sends every change to both stores;
*compare* compares them; *switch* makes the new store answer while the old one receives all changes;
*rollback* returns to the old store, *finish* ends its updates. The remaining work of a phase is
computed from the two stores, so a killed migration is simply started again.
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
from codekin.engine.stores.comparison import Comparison, compare_stores, required_overlap
from codekin.engine.stores.location import IndexLocation, location_of
from codekin.engine.stores.selection import StoreRecord, read_record, record_in_use, write_record
from codekin.engine.stores.vector_space import open_named
from codekin.errors import IndexUnavailableError, SettingsError
from codekin.storage import WriterLock, bring_up_to_date, parse_store

Phase = Literal["backfill", "dual-write", "compare", "switch"]
PHASES: tuple[Phase, ...] = get_args(Phase)
PhaseListener = Callable[[str, int, int], None]
_ROUNDS = 10
_FOLLOW_TIMEOUT_S = 60.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """The progress of a migration.

    It contains the record now in force, the rows changed by this run, and the comparison if any.
    """

    active: str
    mirror: str
    changed: int
    comparison: Comparison | None
    seconds: float


class Migration:
    """Moves the index of one root. Blocking.

    Other processes may use the index meanwhile; only one process migrates.
    """

    def __init__(self, config: Config, root: Path, listener: PhaseListener) -> None:
        """Raise SettingsError if a setting fixes the store.

        A migration cannot change such a store.
        """
        if config.vectors != "auto":
            raise SettingsError(
                f"The setting `vectors` (CODEKIN_VECTORS) fixes the store {config.vectors}. Unset it before a migration."
            )
        if config.dual_write:
            raise SettingsError(
                f"The setting `dualWrite` (CODEKIN_DUAL_WRITE) fixes the store {config.dual_write}. Unset it before a migration, "
                "which writes to two stores itself."
            )
        self._location: IndexLocation = location_of(config, root)
        self._model: Embedder = open_embedder(config.embedder, allow_downloads=config.allow_downloads)
        self._listener = listener

    def migrate(
        self, source: str, target: str, until: Phase = "switch", threshold: float | None = None
    ) -> MigrationReport:
        """Run the phases up to and including `until`; completed ones pass quickly.

        Raises SettingsError, IndexUnavailableError.
        """
        started = time.monotonic()
        with self._exclusively():
            before = self._checked(source, target)
            changed, comparison = 0, None
            if before.active == source:
                if not before.mirror:
                    changed = self._backfill(source, target)
                if until != "backfill":
                    write_record(self._location, StoreRecord(source, target, source))
                    self._wait_until_followed(source, target)
                if until in ("compare", "switch"):
                    comparison = self._compare(source, target, threshold)
                    if comparison.passed and until == "switch":
                        write_record(self._location, StoreRecord(target, source, source))
            return self._report(changed, comparison, started)

    def rollback(self) -> MigrationReport:
        """Return to the original store.

        Before the switch, the new store receives no more changes. After it, the old one answers
        again; vectors missing there are copied by the next pass over the index, while the other
        store answers.
        """
        started = time.monotonic()
        with self._exclusively():
            record = read_record(self._location)
            if not record.origin:
                raise SettingsError("There is no migration to roll back. Changes go to one store only.")
            write_record(self._location, StoreRecord(record.origin))
            return self._report(0, None, started)

    def finish(self) -> MigrationReport:
        """End the updates of the store that does not answer; it keeps its rows."""
        started = time.monotonic()
        with self._exclusively():
            write_record(self._location, StoreRecord(read_record(self._location).active))
            return self._report(0, None, started)

    def _checked(self, source: str, target: str) -> StoreRecord:
        for name in (source, target):
            parse_store(name)
        record = read_record(self._location)
        steps = ((source, "", ""), (source, target, source), (target, source, source))
        if source == target or (record.active, record.mirror, record.origin) not in steps:
            following = f", and changes also go to {record.mirror}" if record.mirror else ""
            raise SettingsError(
                f"Could not move the index from {source} to {target}: it is in {record.active}{following}. "
                "See `codekin store --help` for how to end or undo a migration."
            )
        return record

    def _backfill(self, source: str, target: str) -> int:
        """Copy rows until none are left that the writer added meanwhile.

        After a limited number of rounds, `dual-write` does the rest.
        """
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
        """Wait until the process that writes the index sends its changes to both stores.

        If no process writes, bring the target up to date here.
        """
        deadline = time.monotonic() + _FOLLOW_TIMEOUT_S
        lock = WriterLock(self._location.directory)
        while time.monotonic() < deadline:
            if lock.try_acquire():
                try:
                    with self._opened(source, writable=False) as old, self._opened(target, writable=True) as new:
                        bring_up_to_date(old, new, lambda done, total: self._listener("dual-write", done, total))
                    return
                finally:
                    lock.release()
            if record_in_use(self._location) == read_record(self._location):
                with self._opened(source, writable=False) as old, self._opened(target, writable=False) as new:
                    self._listener("dual-write", len(new), len(old))
                    if np.array_equal(old.keys(), new.keys()):
                        return
            time.sleep(_POLL_S)
        raise IndexUnavailableError(
            f"The process that writes the index ({lock.owner()}) has not brought {target} up to date within {_FOLLOW_TIMEOUT_S:.0f} s. "
            "Run `codekin status` to see why, then migrate again."
        )

    def _compare(self, source: str, target: str, threshold: float | None) -> Comparison:
        required = required_overlap(source, target) if threshold is None else threshold
        with self._opened(source, writable=False) as old, self._opened(target, writable=False) as new:
            return compare_stores(old, new, required, lambda done, total: self._listener("compare", done, total))

    def _report(self, changed: int, comparison: Comparison | None, started: float) -> MigrationReport:
        record = read_record(self._location)
        return MigrationReport(record.active, record.mirror, changed, comparison, time.monotonic() - started)

    @contextmanager
    def _opened(self, name: str, *, writable: bool) -> Iterator[VectorStore]:
        store = open_named(self._location, self._model, name, writable=writable, exact=True).store
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        lock = FileLock(self._location.directory / "migration.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexUnavailableError(
                "Another process is already migrating this index. Wait for it to finish."
            ) from error
        try:
            yield
        finally:
            lock.release()
