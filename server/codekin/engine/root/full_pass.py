"""One pass over a root: the folder is compared with the index, and what differs is taken in, in growing batches."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from codekin.domain.values import FileRecord
from codekin.engine.root.commit_records import History
from codekin.engine.root.root_index import RootIndex
from codekin.engine.root.write_steps import WriteSteps
from codekin.engine.status.status import Progress, ProgressListener
from codekin.errors import IndexUnavailableError
from codekin.files import Rules, changed_ns
from codekin.indexing import Plan, ReadAhead, is_worth_reading_ahead, plan_pass

_FIRST_BATCH_BYTES = 128_000
"""Something can be found after about this much, some 0.1 s; the batches grow from there, since each is a commit."""
_FIRST_BATCH_FILES = 16
_BATCH_FILES = 256
_GROWTH = 4


async def run_pass(
    index: RootIndex,
    steps: WriteSteps,
    history: History,
    progress: ProgressListener | None,
    changed: Callable[[], None],
) -> None:
    """Bring the whole index in step with the disk; a step. `changed` is called after every committed batch.

    The folder is looked through while more urgent commands go on. What they commit meanwhile is younger than the plan, so
    the plan leaves it alone.
    """
    index.passing = True
    index.slower = ""
    try:
        with steps.noting_younger() as younger:
            plan = _without(await _plan(index, progress), younger)
            await steps.commit(index.state.plan(plan, younger))
            index.ask_first(plan)
            changed()
            await _index_all(index, steps, plan, younger, progress, changed)
        await steps.sync_folders()
        await history.sync(changed)
        written = map(index.catalog.record, plan.index)
        await steps.finish_pass(sum(len(record.nodes) for record in written if record))
    finally:
        index.passing = False
        index.rate_per_s = 0.0
        changed()


async def _plan(index: RootIndex, progress: ProgressListener | None) -> Plan:
    if progress:
        progress(Progress("scanning", 0, 0, 0, 0.0))
    index.rules.invalidate()
    root, rules, state = index.location.root, index.rules, index.state
    known, damaged = dict(state.catalog.records), state.damaged
    quarantine = index.quarantine

    def scan() -> Plan:
        _check_there(root)
        plan = plan_pass(root, rules, known, damaged, lambda: index.closed)
        return quarantine.held_back(_nothing_that_came_back(plan, root, rules, known))

    return await index.queue.waiting_for(asyncio.to_thread(scan))


def _nothing_that_came_back(plan: Plan, root: Path, rules: Rules, known: Mapping[str, FileRecord]) -> Plan:
    """A file that was away for the moment in which its folder was read, and is back with other content, is not forgotten."""
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


def _without(plan: Plan, younger: Collection[str]) -> Plan:
    """The plan without what was committed since the folder was looked through."""
    if not younger:
        return plan
    return replace(
        plan,
        index=tuple(path for path in plan.index if path not in younger),
        forget=tuple(path for path in plan.forget if path not in younger),
        skipped=tuple(item for item in plan.skipped if item.path not in younger),
    )


def _check_there(root: Path) -> None:
    """A drive that is not mounted is no reason to forget everything on it."""
    try:
        os.scandir(root).close()
    except OSError as error:
        raise IndexUnavailableError(
            f"{root} cannot be read ({error.strerror}). What was indexed of it is kept. Remedy: put the folder back, or leave the workspace."
        ) from error


async def _index_all(
    index: RootIndex,
    steps: WriteSteps,
    plan: Plan,
    younger: Collection[str],
    progress: ProgressListener | None,
    changed: Callable[[], None],
) -> None:
    started, chunks, done, size, paths = time.perf_counter(), 0, 0, _first_batch(plan), plan.index
    with ExitStack() as stack:
        ahead = None
        while done < len(paths):
            if index.queue.paused:  # a paused pass keeps no process
                stack.close()
                ahead = None
                await index.queue.until_resumed()
            await index.queue.give_way()
            if ahead is None and is_worth_reading_ahead(plan.index_bytes * (len(paths) - done) // len(paths)):
                ahead = stack.enter_context(ReadAhead(index.location.root, paths[done + size :], index.max_file_bytes))
            batch = paths[done : done + size]
            written = await steps.index_batch([path for path in batch if path not in younger], ahead)
            index.slower = ahead.failure if ahead else index.slower
            done += len(batch)
            chunks += sum(len(record.nodes) for record in written)
            index.rate_per_s = chunks / max(time.perf_counter() - started, 1e-3)
            size = min(size * _GROWTH, _BATCH_FILES)
            if progress:
                progress(Progress("indexing", done, len(paths), chunks, index.rate_per_s))
            changed()


def _first_batch(plan: Plan) -> int:
    """How many files it has: few large ones, or many small ones."""
    mean_bytes = plan.index_bytes // max(1, len(plan.index))
    return max(1, min(_FIRST_BATCH_FILES, _FIRST_BATCH_BYTES // max(1, mean_bytes)))
