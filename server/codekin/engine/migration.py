"""Moving an index from one store of vectors to another, in phases that can be seen, stopped between, repeated and undone.

*backfill* copies all rows, without the model; *dual-write* sends every change to both stores; *compare* holds them against each other;
*switch* lets the new store answer, the old one following; *rollback* is the way back, *finish* ends the following. What is left of a phase
is computed from the two stores, so a killed migration is simply begun again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from filelock import FileLock, Timeout

from codekin.config import Config
from codekin.domain.ports import Embedder, Keys, VectorStore
from codekin.embedding import open_embedder
from codekin.engine.place import Place, place_of
from codekin.engine.semantic import open_named
from codekin.engine.stores import StoreRecord, read_record, record_in_use, write_record
from codekin.errors import IndexUnavailableError, SettingsError
from codekin.storage import WriterLock, bring_up_to_date, is_exact, parse_store

Phase = Literal["backfill", "dual-write", "compare", "switch"]
PHASES: tuple[Phase, ...] = get_args(Phase)
PhaseListener = Callable[[str, int, int], None]
_ROUNDS = 10
_TAKEN_UP_S = 60.0
_POLL_S = 0.1
_COMPARED_ROWS = 1_000
_SAMPLES = 50
_NEIGHBOURS = 10
_ROUNDING = 2e-6
_APPROXIMATE_OVERLAP = 0.7


@dataclass(frozen=True, slots=True)
class Comparison:
    """`different` rows have the same key and other bytes. `overlap` is the mean share of the ten nearest that both stores agree
    on, over 50 queries near stored rows; `threshold` is what it has to reach.
    """

    rows: int
    missing: int
    surplus: int
    different: int
    digest: str
    overlap: float
    threshold: float

    @property
    def passed(self) -> bool:
        """Whether the new store may answer."""
        return not (self.missing or self.surplus or self.different) and self.overlap >= self.threshold


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
        self._place: Place = place_of(config, root)
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
        steps = (StoreRecord(source), StoreRecord(source, target, source), StoreRecord(target, source, source))
        if source == target or record not in steps:
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
        exact = is_exact(source) and is_exact(target)
        wanted = threshold if threshold is not None else (1.0 if exact else _APPROXIMATE_OVERLAP)
        with self._opened(source, writable=False) as old, self._opened(target, writable=False) as new:
            old_keys, new_keys = old.keys(), new.keys()
            shared = np.intersect1d(old_keys, new_keys, assume_unique=True)
            different, digest = self._different_rows(old, new, shared)
            return Comparison(
                rows=len(shared),
                missing=len(old_keys) - len(shared),
                surplus=len(new_keys) - len(shared),
                different=different,
                digest=digest,
                overlap=self._overlap(old, new, shared),
                threshold=wanted,
            )

    def _different_rows(self, old: VectorStore, new: VectorStore, keys: Keys) -> tuple[int, str]:
        """(rows whose bytes differ, digest of all rows of the old store in the order of their keys)."""
        different, digest = 0, hashlib.blake2b(digest_size=16)
        for start in range(0, len(keys), _COMPARED_ROWS):
            part = keys[start : start + _COMPARED_ROWS]
            (_, left), (_, right) = old.get(part), new.get(part)
            digest.update(left.tobytes())
            different += int((left != right).any(axis=1).sum())
            self._listener("compare", start + len(part), len(keys))
        return different, digest.hexdigest()

    def _overlap(self, old: VectorStore, new: VectorStore, keys: Keys) -> float:
        """Queries lie beside stored rows, as questions lie beside code. A row that scores as well as the tenth counts as found."""
        if not len(keys):
            return 1.0
        rng = np.random.default_rng(0)
        _, rows = old.get(np.sort(rng.choice(keys, min(_SAMPLES, len(keys)), replace=False)))
        shares = []
        for row in rows:
            query = row + rng.standard_normal(len(row)).astype(np.float32) * np.float32(0.5 / np.sqrt(len(row)))
            query /= np.linalg.norm(query)
            left, right = old.search(query, _NEIGHBOURS), new.search(query, _NEIGHBOURS)
            good = (right.scores >= left.scores[-1] - _ROUNDING).sum()
            shares.append(min(1.0, float(good) / max(1, len(left.keys))))
        return float(np.mean(shares))

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
