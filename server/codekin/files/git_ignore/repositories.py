"""The kinds of folders git knows: work trees, submodules, linked worktrees, bare repositories."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass

from codekin.files.small_files import read_small

_MAX_POINTER_BYTES = 8_192
"""Maximum size of a `.git` file, which contains one path."""
_MAX_HEAD_BYTES = 256
_POINTER = "gitdir: "
_HEAD = re.compile(r"ref:\s*refs/|[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Repository:
    """The folders of a repository, as absolute paths.

    A linked worktree has its own `git_dir` and shares the `common_dir`; otherwise both are the
    same.
    """

    top: str
    git_dir: str
    common_dir: str

    @property
    def is_linked(self) -> bool:
        """Whether the work tree was created by `git worktree add`."""
        return self.git_dir != self.common_dir


def repository_at(folder: str) -> Repository | None:
    """Return the repository whose work tree begins in this folder, or None if git accepts none."""
    entry = os.path.join(folder, ".git")
    git_dir = entry if os.path.isdir(entry) else pointed_at(folder)
    common_dir = _common_dir(git_dir) if git_dir else ""
    if not git_dir or not common_dir:
        return None
    return Repository(folder, git_dir, common_dir)


def enclosing(folder: str) -> Repository | None:
    """Return the repository of a folder or of the nearest folder above it, or None."""
    while True:
        found = repository_at(folder)
        above = os.path.dirname(folder)
        if found or above == folder:
            return found
        folder = above


def pointed_at(folder: str) -> str:
    """Return the target of the folder's `.git` file, or "" without such a file.

    The target may not exist.
    """
    try:
        text = os.fsdecode(read_small(os.path.join(folder, ".git"), _MAX_POINTER_BYTES).data)
    except OSError:
        return ""
    if not text.startswith(_POINTER) or "\0" in text:
        return ""
    return os.path.normpath(os.path.join(folder, text[len(_POINTER) :].rstrip("\r\n")))


def is_worktree_of(folder: str, repository: Repository | None, of: Repository) -> bool:
    """Return whether a folder with a `.git` file is another worktree of a repository.

    Worktrees of its submodules count too. If its path is of another machine, as in a container, it
    is recognised by its name among the repository's worktrees.
    """
    if repository:
        family = os.path.realpath(of.common_dir)
        common = os.path.realpath(repository.common_dir)
        return repository.is_linked and (common == family or common.startswith(os.path.join(family, "")))
    target = pointed_at(folder)
    parent, name = os.path.split(target)
    return os.path.basename(parent) == "worktrees" and os.path.isdir(os.path.join(of.common_dir, "worktrees", name))


def is_bare(folder: str, names: Collection[str] | None = None) -> bool:
    """Return whether the folder is a git directory itself.

    `names` are its entries, if known already.
    """
    if names is not None and not {"HEAD", "objects", "refs"}.issubset(names):
        return False
    return bool(_common_dir(folder))


def branch_of(repository: Repository) -> str:
    """Return the name of the checked-out branch, or "" if there is none."""
    head = _first_line(os.path.join(repository.git_dir, "HEAD"), _MAX_HEAD_BYTES)
    target = head.removeprefix("ref:").strip()
    return target.removeprefix("refs/heads/") if head.startswith("ref:") and target.startswith("refs/heads/") else ""


def _common_dir(git_dir: str) -> str:
    """Return the common directory of a git directory, or "" if git would not accept it.

    It needs a HEAD, and objects and refs in it or in the folder it shares.
    """
    if not _is_head(os.path.join(git_dir, "HEAD")):
        return ""
    shared = _first_line(os.path.join(git_dir, "commondir"), _MAX_POINTER_BYTES)
    common = os.path.normpath(os.path.join(git_dir, shared)) if shared else git_dir
    has_all = all(os.path.isdir(os.path.join(common, name)) for name in ("objects", "refs"))
    return common if has_all else ""


def _is_head(path: str) -> bool:
    try:
        target = os.readlink(path)
    except (OSError, ValueError):  # usually not a link
        target = ""
    return target.startswith("refs/") or _HEAD.match(_first_line(path, _MAX_HEAD_BYTES)) is not None


def _first_line(path: str, limit_bytes: int) -> str:
    """Return the first line without its end, or "" if the file cannot be read."""
    try:
        return os.fsdecode(read_small(path, limit_bytes).data).partition("\n")[0].rstrip("\r")
    except OSError:
        return ""
