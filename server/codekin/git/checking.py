"""Refusing a repository that has a pipe or a device where git reads a file.

Git would block on it indefinitely.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from codekin.disk import mode_of, read_bounded
from codekin.errors import GitError
from codekin.git.found import GitDirectory

_MAX_ENTRIES = 200_000
"""Maximum number of objects and references to check.

A repository with more relies on the time limit of each call.
"""
_FOLDERS = frozenset(("info", "logs", "objects", "refs", "reftable", "worktrees"))
"""Folders of the git directory that are checked.

The calls of this program do not read the others (`modules`, `lfs`, `hooks`).
"""
_CONFIG_BYTES = 1_000_000
_ALTERNATES_BYTES = 100_000
_VALUE = re.compile(r"^\s*(?:\[[^\]\n]*\]\s*)?[A-Za-z][\w-]*[ \t]*=[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_MAX_VALUES = 10_000
_MAX_INCLUDES = 20
_MAX_PATH = 4_096


def check_files(repository: GitDirectory) -> None:
    """Check the files that git reads. Raises GitError that names the first pipe or device.

    Takes 1 ms for a packed repository, 10 ms for 10,000 loose files.
    """
    for folder in dict.fromkeys((repository.directory, repository.common)):
        for entry in _entries(folder):
            _refuse(entry)
    for path in _named_in_settings(repository):
        _refuse(path)


def _refuse(path: str | Path) -> None:
    """Raise GitError for a pipe or a device, links followed.

    Git does not block on a file that is missing or cannot be opened.
    """
    mode = mode_of(path)
    if (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and not _is_null(path):
        kind = "named pipe" if stat.S_ISFIFO(mode) else "device"
        raise GitError(
            f"{path} is a {kind}, which would block git. Git is not run in this repository. To fix: remove it."
        )


def _is_null(path: str | Path) -> bool:
    try:
        return Path(path).samefile(os.devnull)
    except OSError:
        return False


def _entries(folder: Path) -> Iterator[str]:
    """Yield everything that is neither a regular file nor a folder, including links.

    Alternate object folders are included.
    """
    pending = [folder, *_alternates(folder)]
    seen: set[tuple[int, int]] = set()
    count = 0
    while pending and count < _MAX_ENTRIES:
        current = pending.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = os.scandir(current)
        except (OSError, ValueError):
            continue  # git cannot read it either
        with entries:
            for entry in entries:
                count += 1
                if entry.is_file(follow_symlinks=False):
                    continue
                if not _is_folder(entry):
                    yield entry.path
                elif current != folder or entry.name in _FOLDERS:
                    pending.append(Path(entry.path))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a circular link


def _alternates(folder: Path) -> list[Path]:
    data = read_bounded(folder / "objects" / "info" / "alternates", _ALTERNATES_BYTES) or b""
    lines = data.decode("utf-8", "surrogateescape").splitlines()
    return [folder / "objects" / line for line in lines if line and not line.startswith("#")]


def _named_in_settings(repository: GitDirectory) -> Iterator[Path]:
    """Yield every value that may be a path, in the repository's settings and those they include."""
    pending = [repository.common / "config", repository.directory / "config.worktree"]
    seen = set(pending)
    while pending:
        file = pending.pop()
        text = (read_bounded(file, _CONFIG_BYTES) or b"").decode("utf-8", "surrogateescape")
        for number, match in enumerate(_VALUE.finditer(text)):
            if number >= _MAX_VALUES:
                break
            for path in _paths(match[1], file.parent, repository):
                yield path
                if path not in seen and len(seen) < _MAX_INCLUDES and stat.S_ISREG(mode_of(path)):
                    seen.add(path)
                    pending.append(path)


def _paths(value: str, folder: Path, repository: GitDirectory) -> list[Path]:
    text = value.strip('"').replace('\\"', '"').replace("\\\\", "\\")
    if not text or "\0" in text or len(text) > _MAX_PATH:
        return []
    if text.startswith("~/"):
        return [Path(text).expanduser()]
    return [base / text for base in (folder, repository.top) if base]
