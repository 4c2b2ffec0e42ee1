"""The commit that a work tree is on, and whether its tracked files differ from it.

Git reads no file of the work tree, so no filter of the repository runs: sizes, times and, where
these differ, contents are compared here with git's index.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codekin.errors import HistoryError
from codekin.git import read_bounded
from codekin.history.git import Git, open_git

_LIMIT_S = 5.0
_MAX_BYTES = 1 << 27
_MAX_HASHED_BYTES = 4_000_000
_MAX_HASHED = 200
"""Number of files whose contents are compared; beyond it, the work tree counts as changed."""
_SKIPPED = 1 << 30 | 1 << 15
"""Flags of files that git does not check."""
_ENTRY = re.compile(
    rb"(?P<mode>\d{6}) (?P<id>[0-9a-f]{40,64}) (?P<stage>\d)\t(?P<path>[^\0]+)\0"
    rb"\s*ctime: \d+:\d+\s*mtime: (?P<s>\d+):(?P<ns>\d+)\s*dev: \d+\tino: \d+\s*uid: \d+\tgid: \d+"
    rb"\s*size: (?P<size>\d+)\tflags: (?P<flags>[0-9a-f]+)\n"
)
_LINK, _SUBMODULE = b"120000", b"160000"


@dataclass(frozen=True, slots=True)
class WorktreeState:
    """The checked-out commit, "" before the first one, and whether tracked files were changed."""

    sha: str
    dirty: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    path: bytes
    object_id: str
    mtime_ns: int
    size: int


def worktree_state(root: Path) -> WorktreeState | None:
    """Return the state of the work tree that contains a folder, or None outside a repository.

    Only changes inside the folder count. Raises HistoryError.
    """
    git = open_git(root, deadline_s=_LIMIT_S)
    if git is None or git.directory.top is None:
        return None
    try:
        sha = git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except HistoryError:  # git exits silently before the first commit
        return WorktreeState("", dirty=True)
    staged = git.data("diff-index", "--cached", "--name-only", "-z", sha, *git.scope, limit_bytes=_MAX_BYTES)
    return WorktreeState(sha, dirty=bool(staged) or _differs(git, git.directory.top))


def _differs(git: Git, top: Path) -> bool:
    index = git.directory.directory / "index"
    try:
        written_ns = index.stat().st_mtime_ns
    except OSError:
        return False  # nothing is tracked
    hashed = 0
    for entry in _entries(git):
        try:
            status = os.lstat(os.path.join(os.fsencode(top), entry.path))  # noqa: PTH118 - bytes
        except OSError:
            return True
        if status.st_size != entry.size:
            return True
        if status.st_mtime_ns == entry.mtime_ns and status.st_mtime_ns < written_ns:
            continue
        hashed += 1
        if hashed > _MAX_HASHED or not _has_content(top, entry):
            return True
    return False


def _entries(git: Git) -> Iterator[_Entry]:
    listed = git.data("ls-files", "--stage", "--debug", "-z", *git.scope, limit_bytes=_MAX_BYTES)
    for match in _ENTRY.finditer(listed):
        if match["mode"] not in (_LINK, _SUBMODULE) and not int(match["flags"], 16) & _SKIPPED:
            mtime_ns = int(match["s"]) * 1_000_000_000 + int(match["ns"])
            yield _Entry(match["path"], match["id"].decode(), mtime_ns, int(match["size"]))


def _has_content(top: Path, entry: _Entry) -> bool:
    data = read_bounded(top / os.fsdecode(entry.path), _MAX_HASHED_BYTES)
    if data is None:
        return False
    made = hashlib.sha1 if len(entry.object_id) == 40 else hashlib.sha256  # noqa: PLR2004 - digits of a SHA-1
    return made(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == entry.object_id
