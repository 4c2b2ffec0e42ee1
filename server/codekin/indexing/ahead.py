"""Reads and chunks the files of a long pass ahead of it, in a process beside this one, while this one embeds and writes.

Whoever comes first takes a file: the pass from the end of its batch, the other process from the front of what is left. So
nothing waits for a process that is slow to start, and one that dies leaves its files to the pass. The text at which it died,
or which it never came to an end with, is named, so that the pass takes care.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from codekin.chunking import unpack_redacted
from codekin.chunking.helper import ChunkingProcess
from codekin.domain.values import Skipped
from codekin.files import Source, read_source
from codekin.indexing.prepare import Prepared, prepare_source

if TYPE_CHECKING:
    from typing_extensions import Self

WORTH_BYTES = 600_000
"""A process takes some 0.15 s to start; below this much text the pass is over soon after."""
_REQUEST_BYTES = 48_000
_UNDER_WAY_BYTES = 256_000
"""Texts that were sent and not answered yet: some 70 ms of work. What is not sent, the pass may still take itself."""
_WINDOW_BYTES = 2_000_000
"""Texts that were sent and not taken yet. Chunked, they take about three times as much."""
_ENOUGH_PROCESSORS = 2
_LONGEST_S = 15.0
"""A process that is at one text for so long is ended; parsing alone ends after 2 s."""
_log = logging.getLogger(__name__)


def is_worth_reading_ahead(size_bytes: int) -> bool:
    """Whether a process of its own gains time on so much text, on the processors that this one may use."""
    mine = getattr(os, "sched_getaffinity", None)
    processors = len(mine(0)) if mine else os.cpu_count() or 1
    return size_bytes >= WORTH_BYTES and processors >= _ENOUGH_PROCESSORS


class ReadAhead:
    """Serves one pass on one thread. Use as a context manager: the process ends with the block, whatever it is doing."""

    def __init__(self, root: Path, paths: Iterable[str], max_file_bytes: int) -> None:
        self._root = root
        self._max_file_bytes = max_file_bytes
        self._open = dict.fromkeys(paths)
        self._theirs: dict[str, Source | None] = {}
        self._asked: deque[Source] = deque()
        self._heard = time.monotonic()
        self._under_way_bytes = 0
        self._answers: dict[str, bytes | str | Skipped] = {}
        self._suspects: set[str] = set()
        self._held_bytes = 0
        self._over = False
        self._too_slow = False
        self._changed = threading.Condition()
        self._process: ChunkingProcess | None = None
        self._threads: list[threading.Thread] = []
        self.failure = ""
        """Why there is no process any more, in words; "" while there is one or none is needed."""

    def __enter__(self) -> Self:
        try:
            self._process = ChunkingProcess()
        except OSError as error:
            self._end(f"cannot be started ({error.strerror or error})")
            return self
        try:
            # The files are sent by the second thread, once the process can take them.
            self._start(self._receive, self._process)
        except RuntimeError as error:  # no room for a thread
            self._end(f"cannot be used ({error})")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end("")
        if self._process:
            self._process.kill()
            for thread in self._threads:
                thread.join()
            self._process.close()

    @property
    def pid(self) -> int | None:
        """Of the process, None when there is none."""
        return self._process.pid if self._process and not self._over else None

    def claim(self, path: str) -> bool:
        """True if the file is the caller's to prepare; else `take` has it."""
        with self._changed:
            self._open.pop(path, None)
            return path not in self._theirs

    def is_suspect(self, path: str) -> bool:
        """Whether the process ended when it had come to this file."""
        return path in self._suspects

    def take(self, paths: Collection[str], *, wait: bool) -> dict[str, Prepared | Skipped | None]:
        """What became of those that are done, of files that were not claimed; with `wait`, waits until there is one. None for
        what is the caller's to prepare after all, since the process has ended or was never given it.
        """
        with self._changed:
            if wait:
                if unknown := [path for path in paths if not self._is_known(path)]:
                    return dict.fromkeys(unknown)
                self._wait_for(paths)
            done = [path for path in paths if self._over or path in self._answers]
            taken = [(path, self._theirs.pop(path, None), self._answers.pop(path, None)) for path in done]
            self._held_bytes -= sum(source.size_bytes for _, source, _ in taken if source)
            self._changed.notify_all()
        return {path: _prepared(source, answer) for path, source, answer in taken}

    def expects(self, path: str) -> bool:
        """Whether the process has the file, or will come to it."""
        with self._changed:
            return not self._over and self._is_known(path)

    def _is_known(self, path: str) -> bool:
        return path in self._open or path in self._theirs or path in self._answers

    def _wait_for(self, paths: Collection[str]) -> None:
        """Until one of the files is done, or the process has ended, or has been ended: it answers no more."""
        while not self._changed.wait_for(
            lambda: self._over or not self._answers.keys().isdisjoint(paths), timeout=_LONGEST_S
        ):
            if self._process and self._asked and time.monotonic() - self._heard > _LONGEST_S:
                self._too_slow = True
                self._process.end()

    def _start(self, work: Callable[[ChunkingProcess], None], process: ChunkingProcess) -> None:
        thread = threading.Thread(target=work, args=(process,), name="codekin-ahead", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _end(self, failure: str) -> None:
        with self._changed:
            if self._over:
                return
            self._over, self.failure = True, failure
            self._changed.notify_all()
        if failure:
            _log.warning("The process that reads files ahead %s; indexing goes on without it", failure)

    def _receive(self, process: ChunkingProcess) -> None:
        try:
            if process.wait_until_ready():
                self._start(self._send, process)
            while (answer := process.receive()) is not None:
                with self._changed:
                    source = self._asked.popleft()
                    self._answers[source.path] = answer
                    self._under_way_bytes -= source.size_bytes
                    self._heard = time.monotonic()
                    self._changed.notify_all()
        finally:
            how = process.how_it_ended()
            with self._changed:
                if how and self._asked:
                    self._suspects.add(self._asked[0].path)
            self._end(f"took more than {_LONGEST_S:g} s for one file and was ended" if self._too_slow else how)

    def _send(self, process: ChunkingProcess) -> None:
        try:
            while request := self._next_request():
                with self._changed:
                    if not self._asked:
                        self._heard = time.monotonic()
                    self._asked.extend(request)
                    self._under_way_bytes += sum(source.size_bytes for source in request)
                process.send([(source.path, source.text) for source in request])
        except OSError:
            return  # it has ended, which the other thread tells of
        finally:
            process.finish()

    def _next_request(self) -> list[Source]:
        """Reads what is to be sent next; empty when there is nothing left, or nobody to send it to."""
        request: list[Source] = []
        size_bytes = 0
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._has_room())
        while size_bytes < _REQUEST_BYTES and (path := self._next_path()):
            source = read_source(self._root, path, self._max_file_bytes)
            with self._changed:
                if isinstance(source, Skipped):
                    self._answers[path] = source
                    self._changed.notify_all()
                    continue
                self._theirs[path] = source
                self._held_bytes += source.size_bytes
            request.append(source)
            size_bytes += source.size_bytes
        return request

    def _has_room(self) -> bool:
        return self._under_way_bytes < _UNDER_WAY_BYTES and self._held_bytes < _WINDOW_BYTES

    def _next_path(self) -> str:
        """The first file that nobody has taken, taken; "" for none."""
        with self._changed:
            path = "" if self._over else next(iter(self._open), "")
            if path:
                del self._open[path]
                self._theirs[path] = None
            return path


def _prepared(source: Source | None, answer: bytes | str | Skipped | None) -> Prepared | Skipped | None:
    if source and isinstance(answer, bytes | str):
        return prepare_source(source, unpack_redacted(answer) if isinstance(answer, bytes) else answer)
    return answer if isinstance(answer, Skipped) else None
