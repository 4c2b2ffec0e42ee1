"""Synchronisation of the indexed commits with the repository.

New commits are read, unreachable ones are forgotten.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

import msgspec

from codekin.config import Config
from codekin.domain.commits import commit_path, sha_of
from codekin.engine.root.root_index import RootIndex
from codekin.engine.root.write_steps import WriteSteps
from codekin.engine.stores.opening import HISTORY
from codekin.errors import HistoryError
from codekin.history import (
    Heads,
    Repository,
    changed_symbols,
    last_changes,
    list_commits,
    open_repository,
    read_commits,
)
from codekin.indexing import COMMIT_TEMPLATE, Prepared, prepare_commit

P = ParamSpec("P")
T = TypeVar("T")
_BATCH_COMMITS = 512


class _Stamp(msgspec.Struct, frozen=True):
    """The inputs that the indexed commits were read for.

    An equal stamp means that there is nothing to do.
    """

    tips: tuple[str, ...] = ()
    most: int = 0
    days: int = 0
    template: str = ""
    unknown: str = ""
    """A digest of the files without a known last change."""


class History:
    """The history of one workspace.

    `reason` says why commits cannot be searched, "" if they can.
    """

    def __init__(self, index: RootIndex, steps: WriteSteps, config: Config) -> None:
        self._index = index
        self._steps = steps
        self._config = config
        self.reason = ""
        self._note = ""

    async def sync(self, changed: Callable[[], None]) -> None:
        """Index new commits in batches; a step. Takes about 10 ms if nothing changed.

        Never raises HistoryError: the error becomes the `reason`, and the indexed commits stay.
        """
        try:
            await self._sync(changed)
            self.reason = self._note
        except HistoryError as error:
            self.reason = str(error)

    async def _sync(self, changed: Callable[[], None]) -> None:
        root = self._index.location.root
        repository = await self._in_thread(open_repository, root) if self._config.history else None
        heads = await self._in_thread(repository.heads) if repository else Heads("", "")
        if await self._recorded() == self._stamp(heads) and not self._index.state.damaged_records:
            return
        if repository:
            await self._update(repository, heads, changed)
        else:
            await self._forget_all_but(frozenset())
        await self._record(self._stamp(heads))

    async def _update(self, repository: Repository, heads: Heads, changed: Callable[[], None]) -> None:
        self._note = ""
        limit, days = self._config.history_commits, self._config.history_days
        listed = await self._in_thread(list_commits, repository, heads.tips, limit=limit, days=days)
        await self._forget_all_but({commit_path(sha) for sha in listed})
        known = await self._known()
        unread = [sha for sha in listed if commit_path(sha) not in known]
        for start in range(0, len(unread), _BATCH_COMMITS):
            await self._index.queue.until_resumed()
            await self._index.queue.give_way()
            batch = unread[start : start + _BATCH_COMMITS]
            prepared = await self._in_thread(self._prepare, repository, batch)
            await self._steps.store_records(prepared)
            changed()
        await self._attribute(repository, heads.head)

    async def _in_thread(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Run git on a separate thread, while more urgent commands run."""
        return await self._index.queue.waiting_for(asyncio.to_thread(work, *arguments, **named))

    async def _known(self) -> frozenset[str]:
        """Return the paths of commits that need not be read again."""
        recorded = await self._recorded()
        if recorded is not None and recorded.template != COMMIT_TEMPLATE:
            return frozenset()
        return frozenset(self._index.record_catalog.records) - self._index.state.damaged_records

    async def _forget_all_but(self, kept: frozenset[str] | set[str]) -> None:
        stored = self._index.record_catalog.records
        await self._steps.forget_records([path for path in stored if sha_of(path) and path not in kept])

    async def _attribute(self, repository: Repository, head: str) -> None:
        """Record who last changed each file, where the index says otherwise."""
        files = self._index.catalog.records
        limit = self._config.history_commits
        last = await self._in_thread(last_changes, repository, head, files.keys(), limit=limit)
        unknown = ("", 0)
        changed = [
            replace(record, author=author, date=date)
            for path, record in files.items()
            for author, date in (last.get(path, unknown),)
            if (record.author, record.date) != (author, date)
        ]
        await self._steps.rewrite(changed)

    def _prepare(self, repository: Repository, shas: list[str]) -> list[Prepared]:
        symbols = self._symbols(repository, shas)
        commits = read_commits(repository, shas, self._noted)
        return [prepare_commit(replace(commit, symbols=symbols.get(commit.sha, ()))) for commit in commits]

    def _symbols(self, repository: Repository, shas: list[str]) -> dict[str, tuple[str, ...]]:
        try:
            return changed_symbols(repository, shas)
        except HistoryError as error:
            # The clone has no file contents, but it has messages and paths.
            self._noted(
                f"Git could not list the functions that commits changed. Commits are searched without them. {error}"
            )
            return {}

    def _noted(self, problem: str) -> None:
        self._note = problem

    def _stamp(self, heads: Heads) -> _Stamp:
        digest = hashlib.blake2b(
            "\0".join(self._index.catalog.records.undated()).encode("utf-8", "surrogatepass"), digest_size=8
        ).hexdigest()
        return _Stamp(heads.tips, self._config.history_commits, self._config.history_days, COMMIT_TEMPLATE, digest)

    async def _recorded(self) -> _Stamp | None:
        text = await self._index.parts.metadata.store.get_meta(HISTORY)
        return msgspec.json.decode(text, type=_Stamp) if text else None

    async def _record(self, stamp: _Stamp) -> None:
        await self._index.parts.metadata.store.set_meta(HISTORY, msgspec.json.encode(stamp).decode())
