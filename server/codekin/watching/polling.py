"""Looking again and again at what belongs to the index, and at nothing else: where the system gives no watches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from watchdog.observers.polling import PollingObserverVFS

from codekin.files.rules import Rules

_MAX_DEPTH = 200
"""Of folders in each other: watchdog's snapshot calls itself for each, and Python ends it after some 1,000 calls."""


def polling_observer(root: Path, rules: Rules, interval_s: float) -> PollingObserverVFS:
    """Enters no excluded folder and follows no link: either may hold far more than the index does, or have no end."""
    return PollingObserverVFS(os.lstat, lister(root, rules), polling_interval=interval_s)


def lister(root: Path, rules: Rules) -> Callable[[str | None], Iterator[os.DirEntry[str]]]:
    """A `scandir` for folders below the root that leaves out excluded ones. A folder that cannot be read counts as empty:
    an error would end the watch of all others. Full passes report it.
    """
    top = os.fspath(root)

    def belongs(entry: os.DirEntry[str]) -> bool:
        if rules.system.is_link(entry):
            return entry.is_symlink()  # which is looked at as a link; a junction would be walked through
        if not entry.is_dir(follow_symlinks=False):
            return True
        path = rules.system.relative(top, entry.path)
        return path.count("/") < _MAX_DEPTH and rules.verdict(path, is_dir=True) is None

    def listed(folder: str | None) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return iter([entry for entry in entries if belongs(entry)])
        except OSError:
            if folder == top:
                raise
            return iter(())

    return listed
