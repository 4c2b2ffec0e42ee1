"""The stream of changes, from the operating system where it has one, else by looking again and again."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from watchdog.events import (
    EVENT_TYPE_CLOSED_NO_WRITE,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MOVED,
    EVENT_TYPE_OPENED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from codekin.domain.values import FileChange, FileEvent
from codekin.watching.debounce import Debounce
from codekin.watching.rules import IGNORE_FILES, Rules

Mode = Literal["off", "native", "polling"]
_POLL_INTERVAL_S = 2.0
_STOP_TIMEOUT_S = 5.0
_LIMIT_ERRORS = frozenset((errno.ENOSPC, errno.EMFILE, errno.ENFILE))


class Watcher:
    """Delivers batches from a thread of its own. A deleted or renamed folder is one DELETED event for all below it; a new
    folder is a CHANGED event for each file in it. `on_rescan` is called when an ignore file changed.
    """

    def __init__(
        self,
        root: Path,
        rules: Rules,
        on_batch: Callable[[Sequence[FileEvent]], None],
        *,
        on_rescan: Callable[[], None],
        debounce_ms: int,
        polling: bool = False,
    ) -> None:
        self._root = root
        self._rules = rules
        self._on_batch = on_batch
        self._on_rescan = on_rescan
        self._debounce = Debounce(debounce_ms)
        self._wake = threading.Event()
        self._stopping = False
        self._polling = polling
        self._observer: BaseObserver | None = None
        self._delivery = threading.Thread(target=self._deliver, name="codekin-watch", daemon=True)
        self.mode: Mode = "off"
        self.reason = ""

    def start(self) -> None:
        """Begins to watch; falls back to polling, with a `reason`, where the system gives no more watches."""
        if not self._polling:
            try:
                self._observe(Observer())
                self.mode = "native"
            except OSError as error:
                self.reason = _why_polling(error)
        if self.mode == "off":
            self._observe(PollingObserver(timeout=_POLL_INTERVAL_S))
            self.mode = "polling"
        self._delivery.start()

    def stop(self) -> None:
        """Ends both threads; what was collected and not delivered is dropped (the next start reconciles)."""
        self._stopping = True
        self._wake.set()
        if self._observer:
            self._observer.stop()
            self._observer.join(_STOP_TIMEOUT_S)
        if self._delivery.is_alive():
            self._delivery.join(_STOP_TIMEOUT_S)
        self.mode = "off"

    def note(self, path: str, change: FileChange) -> None:
        """Takes up one change, as the operating system's events do."""
        if path.rpartition("/")[2] in IGNORE_FILES:
            self._on_rescan()
        self._debounce.add(path, change)
        self._wake.set()

    def watch_folder(self, path: str) -> None:
        """Starts to watch a folder right below the root that has just appeared."""
        if self._observer and "/" not in path and sys.platform.startswith("linux"):
            try:
                self._observer.schedule(_Handler(self, self._root, self._rules), str(self._root / path), recursive=True)
            except OSError as error:
                self.reason = _why_polling(error)

    def _observe(self, observer: BaseObserver) -> None:
        handler = _Handler(self, self._root, self._rules)
        try:
            if sys.platform.startswith("linux") and not isinstance(observer, PollingObserver):
                # Each folder costs a watch there: what is excluded at the top (node_modules, .git) must not take any.
                observer.schedule(handler, str(self._root), recursive=False)
                for entry in os.scandir(self._root):
                    if entry.is_dir(follow_symlinks=False) and self._rules.verdict(entry.name, is_dir=True) is None:
                        observer.schedule(handler, entry.path, recursive=True)
            else:
                observer.schedule(handler, str(self._root), recursive=True)
            observer.start()
        except OSError:
            observer.unschedule_all()
            raise
        self._observer = observer

    def _deliver(self) -> None:
        while not self._stopping:
            due_in_s = self._debounce.due_in_s()
            if due_in_s == 0.0:
                self._on_batch(self._debounce.take())
                continue
            self._wake.wait(due_in_s)
            self._wake.clear()


class _Handler(FileSystemEventHandler):
    def __init__(self, watcher: Watcher, root: Path, rules: Rules) -> None:
        self._watcher = watcher
        self._root = os.fspath(root)
        self._rules = rules

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in (EVENT_TYPE_OPENED, EVENT_TYPE_CLOSED_NO_WRITE):
            return
        source = os.fsdecode(event.src_path)
        if event.event_type == EVENT_TYPE_MOVED:
            self._gone(source, is_dir=event.is_directory)
            self._came(os.fsdecode(event.dest_path), is_dir=event.is_directory)
        elif event.event_type == EVENT_TYPE_DELETED:
            self._gone(source, is_dir=event.is_directory)
        else:
            self._came(source, is_dir=event.is_directory and event.event_type == "created")

    def _gone(self, absolute: str, *, is_dir: bool) -> None:
        path = self._relative(absolute)
        if path and self._rules.verdict(path, is_dir=is_dir) is None:
            self._watcher.note(path, FileChange.DELETED)

    def _came(self, absolute: str, *, is_dir: bool) -> None:
        path = self._relative(absolute)
        if not path or Path(absolute).is_symlink():
            return
        if not Path(absolute).is_dir():
            if self._rules.verdict(path, is_dir=False) is None or path.rpartition("/")[2] in IGNORE_FILES:
                self._watcher.note(path, FileChange.CHANGED)
        elif is_dir and self._rules.verdict(path, is_dir=True) is None:
            self._watcher.watch_folder(path)
            for folder, _, files in os.walk(absolute):
                for name in files:
                    self._came(str(Path(folder) / name), is_dir=False)

    def _relative(self, absolute: str) -> str:
        if not absolute.startswith(self._root + os.sep):
            return ""
        return absolute[len(self._root) + 1 :].replace(os.sep, "/")


def _why_polling(error: OSError) -> str:
    if error.errno in _LIMIT_ERRORS:
        return (
            "The system gives no more file watches (inotify limit), so changes are found by polling every "
            f"{_POLL_INTERVAL_S:g} s. Remedy: raise fs.inotify.max_user_watches, for example "
            "`sudo sysctl fs.inotify.max_user_watches=524288`"
        )
    return f"Files cannot be watched ({error.strerror}), so changes are found by polling every {_POLL_INTERVAL_S:g} s"
