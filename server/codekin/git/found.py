"""Finding the repository of a folder without running git.

Files that git would block on are reported by name.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from codekin.disk import mode_of, read_bounded
from codekin.errors import GitError

_POINTER_BYTES = 4_096 + len("gitdir: \n")
"""Maximum size of a `.git` file in bytes.

No path is longer on any system that git runs on, except Windows with long paths enabled.
"""


@dataclass(frozen=True, slots=True)
class GitDirectory:
    """The folders of a repository, as absolute paths.

    `directory` contains HEAD, `common` objects and refs; they are the same outside linked
    worktrees. `top` is the folder of the work tree, None in a bare repository.
    """

    directory: Path
    common: Path
    top: Path | None

    @classmethod
    def at(cls, directory: Path, top: Path | None) -> GitDirectory:
        """Return the folders of the repository whose HEAD is in `directory`."""
        return cls(directory.resolve(), _common(directory), top)


def find_git_directory(folder: Path) -> GitDirectory | None:
    """Return the repository of the nearest folder at or above `folder`, or None.

    The folder may be a work tree or a bare repository. Raises GitError if a `.git` file is invalid.
    """
    absolute = folder.absolute()
    for candidate in (absolute, *absolute.parents):
        entry = candidate / ".git"
        mode = mode_of(entry)
        if stat.S_ISDIR(mode):
            if _is_repository(entry):
                return GitDirectory.at(entry, candidate)
        elif mode or entry.is_symlink():
            return GitDirectory.at(_target(entry), candidate)
        if _is_repository(candidate):
            return GitDirectory.at(candidate, None)
    return None


def _is_repository(directory: Path) -> bool:
    shared = stat.S_ISDIR(mode_of(directory / "objects")) and stat.S_ISDIR(mode_of(directory / "refs"))
    return mode_of(directory / "HEAD") != 0 and (shared or mode_of(directory / "commondir") != 0)


def _target(entry: Path) -> Path:
    """Return the folder that a `.git` file points to.

    Raises GitError that says what is wrong with it.
    """
    data = read_bounded(entry, _POINTER_BYTES)
    if data is None:
        raise GitError(f"{entry} is not a file that git can read. To fix: remove it, or clone the repository again.")
    text = data.decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not text.startswith("gitdir: ") or not text[8:].strip() or "\0" in text or "\n" in text:
        raise GitError(
            f"{entry} does not contain the path of a git directory. To fix: remove it, or clone the repository again."
        )
    target = entry.parent / text[8:]
    if not stat.S_ISDIR(mode_of(target)):
        shown = text[8:].encode("utf-8", "replace").decode()
        raise GitError(
            f"{entry} points to {shown[:200]}, which does not exist. History and ignore rules of the repository are not used. "
            "To fix: make that folder available, run `git worktree repair`, or remove the file."
        )
    return target


def _common(directory: Path) -> Path:
    """Return the folder that linked worktrees share, which the file `commondir` names."""
    data = read_bounded(directory / "commondir", _POINTER_BYTES)
    name = (data or b"").decode("utf-8", "surrogateescape").rstrip("\r\n")
    return (directory / name).resolve() if name and "\0" not in name and "\n" not in name else directory.resolve()
