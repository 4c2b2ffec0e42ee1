"""One queue of writing commands for each root, with one consumer: the only way an index changes.

A command is a coroutine function. The consumer runs one command at a time, by priority. A long
command, such as a full pass, calls `give_way` between its steps; more urgent commands run there, on
the same consumer. This way a save never waits for more than one step of a pass, and no two commands
ever write at once.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

from codekin.errors import IndexClosedError, IndexDamagedError

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Priority(IntEnum):
    """The priority of a command; the smallest value runs first."""

    CONTROL = 0
    """Opening, closing, clearing: all other commands depend on these."""
    BUFFER = 1
    SAVE = 2
    """Files that a client reports or waits for."""
    WATCH = 3
    """Files that the watcher reports."""
    HISTORY = 4
    PASS = 5
    BACKGROUND = 6


class SupersededError(Exception):
    """The index was reopened or emptied while a command gave way.

    What the command knew is out of date, so it starts again.
    """


_PAUSABLE = frozenset({Priority.WATCH, Priority.HISTORY, Priority.PASS})


@dataclass(eq=False, slots=True)
class _Command:
    name: str
    priority: Priority
    work: Callable[[], Awaitable[Any]]
    number: int
    key: Hashable = None
    future: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    callers: int = 0
    epoch: int = 0

    @property
    def order(self) -> tuple[Priority, int]:
        return self.priority, self.number


class WriteQueue:
    """The queue, on one event loop.

    `reopen` is awaited after an `IndexDamagedError`; the command then runs once more.
    """

    def __init__(self, name: str, reopen: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._reopen = reopen
        self._queued: list[_Command] = []
        self._running: list[_Command] = []
        self._arrived = asyncio.Event()
        self._numbers = itertools.count()
        self._closing = False
        self._paused = False
        self._epoch = 0
        self._resumed = asyncio.Event()
        self._resumed.set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to run commands."""
        self._task = asyncio.create_task(self._consume(), name=f"write {self._name}")

    @property
    def closing(self) -> bool:
        """Whether no further command is accepted."""
        return self._closing

    @property
    def in_command(self) -> bool:
        """Whether the caller is the running command."""
        return self._task is not None and asyncio.current_task() is self._task

    @property
    def paused(self) -> bool:
        """Whether watched changes, history and passes are paused."""
        return self._paused

    def pause(self, *, paused: bool) -> None:
        """Pause watched changes, history and passes, or let them run again."""
        self._paused = paused
        self._arrived.set()
        (self._resumed.clear if paused else self._resumed.set)()

    def holds(self, *priorities: Priority) -> bool:
        """Return whether a command of one of these priorities is queued or running."""
        return any(command.priority in priorities for command in (*self._queued, *self._running))

    def submit(
        self, priority: Priority, work: Callable[[], Awaitable[T]], *, name: str, key: Hashable = None
    ) -> asyncio.Future[T]:
        """Queue a command and return the future of its result.

        A queued command with the same `key` stands for the new one as well, at the higher priority
        of the two; a running one does not. The future fails with `IndexClosedError` if the queue
        closes first.
        """
        if self._closing:
            refused: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            refused.set_exception(IndexClosedError)
            refused.exception()  # marks it as retrieved, in case nobody awaits it
            return refused
        command = next((item for item in self._queued if key is not None and item.key == key), None)
        if command is None:
            command = _Command(name, priority, work, next(self._numbers), key)
            command.future.add_done_callback(_mark_retrieved)
            self._queued.append(command)
        command.priority = min(command.priority, priority)
        self._arrived.set()
        return command.future

    async def run(self, priority: Priority, work: Callable[[], Awaitable[T]], *, name: str, key: Hashable = None) -> T:
        """Queue a command and wait for it; inside a command it runs immediately, as part of it.

        The command continues if the caller is cancelled, unless it has not started and has no other
        caller.
        """
        if self.in_command:
            return await work()
        future = self.submit(priority, work, name=name, key=key)
        command = next((item for item in (*self._queued, *self._running) if item.future is future), None)
        if command:
            command.callers += 1
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if command and command.callers == 1 and command in self._queued:
                self._queued.remove(command)
                future.cancel()
            raise
        finally:
            if command:
                command.callers -= 1

    def supersede(self) -> None:
        """Make all commands that gave way start again.

        The running command has replaced or emptied the stores.
        """
        self._epoch += 1
        if self._running:
            self._running[-1].epoch = self._epoch

    async def give_way(self) -> None:
        """Run every command that is more urgent than the running one.

        Raises `IndexClosedError` once the queue closes, `SupersededError` if the command must start
        again; the queue handles both.
        """
        command = self._running[-1]
        while urgent := self._next(command.priority):
            await self._execute(urgent)
        if self._closing:
            raise IndexClosedError
        if command.epoch != self._epoch:
            raise SupersededError

    async def waiting_for(self, awaitable: Awaitable[T]) -> T:
        """Return the result of `awaitable`, and run more urgent commands meanwhile.

        `awaitable` must not write.
        """
        task = asyncio.ensure_future(awaitable)
        try:
            while True:
                self._arrived.clear()
                await self.give_way()
                if task.done():
                    return task.result()
                arrival = asyncio.ensure_future(self._arrived.wait())
                try:
                    await asyncio.wait({task, arrival}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    arrival.cancel()
        finally:
            if not task.done():
                task.cancel()

    async def until_resumed(self) -> None:
        """Return once the queue is not paused; for a pass between two steps."""
        while self._paused:
            self._arrived.clear()
            await self.give_way()
            if self._paused:
                await self._arrived.wait()

    async def resumed(self) -> None:
        """Return once the queue is not paused; for work outside the queue."""
        await self._resumed.wait()

    async def close(self) -> None:
        """Let the running command end at its next step, and refuse all queued ones."""
        self._closing = True
        self._arrived.set()
        for command in self._queued:
            if not command.future.done():
                command.future.set_exception(IndexClosedError)
        self._queued.clear()
        if self._task:
            await asyncio.wait({self._task})

    def abandon(self) -> None:
        """End the consumer without waiting for work on a thread."""
        if self._task:
            self._task.cancel()

    async def _consume(self) -> None:
        while not self._closing:
            self._arrived.clear()
            if command := self._next(None):
                await self._execute(command)
            else:
                await self._arrived.wait()

    def _next(self, below: Priority | None) -> _Command | None:
        """Remove and return the most urgent queued command that is more urgent than `below`."""
        ready = [
            item
            for item in self._queued
            if (below is None or item.priority < below) and not (self._paused and item.priority in _PAUSABLE)
        ]
        if not ready:
            return None
        command = min(ready, key=lambda item: item.order)
        self._queued.remove(command)
        return command

    async def _execute(self, command: _Command) -> None:
        """Run one command; its outcome goes to its callers, never to the consumer."""
        self._running.append(command)
        try:
            result = await self._run_to_end(command)
        except asyncio.CancelledError:
            command.future.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - passed to the caller; the consumer must not end
            if not command.future.done():
                command.future.set_exception(error)
        else:
            if not command.future.done():
                command.future.set_result(result)
        finally:
            self._running.remove(command)

    async def _run_to_end(self, command: _Command) -> Any:
        """Run a command, again if it was superseded, and once more after a store was reopened."""
        reopened = False
        while True:
            command.epoch = self._epoch
            try:
                return await command.work()
            except SupersededError:
                continue
            except IndexDamagedError:
                if reopened:
                    raise
                _log.exception("%s: %s found a damaged store. Reopening the index.", self._name, command.name)
                await self._reopen()
                reopened = True


def _mark_retrieved(future: asyncio.Future[Any]) -> None:
    """Mark a failure as retrieved; commands that nobody awaits report theirs themselves."""
    with suppress(asyncio.CancelledError):
        future.exception()
