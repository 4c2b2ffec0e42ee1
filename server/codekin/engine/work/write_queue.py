"""One queue of writing commands for each root, with one consumer: the only way an index changes.

A command is a coroutine function. The consumer runs one command at a time, the most urgent first. A long command, such
as a full pass, calls `give_way` between its steps; more urgent commands run there, on the same consumer. So a save never
waits for more than one step of a pass, and no two commands ever write at once.
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
    """How urgent a command is; the smallest value runs first."""

    CONTROL = 0
    """Opening, closing, clearing: what all other commands rest on."""
    BUFFER = 1
    SAVE = 2
    """Files that a client reports or waits for."""
    WATCH = 3
    """Files that the watcher reports."""
    HISTORY = 4
    PASS = 5
    BACKGROUND = 6


class SupersededError(Exception):
    """The index was opened anew or emptied while a command gave way: what it knew no longer holds, so it begins again."""


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
    """Lives on one event loop. `mend` is awaited after an `IndexDamagedError`; the command then runs once more."""

    def __init__(self, name: str, mend: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._mend = mend
        self._waiting: list[_Command] = []
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
        """Whether the caller is the command that runs now."""
        return self._task is not None and asyncio.current_task() is self._task

    @property
    def paused(self) -> bool:
        """Whether watched changes, history and passes wait."""
        return self._paused

    def pause(self, *, paused: bool) -> None:
        """Keep watched changes, history and passes waiting, or let them run again."""
        self._paused = paused
        self._arrived.set()
        (self._resumed.clear if paused else self._resumed.set)()

    def holds(self, *priorities: Priority) -> bool:
        """Return whether a command of one of these priorities waits or runs."""
        return any(command.priority in priorities for command in (*self._waiting, *self._running))

    def submit(
        self, priority: Priority, work: Callable[[], Awaitable[T]], *, name: str, key: Hashable = None
    ) -> asyncio.Future[T]:
        """Queue a command and return its result to come.

        A waiting command with the same `key` stands for the new one as well, at the more urgent priority of the two; one
        that has begun does not. The future fails with `IndexClosedError` when the queue closes first.
        """
        if self._closing:
            refused: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            refused.set_exception(IndexClosedError)
            refused.exception()  # marks it as seen where nobody waits for it
            return refused
        command = next((item for item in self._waiting if key is not None and item.key == key), None)
        if command is None:
            command = _Command(name, priority, work, next(self._numbers), key)
            command.future.add_done_callback(_seen)
            self._waiting.append(command)
        command.priority = min(command.priority, priority)
        self._arrived.set()
        return command.future

    async def run(self, priority: Priority, work: Callable[[], Awaitable[T]], *, name: str, key: Hashable = None) -> T:
        """Queue a command and wait for it; inside a command it runs at once, as a part of that command.

        The command goes on when the caller is cancelled, unless it has not begun and nobody else waits for it.
        """
        if self.in_command:
            return await work()
        future = self.submit(priority, work, name=name, key=key)
        command = next((item for item in (*self._waiting, *self._running) if item.future is future), None)
        if command:
            command.callers += 1
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if command and command.callers == 1 and command in self._waiting:
                self._waiting.remove(command)
                future.cancel()
            raise
        finally:
            if command:
                command.callers -= 1

    def supersede(self) -> None:
        """Have all commands that gave way begin again: the running one has exchanged or emptied the stores."""
        self._epoch += 1
        if self._running:
            self._running[-1].epoch = self._epoch

    async def give_way(self) -> None:
        """Run everything that is more urgent than the command at hand.

        Raises `IndexClosedError` once the queue closes, `SupersededError` when the command must begin again; both are
        handled by the queue.
        """
        command = self._running[-1]
        while urgent := self._next(command.priority):
            await self._execute(urgent)
        if self._closing:
            raise IndexClosedError
        if command.epoch != self._epoch:
            raise SupersededError

    async def waiting_for(self, awaitable: Awaitable[T]) -> T:
        """Return what `awaitable` gives, and run more urgent commands until then. It must not write."""
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
        """Let the command at hand end at its next step, and refuse all that wait."""
        self._closing = True
        self._arrived.set()
        for command in self._waiting:
            if not command.future.done():
                command.future.set_exception(IndexClosedError)
        self._waiting.clear()
        if self._task:
            await asyncio.wait({self._task})

    def abandon(self) -> None:
        """End the consumer without waiting for what runs on a thread."""
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
        """Take the most urgent waiting command, of those more urgent than `below`."""
        ready = [
            item
            for item in self._waiting
            if (below is None or item.priority < below) and not (self._paused and item.priority in _PAUSABLE)
        ]
        if not ready:
            return None
        command = min(ready, key=lambda item: item.order)
        self._waiting.remove(command)
        return command

    async def _execute(self, command: _Command) -> None:
        """Run one command; its outcome goes to whoever waits for it, never to the consumer."""
        self._running.append(command)
        try:
            result = await self._to_its_end(command)
        except asyncio.CancelledError:
            command.future.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - handed on to the caller; the consumer must live
            if not command.future.done():
                command.future.set_exception(error)
        else:
            if not command.future.done():
                command.future.set_result(result)
        finally:
            self._running.remove(command)

    async def _to_its_end(self, command: _Command) -> Any:
        """Run a command, again when it was superseded, and once more on stores opened anew when one was damaged."""
        mended = False
        while True:
            command.epoch = self._epoch
            try:
                return await command.work()
            except SupersededError:
                continue
            except IndexDamagedError:
                if mended:
                    raise
                _log.exception("%s: %s met a damaged store; the index is opened again", self._name, command.name)
                await self._mend()
                mended = True


def _seen(future: asyncio.Future[Any]) -> None:
    """Mark a failure as seen: commands that nobody waits for report theirs themselves."""
    with suppress(asyncio.CancelledError):
        future.exception()
