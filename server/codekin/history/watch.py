"""Detecting changes of the history without running git, from the files that git writes."""

from __future__ import annotations

from pathlib import Path

from codekin.errors import GitError
from codekin.git import find_git_directory, read_bounded

Stamp = tuple[tuple[int, int], ...]
_OWN = ("HEAD", "logs/HEAD")
_SHARED = ("packed-refs", "FETCH_HEAD", "reftable/tables.list")
_HEAD_BYTES = 4_096


def head_stamp(root: Path) -> Stamp:
    """Return a value that changes when the history may have changed.

    It differs once the checked-out commit, the branch or the fetched refs may be different. Returns
    () outside a repository and if its `.git` is invalid.
    """
    try:
        found = find_git_directory(root)
    except GitError:
        return ()  # reading the history reports the reason
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
