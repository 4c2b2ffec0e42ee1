"""The stream of changes, from events of the operating system or from polling."""

from __future__ import annotations

import errno
import logging
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from codekin.domain.values import FileChange, FileEvent
from codekin.files.rules import IGNORE_FILES, Rules
from codekin.watching.debounce import Debounce
from codekin.watching.events import CHANGES, Handler, files_below
from codekin.watching.limits import try_one_more, why_not_all, why_polling
from codekin.watching.polling import polling_observer
from codekin.watching.watch_plan import WatchedFolders

Mode = Literal["off", "native", "polling"]
_POLL_INTERVAL_S = 2.0
_STOP_TIMEOUT_S = 5.0
_WATCH_LIMITS = (200, 20)
"""Maximum number of threads for watches on Linux, for the first and the second attempt.

watchdog before 7 also uses one of 128 inotify instances for each.
"""
_MANY_CHANGES = 1000
"""Size of a batch above which the system may have dropped events without notice.

Its queue has 16,384 entries, and a file takes up to five.
"""
_log = logging.getLogger(__name__)


class Watcher:
    """Delivers batches of changes from its own thread.

    A deleted or renamed folder is one DELETED event for everything below it. A new folder is a
    CHANGED event for each of its files. `on_rescan` is called when an ignore file changed, when
    `on_batch` raised (so that its changes are found again), and after a batch of at least 1,000
    changes, in case some were lost.
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
        self._handler = Handler(self, root, rules)
        self._observer: BaseObserver | None = None
        self._folders: WatchedFolders | None = None
        self._stale_folders: deque[str] = deque()
        self._find_missing = True
        self._delivery = threading.Thread(target=self._deliver, name="codekin-watch", daemon=True)
        self._limit = ""
        self._failure = ""
        self.mode: Mode = "off"
        self.root_gone = False
        """Whether the root was deleted.

        A folder created in its place is not watched, though the system may report it as the same.
        """

    @property
    def reason(self) -> str:
        """The status reason for limited watching, or "" if there is none."""
        return " ".join(part for part in (self._limit, self._failure) if part)

    def start(self) -> None:
        """Begin to watch, or to poll (with a `reason`) if the system has no more watches."""
        # watchdog warns when a folder moves away and back, because its callback is replaced.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.")
        if not self._polling:
            self._start_native()
        if self.mode == "off":
            self._observer = polling_observer(self._root, self._rules, _POLL_INTERVAL_S)
            self._observer.schedule(self._handler, str(self._root), recursive=True, event_filter=CHANGES)
            self._observer.start()
            self.mode = "polling"
        self._rules.listen(self._rules_changed)
        self._delivery.start()

    def stop(self) -> None:
        """End all threads and drop undelivered changes.

        The next start finds them by a full pass.
        """
        self._stopping = True
        self._rules.listen(None)
        self._wake.set()
        if self._delivery.is_alive():
            self._delivery.join(_STOP_TIMEOUT_S)
        if self._observer:
            self._observer.stop()
            self._observer.join(_STOP_TIMEOUT_S)
        self.mode = "off"

    def note(self, path: str, change: FileChange) -> None:
        """Add one change, as events of the operating system do."""
        self._debounce.add(path, change)
        self._wake.set()
        if path.rpartition("/")[2] in IGNORE_FILES:
            self._on_rescan()

    def note_folder(self, path: str) -> None:
        """Scan a folder again, and watch it if it exists."""
        self._stale_folders.append(path)
        self._wake.set()

    def note_root_gone(self) -> None:
        """Record that the root is gone, so that the owner creates another watcher."""
        self.root_gone = True

    def note_failure(self, error: Exception) -> None:
        """Report in the status that changes were lost, until the next batch is delivered."""
        self._failure = f"Could not process changes ({error!r}). The next full pass finds them."

    def _rules_changed(self) -> None:
        self._find_missing = True
        self._wake.set()

    def _start_native(self) -> None:
        for limit in _WATCH_LIMITS:
            try:
                self._observe(Observer(), limit)
            except RecursionError:  # watchdog is recursive
                self._limit = why_polling(OSError(errno.ELOOP, "folders are nested too deeply"), _POLL_INTERVAL_S)
                return
            except OSError as error:
                self._limit = why_polling(error, _POLL_INTERVAL_S)
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    return
            else:
                self.mode, self._limit = "native", ""
                return

    def _observe(self, observer: BaseObserver, limit: int) -> None:
        try:
            observer.start()
            if sys.platform.startswith("linux"):
                self._folders = WatchedFolders(observer, self._handler, self._root, self._rules, limit=limit)
                self._folders.add("")
                try_one_more(observer, self._root)
            else:
                observer.schedule(self._handler, str(self._root), recursive=True, event_filter=CHANGES)
        except (OSError, RecursionError):
            self._folders = None
            observer.stop()
            if observer.is_alive():
                observer.join(_STOP_TIMEOUT_S)
            raise
        self._observer = observer

    def _deliver(self) -> None:
        while not self._stopping:
            try:
                self._follow_folders()
                due_in_s = self._debounce.due_in_s()
                if due_in_s == 0.0:
                    batch = self._debounce.take()
                    self._on_batch(batch)
                    if len(batch) >= _MANY_CHANGES:
                        self._on_rescan()
                    self._failure = ""
                    continue
            except Exception as error:  # noqa: BLE001 - later changes must be delivered whatever the receiver raises
                _log.exception("Could not process changes in %s", self._root)
                self.note_failure(error)
                self._request_rescan()
                continue
            self._wake.wait(due_in_s)
            self._wake.clear()

    def _request_rescan(self) -> None:
        try:
            self._on_rescan()
        except Exception:  # noqa: BLE001 - as above
            _log.exception("Could not request a full pass over %s", self._root)

    def _follow_folders(self) -> None:
        if self._find_missing:
            self._find_missing = False
            self._stale_folders.extend(self._folders.missing() if self._folders else ())
        scanned: set[str] = set()
        while self._stale_folders and not self._stopping:
            path = self._stale_folders.popleft()
            self._watch(path)
            for file in files_below(self._root, self._rules, path):
                self.note(file, FileChange.CHANGED)
            scanned.add(path)
            if not self._stale_folders and self._folders:
                # Folders created between the scan of their parent and its watch cause no event.
                self._stale_folders.extend(child for child in self._folders.missing() if child not in scanned)
        if scanned:
            self._watch(None)

    def _watch(self, path: str | None) -> None:
        """Watch a folder or, with None, check that watches are available."""
        if self._folders is None or self._observer is None:
            return
        try:
            if path is None:
                try_one_more(self._observer, self._root)
            elif self._rules.verdict(path, is_dir=True) is None:
                self._folders.add(path)
            else:
                self._folders.exclude(path)
        except OSError as error:
            self._limit = why_not_all(error)
