"""One pass over a root, which indexes its differences from the index in batches."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from codekin.domain.values import FileRecord
from codekin.engine.passes import trigram_fill
from codekin.engine.passes.quick_refresh import record_settings
from codekin.engine.root.commit_records import History
from codekin.engine.root.root_index import RootIndex
from codekin.engine.root.write_steps import WriteSteps
from codekin.engine.status.status import Progress, ProgressListener
from codekin.errors import IndexUnavailableError
from codekin.files import Rules, changed_ns
from codekin.indexing import Plan, ReadAhead, is_worth_reading_ahead, plan_pass, with_same_content

_FIRST_BATCH_BYTES = 128_000
"""Size of the first batch, after about 0.1 s of which searches find something.

Later batches grow, because each is a commit.
"""
_FIRST_BATCH_FILES = 16
_BATCH_FILES = 256
_BATCH_BYTES = 4_000_000
"""Bounds the memory of a batch; that of 256 files of a large repository has about as many."""
_GROWTH = 4
_COMPARED_FILES = 1_024
"""Files whose content is compared between two commits; about 50 ms."""
_MOST_RECORDS = 4_096
"""Records in memory during a pass, at least; more of them are written to the columns.

A third of all files, so that the work of writing grows with their number only.
"""


async def run_pass(
    index: RootIndex,
    steps: WriteSteps,
    history: History,
    progress: ProgressListener | None,
    changed: Callable[[], None],
) -> None:
    """Synchronise the whole index with the disk; a step. `changed` is called after every batch.

    The folder is scanned while more urgent commands run. What they commit meanwhile is newer than
    the plan, so the plan skips it.
    """
    index.passing = True
    index.slower = ""
    try:
        with steps.recording_newer() as newer:
            plan = _without(await _plan(index, progress), newer)
            await steps.commit(index.state.plan(plan, newer))
            index.await_consent(plan)
            index.indexer.sieved = plan.total >= trigram_fill.LEAST_FILES
            changed()
            plan = await _without_same_content(index, steps, plan, newer)
            await _index_all(index, steps, plan, newer, progress, changed)
        await steps.sync_folders()
        await history.sync(changed)
        written = map(index.catalog.record, plan.index)
        await steps.finish_pass(sum(len(record.nodes) for record in written if record))
        await trigram_fill.fill_trigrams(index)
        await record_settings(index)
    finally:
        index.passing = False
        index.rate_per_s = 0.0
        changed()


async def _plan(index: RootIndex, progress: ProgressListener | None) -> Plan:
    if progress:
        progress(Progress("scanning", 0, 0, 0, 0.0))
    index.rules.invalidate()
    root, rules, state = index.location.root, index.rules, index.state
    known, damaged = state.catalog.records, state.damaged
    quarantine = index.quarantine

    def scan() -> Plan:
        _check_exists(root)
        plan = plan_pass(root, rules, known, damaged, lambda: index.closed)
        return quarantine.without_unchanged(_without_recreated(plan, root, rules, known))

    return await index.queue.waiting_for(asyncio.to_thread(scan))


def _without_recreated(plan: Plan, root: Path, rules: Rules, known: Mapping[str, FileRecord]) -> Plan:
    """Return the plan with files that were deleted and created again during the scan.

    They are indexed, not forgotten.
    """
    back = []
    for path in plan.forget:
        record = known.get(path)
        try:
            status = os.lstat(root / path)
        except (OSError, ValueError):
            continue
        if not stat.S_ISREG(status.st_mode) or rules.verdict(path, is_dir=False) is not None:
            continue
        if record and (record.size_bytes, record.mtime_ns) != (status.st_size, changed_ns(status)):
            back.append(path)
    gone = set(plan.forget).difference(back)
    return replace(plan, index=(*plan.index, *back), forget=tuple(path for path in plan.forget if path in gone))


def _without(plan: Plan, newer: Collection[str]) -> Plan:
    """Return the plan without what was committed since the scan."""
    if not newer:
        return plan
    return replace(
        plan,
        index=tuple(path for path in plan.index if path not in newer),
        forget=tuple(path for path in plan.forget if path not in newer),
        skipped=tuple(item for item in plan.skipped if item.path not in newer),
    )


async def _without_same_content(index: RootIndex, steps: WriteSteps, plan: Plan, newer: Collection[str]) -> Plan:
    """Return the plan without files whose content is in the index; only their times are written."""
    root, limit, same = index.location.root, index.max_file_bytes, set[str]()
    for start in range(0, len(plan.index), _COMPARED_FILES):
        await index.queue.give_way()
        paths = plan.index[start : start + _COMPARED_FILES]
        records = [record for path in paths if (record := _comparable(index, plan, path, newer))]
        if records:
            compared = partial(with_same_content, root, records, limit)
            same.update(await steps.restamp(await index.in_worker(compared)))
    return _without(plan, same)


def _comparable(index: RootIndex, plan: Plan, path: str, newer: Collection[str]) -> FileRecord | None:
    """Return the record of a file that may have the same content."""
    if path in newer or path in index.state.damaged:
        return None
    record = index.catalog.record(path)
    return record if record and record.size_bytes == plan.size_of.get(path) else None


def _check_exists(root: Path) -> None:
    """Raise IndexUnavailableError if the root cannot be read.

    The files of an unmounted drive must not be forgotten.
    """
    try:
        os.scandir(root).close()
    except OSError as error:
        raise IndexUnavailableError(
            f"Could not read {root} ({error.strerror}). Its index is kept. To fix: restore the folder, or remove it from "
            "the workspace."
        ) from error


async def _index_all(
    index: RootIndex,
    steps: WriteSteps,
    plan: Plan,
    newer: Collection[str],
    progress: ProgressListener | None,
    changed: Callable[[], None],
) -> None:
    started, chunks, done, size, paths = time.perf_counter(), 0, 0, _first_batch(plan), plan.index
    with ExitStack() as stack:
        ahead = None
        while done < len(paths):
            if index.queue.paused:  # a paused pass needs no read-ahead process
                stack.close()
                ahead = None
                await index.queue.until_resumed()
            await index.queue.give_way()
            if ahead is None and is_worth_reading_ahead(plan.index_bytes * (len(paths) - done) // len(paths)):
                ahead = stack.enter_context(ReadAhead(index.location.root, paths[done + size :], index.max_file_bytes))
            batch = _batch(paths[done : done + size], plan.size_of)
            records = await steps.index_batch([path for path in batch if path not in newer], ahead)
            index.slower = ahead.failure if ahead else index.slower
            done += len(batch)
            chunks += sum(len(record.nodes) for record in records)
            index.rate_per_s = chunks / max(time.perf_counter() - started, 1e-3)
            size = min(size * _GROWTH, _BATCH_FILES)
            await steps.write_columns(max(_MOST_RECORDS, len(index.catalog) // 3))
            if progress:
                progress(Progress("indexing", done, len(paths), chunks, index.rate_per_s))
            changed()


def _batch(paths: Sequence[str], size_of: Mapping[str, int]) -> Sequence[str]:
    """Return as many of the first paths as a batch may have bytes, at least one."""
    total = 0
    for number, path in enumerate(paths):
        total += size_of.get(path, 0)
        if total > _BATCH_BYTES and number:
            return paths[:number]
    return paths


def _first_batch(plan: Plan) -> int:
    """Return its number of files: few large ones, or many small ones."""
    mean_bytes = plan.index_bytes // max(1, len(plan.index))
    return max(1, min(_FIRST_BATCH_FILES, _FIRST_BATCH_BYTES // max(1, mean_bytes)))
