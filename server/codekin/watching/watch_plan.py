"""Which folders are watched on Linux. A watch of watchdog's costs a thread, and one inotify watch for each folder in it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver, ObservedWatch

from codekin.files.rules import Rules
from codekin.watching.events import CHANGES
from codekin.watching.limits import LIMIT_ERRORS


class WatchedFolders:
    """A folder with no excluded tree below it is one recursive watch. One with such a tree is watched alone, and each
    folder in it for itself, so that node_modules takes no watches however deep it lies; when that would take more than
    `most` watches in all, the folder is watched as a whole. An excluded folder without folders in it, as __pycache__, is
    no tree: leaving it out would save one watch and cost threads. To be used from one thread at a time.
    """

    def __init__(
        self, observer: BaseObserver, handler: FileSystemEventHandler, root: Path, rules: Rules, *, most: int
    ) -> None:
        self._observer = observer
        self._handler = handler
        self._root = root
        self._rules = rules
        self._most = most
        self._watches: dict[str, ObservedWatch] = {}
        self._whole: set[str] = set()

    def add(self, path: str) -> None:
        """Watches a folder and what is let in below it, if it is there; what was watched at that path before is another
        folder by now. Raises OSError where the system gives no more watches.
        """
        self._drop(path)
        if self._covering(path) is None and _is_folder(self._root / path):
            for folder, recursive in self._plan(path):
                self._schedule(folder, recursive=recursive)

    def leave_out(self, path: str) -> None:
        """An excluded folder has appeared: the recursive watch that it lies in, if any, gives way to smaller ones."""
        top = self._covering(path)
        if top is None or top in self._whole or not self._is_tree(path):
            return
        plan = self._plan(top)
        if plan[0] == (top, True):
            self._whole.add(
                top
            )  # for want of watches: an installation of 10,000 folders must not have it asked each time
            return
        whole = self._watches.pop(top)
        try:
            for folder, recursive in plan:
                self._schedule(folder, recursive=recursive)
        except OSError:
            self._drop(top)
            self._watches[top] = whole
            raise
        self._observer.unschedule(whole)

    def missing(self) -> list[str]:
        """Folders that are let in and not watched: they appeared before their parent was watched, or the rules changed."""
        alone = [path for path, watch in self._watches.items() if not watch.is_recursive]
        children = (child for path in alone for child, let_in in folders_in(self._root, self._rules, path) if let_in)
        return [child for child in children if child not in self._watches]

    def _schedule(self, path: str, *, recursive: bool) -> None:
        try:
            folder = str(self._root / path)
            watch = self._observer.schedule(self._handler, folder, recursive=recursive, event_filter=CHANGES)
        except OSError as error:
            if path and error.errno not in LIMIT_ERRORS:
                return  # gone again, which is an event of its own, or one that nobody may read or name: not a reason to end
            raise
        self._watches[path] = watch

    def _is_tree(self, excluded: str) -> bool:
        parent = excluded.rpartition("/")[0]
        return self._rules.verdict(parent, is_dir=True) is not None or _holds_folders(self._root / excluded)

    def _drop(self, top: str) -> None:
        self._whole.clear()
        for path in [known for known in self._watches if not top or known == top or known.startswith(f"{top}/")]:
            self._observer.unschedule(self._watches.pop(path))

    def _covering(self, path: str) -> str | None:
        """The folder above the path whose recursive watch takes in everything below it."""
        while path:
            path = path.rpartition("/")[0]
            watch = self._watches.get(path)
            if watch is not None and watch.is_recursive:
                return path
        return None

    def _plan(self, top: str) -> list[tuple[str, bool]]:
        """(folder, whether recursively), `top` first."""
        children = _split(self._root, self._rules, top)
        plan: list[tuple[str, bool]] = []
        waiting = deque([top])
        used = len(self._watches) + 1
        while waiting:
            folder = waiting.popleft()
            split = folder in children and used + len(children[folder]) <= self._most
            plan.append((folder, not split))
            if split:
                used += len(children[folder])
                waiting.extend(children[folder])
        return plan


def folders_in(root: Path, rules: Rules, path: str) -> Iterator[tuple[str, bool]]:
    """(folder, whether the rules let it in) for each folder right in one; none where it cannot be read."""
    with suppress(OSError), os.scandir(root / path) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False) and not rules.system.is_link(entry):
                child = f"{path}/{entry.name}" if path else entry.name
                yield child, rules.verdict(child, is_dir=True) is None


def _split(root: Path, rules: Rules, top: str) -> dict[str, list[str]]:
    """Each folder at or below `top` that has an excluded tree below it, with the folders right in it that are let in."""
    inside: dict[str, list[str]] = {}
    split: set[str] = set()
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        inside[folder] = []
        for child, let_in in folders_in(root, rules, folder):
            if let_in:
                inside[folder].append(child)
            elif _holds_folders(root / child):
                split.add(folder)
        waiting.extend(inside[folder])
    for folder in reversed(inside):  # what lies deeper came later
        if any(child in split for child in inside[folder]):
            split.add(folder)
    return {folder: inside[folder] for folder in split}


def _holds_folders(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.is_dir(follow_symlinks=False) for entry in entries)
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
