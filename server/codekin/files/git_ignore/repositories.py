"""What a folder is to git: a repository's work tree, a submodule, a linked worktree, a bare repository."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass

from codekin.files.small_files import read_small

_MAX_POINTER_BYTES = 8_192
"""Of a `.git` file, which holds one path."""
_MAX_HEAD_BYTES = 256
_POINTER = "gitdir: "
_HEAD = re.compile(r"ref:\s*refs/|[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Repository:
    """Absolute paths. A linked worktree has its own `git_dir` and shares the `common_dir`; elsewhere both are the same."""

    top: str
    git_dir: str
    common_dir: str

    @property
    def is_linked(self) -> bool:
        """Whether the work tree was made by `git worktree add`."""
        return self.git_dir != self.common_dir


def repository_at(folder: str) -> Repository | None:
    """The repository whose work tree begins in this folder; None where there is none that git accepts."""
    entry = os.path.join(folder, ".git")
    git_dir = entry if os.path.isdir(entry) else pointed_at(folder)
    common_dir = _common_dir(git_dir) if git_dir else ""
    if not git_dir or not common_dir:
        return None
    return Repository(folder, git_dir, common_dir)


def enclosing(folder: str) -> Repository | None:
    """The repository that a folder is in, its own or that of a folder above."""
    while True:
        found = repository_at(folder)
        above = os.path.dirname(folder)
        if found or above == folder:
            return found
        folder = above


def pointed_at(folder: str) -> str:
    """Where the folder's `.git` file points, whether or not there is something; "" without such a file."""
    try:
        text = os.fsdecode(read_small(os.path.join(folder, ".git"), _MAX_POINTER_BYTES).data)
    except OSError:
        return ""
    if not text.startswith(_POINTER) or "\0" in text:
        return ""
    return os.path.normpath(os.path.join(folder, text[len(_POINTER) :].rstrip("\r\n")))


def is_worktree_of(folder: str, repository: Repository | None, of: Repository) -> bool:
    """Whether a folder with a `.git` file is another worktree of a repository, or of one of its submodules.

    One whose path is of another machine, as in a container, is known by its name among the repository's worktrees.
    """
    if repository:
        family = os.path.realpath(of.common_dir)
        common = os.path.realpath(repository.common_dir)
        return repository.is_linked and (common == family or common.startswith(os.path.join(family, "")))
    target = pointed_at(folder)
    parent, name = os.path.split(target)
    return os.path.basename(parent) == "worktrees" and os.path.isdir(os.path.join(of.common_dir, "worktrees", name))


def is_bare(folder: str, names: Collection[str] | None = None) -> bool:
    """Whether the folder is itself what `.git` is elsewhere. `names` are those in it, if they are known already."""
    if names is not None and not {"HEAD", "objects", "refs"}.issubset(names):
        return False
    return bool(_common_dir(folder))


def branch_of(repository: Repository) -> str:
    """The name of the branch at hand, "" where there is none."""
    head = _first_line(os.path.join(repository.git_dir, "HEAD"), _MAX_HEAD_BYTES)
    target = head.removeprefix("ref:").strip()
    return target.removeprefix("refs/heads/") if head.startswith("ref:") and target.startswith("refs/heads/") else ""


def _common_dir(git_dir: str) -> str:
    """What git asks of a repository's own folder: a HEAD, and objects and refs in it or in the folder it shares; "" if not."""
    if not _is_head(os.path.join(git_dir, "HEAD")):
        return ""
    shared = _first_line(os.path.join(git_dir, "commondir"), _MAX_POINTER_BYTES)
    common = os.path.normpath(os.path.join(git_dir, shared)) if shared else git_dir
    has_all = all(os.path.isdir(os.path.join(common, name)) for name in ("objects", "refs"))
    return common if has_all else ""


def _is_head(path: str) -> bool:
    try:
        target = os.readlink(path)
    except (OSError, ValueError):  # no link, which is the rule
        target = ""
    return target.startswith("refs/") or _HEAD.match(_first_line(path, _MAX_HEAD_BYTES)) is not None


def _first_line(path: str, limit_bytes: int) -> str:
    """Without the line end; "" where there is no such file that can be read."""
    try:
        return os.fsdecode(read_small(path, limit_bytes).data).partition("\n")[0].rstrip("\r")
    except OSError:
        return ""
