"""Which repository a folder belongs to, found without running git; what git would wait for is refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codekin.errors import GitError
from codekin.git.reading import read_bounded

_POINTER_BYTES = 4_096 + len("gitdir: \n")
"""A path is no longer than this on any system that git runs on, except Windows with long paths enabled."""


@dataclass(frozen=True, slots=True)
class GitDirectory:
    """`directory` holds HEAD, `common` objects and refs: the same outside linked worktrees. `top` is the folder of the work
    tree, None in a bare repository. All are absolute.
    """

    directory: Path
    common: Path
    top: Path | None


def find_git_directory(folder: Path) -> GitDirectory | None:
    """Of the nearest folder at or above `folder` that is a work tree or a bare repository; None outside a repository.
    Raises GitError where a `.git` is there and leads nowhere.
    """
    for candidate in (folder, *folder.parents):
        entry = candidate / ".git"
        if entry.is_dir():
            if _is_repository(entry):
                return GitDirectory(entry.resolve(), _common(entry), candidate)
        elif entry.exists() or entry.is_symlink():
            directory = _target(entry)
            return GitDirectory(directory, _common(directory), candidate)
        if _is_repository(candidate):
            return GitDirectory(candidate.resolve(), _common(candidate), None)
    return None


def _is_repository(directory: Path) -> bool:
    return (directory / "HEAD").exists() and (
        ((directory / "objects").is_dir() and (directory / "refs").is_dir()) or (directory / "commondir").exists()
    )


def _target(entry: Path) -> Path:
    """Where a `.git` file points to. Raises GitError that says what is wrong with it."""
    data = read_bounded(entry, _POINTER_BYTES)
    if data is None:
        raise GitError(f"{entry} is not a file that git can read. To fix: remove it, or clone the repository again.")
    text = data.decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not text.startswith("gitdir: ") or not text[8:].strip() or "\0" in text or "\n" in text:
        raise GitError(f"{entry} names no git directory. To fix: remove it, or clone the repository again.")
    target = entry.parent / text[8:]
    try:
        known = target.is_dir()
    except OSError:  # a name that is longer than the file system allows
        known = False
    if not known:
        shown = text[8:].encode("utf-8", "replace").decode()
        raise GitError(
            f"{entry} points to {shown[:200]}, which does not exist. History and ignore rules of the repository are not used. "
            "To fix: make that folder available, run `git worktree repair`, or remove the file."
        )
    return target.resolve()


def _common(directory: Path) -> Path:
    """What linked worktrees share: the folder that the file `commondir` names."""
    data = read_bounded(directory / "commondir", _POINTER_BYTES)
    name = (data or b"").decode("utf-8", "surrogateescape").rstrip("\r\n")
    return (directory / name).resolve() if name and "\0" not in name and "\n" not in name else directory.resolve()
