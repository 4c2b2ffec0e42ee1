"""Polling of the files that belong to the index, for systems without watches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from watchdog.observers.polling import PollingObserverVFS

from codekin.files.rules import Rules

_MAX_DEPTH = 200
"""Maximum depth of nested folders.

watchdog's snapshot is recursive, and Python limits recursion to about 1,000 calls.
"""


def polling_observer(root: Path, rules: Rules, interval_s: float) -> PollingObserverVFS:
    """Return an observer that enters no excluded folder and follows no link.

    Either may contain far more files than the index, or have no end.
    """
    return PollingObserverVFS(os.lstat, lister(root, rules), polling_interval=interval_s)


def lister(root: Path, rules: Rules) -> Callable[[str | None], Iterator[os.DirEntry[str]]]:
    """Return a `scandir` that omits excluded folders.

    A folder below the root that cannot be read counts as empty, because an error would end the
    watch of all others. Full passes report it.
    """
    top = os.fspath(root)

    def is_included(entry: os.DirEntry[str]) -> bool:
        if rules.system.is_link(entry):
            return entry.is_symlink()  # a link is not followed, but a junction would be
        if not entry.is_dir(follow_symlinks=False):
            return True
        path = rules.system.relative(top, entry.path)
        return path.count("/") < _MAX_DEPTH and rules.verdict(path, is_dir=True) is None

    def listed(folder: str | None) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return iter([entry for entry in entries if is_included(entry)])
        except OSError:
            if folder == top:
                raise
            return iter(())

    return listed
