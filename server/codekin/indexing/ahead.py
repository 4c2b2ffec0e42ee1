"""Reads and chunks the files of a long pass ahead of it, in a second process.

Meanwhile this process embeds and writes.

- Both take files from the same set: the pass from the end of its batch, the second process from the
  front.
- Nothing therefore waits for a process that is slow to start.
- If the process ends, its files go back to the pass.
- The file at which it ended or hung is reported as a suspect, so that the pass handles it with
  care.
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
"""A process takes about 0.15 s to start; a pass over less text is finished soon after."""
_REQUEST_BYTES = 48_000
_MAX_UNANSWERED_BYTES = 256_000
"""Limit of text that was sent and not answered: about 70 ms of work.

The pass can still take what was not sent.
"""
_MAX_WINDOW_BYTES = 2_000_000
"""Limit of text that was sent and not taken; its chunks need about three times as much memory."""
_MIN_PROCESSORS = 2
_TIMEOUT_S = 15.0
"""A process that spends longer on one text is ended; parsing alone ends after 2 s."""
_log = logging.getLogger(__name__)


def is_worth_reading_ahead(size_bytes: int) -> bool:
    """Return whether a second process saves time for this much text on the usable processors."""
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity else os.cpu_count() or 1
    return size_bytes >= WORTH_BYTES and processors >= _MIN_PROCESSORS


class ReadAhead:
    """A second process that serves one pass on one thread.

    Use it as a context manager: the process ends with the block, whatever it is doing.
    """

    def __init__(self, root: Path, paths: Iterable[str], max_file_bytes: int) -> None:
        self._root = root
        self._max_file_bytes = max_file_bytes
        self._unclaimed = dict.fromkeys(paths)
        self._in_process: dict[str, Source | None] = {}
        self._unanswered: deque[Source] = deque()
        self._last_answer_s = time.monotonic()
        self._unanswered_bytes = 0
        self._answers: dict[str, bytes | str | Skipped] = {}
        self._suspects: set[str] = set()
        self._window_bytes = 0
        self._ended = False
        self._too_slow = False
        self._changed = threading.Condition()
        self._process: ChunkingProcess | None = None
        self._threads: list[threading.Thread] = []
        self.failure = ""
        """Why the process ended, as a clause; "" while it runs or is not needed."""

    def __enter__(self) -> Self:
        try:
            self._process = ChunkingProcess()
        except OSError as error:
            self._end(f"could not be started ({error.strerror or error})")
            return self
        try:
            # The second thread sends files once the process is ready.
            self._start(self._receive, self._process)
        except RuntimeError as error:  # No thread can be started.
            self._end(f"could not be used ({error})")
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
        """Id of the process, or None if there is none."""
        return self._process.pid if self._process and not self._ended else None

    def claim(self, path: str) -> bool:
        """Claim a file for the caller; return False if the process has it (see `take`)."""
        with self._changed:
            self._unclaimed.pop(path, None)
            return path not in self._in_process

    def is_suspect(self, path: str) -> bool:
        """Return whether the process ended while it worked on this file."""
        return path in self._suspects

    def take(self, paths: Collection[str], *, wait: bool) -> dict[str, Prepared | Skipped | None]:
        """Return the results that are ready for files that were not claimed.

        With `wait`, it waits until there is at least one. None means that the caller has to prepare
        the file: the process has ended or never had it.
        """
        with self._changed:
            if wait:
                if unknown := [path for path in paths if not self._is_known(path)]:
                    return dict.fromkeys(unknown)
                self._wait_for(paths)
            done = [path for path in paths if self._ended or path in self._answers]
            taken = [(path, self._in_process.pop(path, None), self._answers.pop(path, None)) for path in done]
            self._window_bytes -= sum(source.size_bytes for _, source, _ in taken if source)
            self._changed.notify_all()
        return {path: _outcome(source, answer) for path, source, answer in taken}

    def expects(self, path: str) -> bool:
        """Return whether the process has the file or will get to it."""
        with self._changed:
            return not self._ended and self._is_known(path)

    def _is_known(self, path: str) -> bool:
        return path in self._unclaimed or path in self._in_process or path in self._answers

    def _wait_for(self, paths: Collection[str]) -> None:
        """Wait until one of the files is ready or the process has ended.

        A process that no longer answers is ended.
        """
        while not self._changed.wait_for(
            lambda: self._ended or not self._answers.keys().isdisjoint(paths), timeout=_TIMEOUT_S
        ):
            if self._process and self._unanswered and time.monotonic() - self._last_answer_s > _TIMEOUT_S:
                self._too_slow = True
                self._process.end()

    def _start(self, work: Callable[[ChunkingProcess], None], process: ChunkingProcess) -> None:
        thread = threading.Thread(target=work, args=(process,), name="codekin-ahead", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _end(self, failure: str) -> None:
        with self._changed:
            if self._ended:
                return
            self._ended, self.failure = True, failure
            self._changed.notify_all()
        if failure:
            _log.warning("The read-ahead process %s. Indexing continues without it.", failure)

    def _receive(self, process: ChunkingProcess) -> None:
        try:
            if process.wait_until_ready():
                self._start(self._send, process)
            while (answer := process.receive()) is not None:
                with self._changed:
                    source = self._unanswered.popleft()
                    self._answers[source.path] = answer
                    self._unanswered_bytes -= source.size_bytes
                    self._last_answer_s = time.monotonic()
                    self._changed.notify_all()
        finally:
            cause = process.how_it_ended()
            with self._changed:
                if cause and self._unanswered:
                    self._suspects.add(self._unanswered[0].path)
            self._end(f"took more than {_TIMEOUT_S:g} s for one file and was ended" if self._too_slow else cause)

    def _send(self, process: ChunkingProcess) -> None:
        try:
            while request := self._next_request():
                with self._changed:
                    if not self._unanswered:
                        self._last_answer_s = time.monotonic()
                    self._unanswered.extend(request)
                    self._unanswered_bytes += sum(source.size_bytes for source in request)
                process.send([(source.path, source.text) for source in request])
        except OSError:
            return  # The process has ended, which the other thread reports.
        finally:
            process.finish()

    def _next_request(self) -> list[Source]:
        """Read the files to send next; empty if nothing is left or the process has ended."""
        request: list[Source] = []
        size_bytes = 0
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._has_room())
        while size_bytes < _REQUEST_BYTES and (path := self._next_path()):
            source = read_source(self._root, path, self._max_file_bytes)
            with self._changed:
                if isinstance(source, Skipped):
                    self._answers[path] = source
                    self._changed.notify_all()
                    continue
                self._in_process[path] = source
                self._window_bytes += source.size_bytes
            request.append(source)
            size_bytes += source.size_bytes
        return request

    def _has_room(self) -> bool:
        return self._unanswered_bytes < _MAX_UNANSWERED_BYTES and self._window_bytes < _MAX_WINDOW_BYTES

    def _next_path(self) -> str:
        """Take the first unclaimed file; return "" if there is none."""
        with self._changed:
            path = "" if self._ended else next(iter(self._unclaimed), "")
            if path:
                del self._unclaimed[path]
                self._in_process[path] = None
            return path


def _outcome(source: Source | None, answer: bytes | str | Skipped | None) -> Prepared | Skipped | None:
    if source and isinstance(answer, bytes | str):
        return prepare_source(source, unpack_redacted(answer) if isinstance(answer, bytes) else answer)
    return answer if isinstance(answer, Skipped) else None
