"""The stream of changes, from the operating system where it has one, else by looking again and again."""

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
_MOST_WATCHES = (200, 20)
"""Threads that watching may take on Linux. watchdog before 7 also takes one of 128 inotify instances for each, hence the
second try."""
_MANY_CHANGES = 1000
"""Of so many at once, the system may have dropped some: its queue holds 16,384 events, up to five for a file, and tells nobody."""
_log = logging.getLogger(__name__)


class Watcher:
    """Delivers batches from a thread of its own. A deleted or renamed folder is one DELETED event for all below it; a new
    folder is a CHANGED event for each file in it. `on_rescan` is called when an ignore file changed, when `on_batch`
    raised, so that what it did not take is found again, and after a flood of changes, of which some may be lost.
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
        self._look_again = True
        self._delivery = threading.Thread(target=self._deliver, name="codekin-watch", daemon=True)
        self._limit = ""
        self._failure = ""
        self.mode: Mode = "off"
        self.root_gone = False
        """The root was deleted: a folder that takes its place is not watched, though it may look the same to the system."""

    @property
    def reason(self) -> str:
        """What is worse than it could be, in words for the user; "" if nothing is."""
        return " ".join(part for part in (self._limit, self._failure) if part)

    def start(self) -> None:
        """Begins to watch; falls back to polling, with a `reason`, where the system gives no more watches."""
        # A folder that is moved away and back makes watchdog warn of a callback that it replaces, as it should.
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
        """Ends all threads; what was collected and not delivered is dropped (the next start reconciles)."""
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
        """Takes up one change, as the operating system's events do."""
        self._debounce.add(path, change)
        self._wake.set()
        if path.rpartition("/")[2] in IGNORE_FILES:
            self._on_rescan()

    def note_folder(self, path: str) -> None:
        """Has a folder looked at again, and watched if it is there."""
        self._stale_folders.append(path)
        self._wake.set()

    def note_root_gone(self) -> None:
        """Has whoever keeps this watcher begin another one."""
        self.root_gone = True

    def note_failure(self, error: Exception) -> None:
        """Lets the status say that changes were lost; the next batch that gets through takes it back."""
        self._failure = f"Changes could not be handed on ({error!r}); the next full pass finds them."

    def _rules_changed(self) -> None:
        self._look_again = True
        self._wake.set()

    def _start_native(self) -> None:
        for most in _MOST_WATCHES:
            try:
                self._observe(Observer(), most)
            except RecursionError:  # watchdog walks down by calling itself
                self._limit = why_polling(OSError(errno.ELOOP, "folders are nested too deeply"), _POLL_INTERVAL_S)
                return
            except OSError as error:
                self._limit = why_polling(error, _POLL_INTERVAL_S)
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    return
            else:
                self.mode, self._limit = "native", ""
                return

    def _observe(self, observer: BaseObserver, most: int) -> None:
        try:
            observer.start()
            if sys.platform.startswith("linux"):
                self._folders = WatchedFolders(observer, self._handler, self._root, self._rules, most=most)
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
            except Exception as error:  # noqa: BLE001 - whatever the receiver raises, later changes must get through
                _log.exception("Changes in %s could not be handed on", self._root)
                self.note_failure(error)
                self._ask_for_rescan()
                continue
            self._wake.wait(due_in_s)
            self._wake.clear()

    def _ask_for_rescan(self) -> None:
        try:
            self._on_rescan()
        except Exception:  # noqa: BLE001 - likewise
            _log.exception("A full pass over %s could not be asked for", self._root)

    def _follow_folders(self) -> None:
        if self._look_again:
            self._look_again = False
            self._stale_folders.extend(self._folders.missing() if self._folders else ())
        looked_at: set[str] = set()
        while self._stale_folders and not self._stopping:
            path = self._stale_folders.popleft()
            self._watch(path)
            for file in files_below(self._root, self._rules, path):
                self.note(file, FileChange.CHANGED)
            looked_at.add(path)
            if not self._stale_folders and self._folders:
                # Folders made in the moment between the look at their parent and its watch: no event told of them.
                self._stale_folders.extend(child for child in self._folders.missing() if child not in looked_at)
        if looked_at:
            self._watch(None)

    def _watch(self, path: str | None) -> None:
        """Watches a folder, or with None asks whether there are watches left."""
        if self._folders is None or self._observer is None:
            return
        try:
            if path is None:
                try_one_more(self._observer, self._root)
            elif self._rules.verdict(path, is_dir=True) is None:
                self._folders.add(path)
            else:
                self._folders.leave_out(path)
        except OSError as error:
            self._limit = why_not_all(error)
