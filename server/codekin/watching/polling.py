"""Looking again and again at what belongs to the index, and at nothing else: where the system gives no watches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from watchdog.observers.polling import PollingObserverVFS

from codekin.watching.rules import Rules


def polling_observer(root: Path, rules: Rules, interval_s: float) -> PollingObserverVFS:
    """Enters no excluded folder and follows no link: either may hold far more than the index does, or have no end."""
    return PollingObserverVFS(os.lstat, lister(root, rules), polling_interval=interval_s)


def lister(root: Path, rules: Rules) -> Callable[[str | None], Iterator[os.DirEntry[str]]]:
    """A `scandir` for folders below the root that leaves out excluded ones."""
    cut = len(str(root)) + 1

    def belongs(entry: os.DirEntry[str]) -> bool:
        if not entry.is_dir(follow_symlinks=False):
            return True
        return rules.verdict(entry.path[cut:].replace(os.sep, "/"), is_dir=True) is None

    def listed(folder: str | None) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            return iter([entry for entry in entries if belongs(entry)])

    return listed
