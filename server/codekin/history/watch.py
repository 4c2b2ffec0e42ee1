"""When to look at the history again, found out without running git: a glance at the files that it writes."""

from __future__ import annotations

from pathlib import Path

from codekin.errors import GitError
from codekin.git import find_git_directory, read_bounded

Stamp = tuple[tuple[int, int], ...]
_OWN = ("HEAD", "logs/HEAD")
_SHARED = ("packed-refs", "FETCH_HEAD", "reftable/tables.list")
_HEAD_BYTES = 4_096


def head_stamp(root: Path) -> Stamp:
    """Differs once the checked-out commit, the branch or what was fetched may be another; () outside a repository and where
    its `.git` leads nowhere.
    """
    try:
        found = find_git_directory(root)
    except GitError:
        return ()  # whoever reads the history is told why
    if found is None:
        return ()
    head = (read_bounded(found.directory / "HEAD", _HEAD_BYTES) or b"").decode("utf-8", "surrogateescape")
    branch = head.split("\n", 1)[0].removeprefix("ref:").strip()
    files = (*(found.directory / name for name in _OWN), *(found.common / name for name in (*_SHARED, branch)))
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except (OSError, ValueError):
        return 0, 0
    return status.st_mtime_ns, status.st_size
