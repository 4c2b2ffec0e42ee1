"""The choice of folders to watch on Linux.

A watch of watchdog costs a thread, and one inotify watch for each folder in it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver, ObservedWatch

from codekin.files.rules import Rules
from codekin.watching.events import CHANGES
from codekin.watching.limits import LIMIT_ERRORS

_ATTEMPTS = 3
"""Number of plans for a new folder that is still being filled."""


class WatchedFolders:
    """The watches on a folder and its subfolders, for use by one thread at a time.

    A folder with no excluded tree below it is one recursive watch. A folder with such a tree is
    watched by itself, and each of its included folders separately, so that node_modules uses no
    watches at any depth. If that would take more than `limit` watches in all, the folder is one
    recursive watch. An excluded folder without subfolders, such as __pycache__, is not a tree:
    excluding it would save one watch and cost threads.
    """

    def __init__(
        self, observer: BaseObserver, handler: FileSystemEventHandler, root: Path, rules: Rules, *, limit: int
    ) -> None:
        self._observer = observer
        self._handler = handler
        self._root = root
        self._rules = rules
        self._limit = limit
        self._watches: dict[str, ObservedWatch] = {}
        self._kept_whole: set[str] = set()

    def add(self, path: str) -> None:
        """Watch a folder and the included folders below it, if it exists.

        A previous watch at this path is for another folder and is replaced. Raises OSError if the
        system has no more watches.
        """
        self._drop(path)
        if self._covering(path) is not None or not _is_folder(self._root / path):
            return
        children = _split(self._root, self._rules, path)
        for _ in range(_ATTEMPTS):
            for folder, recursive in self._plan(path, children):
                self._schedule(folder, recursive=recursive)
            # An excluded tree that appeared between the plan and the watch caused no event.
            planned, children = children, _split(self._root, self._rules, path) if path else children
            if children == planned:
                return
            self._drop(path)
        self._schedule(path, recursive=True)

    def exclude(self, path: str) -> None:
        """Replace the recursive watch around a new excluded folder, if any, by smaller ones."""
        top = self._covering(path)
        if top is None or top in self._kept_whole or not self._is_tree(path):
            return
        plan = self._plan(top, _split(self._root, self._rules, top))
        if plan[0] == (top, True):
            self._kept_whole.add(
                top
            )  # the limit is reached; an installation of 10,000 folders must not recompute this each time
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
        """Return the included folders that are not watched.

        They appeared before their parent was watched, or the rules changed.
        """
        alone = [path for path, watch in self._watches.items() if not watch.is_recursive]
        children = (
            child for path in alone for child, included in folders_in(self._root, self._rules, path) if included
        )
        return [child for child in children if child not in self._watches]

    def _schedule(self, path: str, *, recursive: bool) -> None:
        try:
            folder = str(self._root / path)
            watch = self._observer.schedule(self._handler, folder, recursive=recursive, event_filter=CHANGES)
        except OSError as error:
            if path and error.errno not in LIMIT_ERRORS:
                return  # deleted again, which causes its own event, or unreadable; watching goes on
            raise
        self._watches[path] = watch

    def _is_tree(self, excluded: str) -> bool:
        parent = excluded.rpartition("/")[0]
        return self._rules.verdict(parent, is_dir=True) is not None or _has_folders(self._root / excluded)

    def _drop(self, top: str) -> None:
        self._kept_whole.clear()
        for path in [known for known in self._watches if not top or known == top or known.startswith(f"{top}/")]:
            self._observer.unschedule(self._watches.pop(path))

    def _covering(self, path: str) -> str | None:
        """Return the folder above the path whose recursive watch includes it, or None."""
        while path:
            path = path.rpartition("/")[0]
            watch = self._watches.get(path)
            if watch is not None and watch.is_recursive:
                return path
        return None

    def _plan(self, top: str, children: Mapping[str, Sequence[str]]) -> list[tuple[str, bool]]:
        """Return (folder, whether its watch is recursive) for each watch, `top` first.

        `children` is what `_split` returns.
        """
        plan: list[tuple[str, bool]] = []
        pending = deque([top])
        used = len(self._watches) + 1
        while pending:
            folder = pending.popleft()
            split = folder in children and used + len(children[folder]) <= self._limit
            plan.append((folder, not split))
            if split:
                used += len(children[folder])
                pending.extend(children[folder])
        return plan


def folders_in(root: Path, rules: Rules, path: str) -> Iterator[tuple[str, bool]]:
    """Yield (folder, whether it is included) for each direct subfolder.

    Yields nothing for an unreadable folder.
    """
    with suppress(OSError), os.scandir(root / path) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False) and not rules.system.is_link(entry):
                child = f"{path}/{entry.name}" if path else entry.name
                yield child, rules.verdict(child, is_dir=True) is None


def _split(root: Path, rules: Rules, top: str) -> dict[str, list[str]]:
    """Return each folder at or below `top` that contains an excluded tree.

    The value is the list of its included direct subfolders.
    """
    inside: dict[str, list[str]] = {}
    split: set[str] = set()
    pending = [top]
    while pending:
        folder = pending.pop()
        inside[folder] = []
        for child, included in folders_in(root, rules, folder):
            if included:
                inside[folder].append(child)
            elif _has_folders(root / child):
                split.add(folder)
        pending.extend(inside[folder])
    for folder in reversed(inside):  # parents were added before their children
        if any(child in split for child in inside[folder]):
            split.add(folder)
    return {folder: inside[folder] for folder in split}


def _has_folders(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.is_dir(follow_symlinks=False) for entry in entries)
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
