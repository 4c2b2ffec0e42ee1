"""Whether an index folder in a workspace is this user's own.

A clone may bring one along, with vectors or links of somebody else's choice. This user's home
contains a token for each such folder that was created here; the folder repeats it.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from codekin.disk import make_private_folder, read_bounded
from codekin.errors import GitError
from codekin.git import check_files, find_git_directory, run_git

_TOKEN_BYTES = 200
_LIMIT_S = 5.0
_LISTED_BYTES = 10_000


def own_token(record: Path) -> str:
    """Return the token for one workspace, and create it if there is none.

    `record` is its file in the user's home. Raises OSError.
    """
    make_private_folder(record.parent)
    try:
        descriptor = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return known_token(record)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        token = secrets.token_hex(16)
        file.write(token)
    return token


def known_token(record: Path) -> str:
    """Return the token for one workspace, or "" if there is none."""
    return (read_bounded(record, _TOKEN_BYTES) or b"").decode("ascii", "replace")


def foreign_part(directory: Path) -> str:
    """Return a description of something in the folder that is not plainly this user's, or ""."""
    if _is_link(directory.lstat()):
        return f"{directory} is a link"
    for path, status in _walk(directory):
        if _is_link(status):
            return f"{path} is a link"
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            return f"{path} is neither a file nor a folder"
        if sys.platform != "win32" and status.st_uid != os.geteuid():
            return f"{path} belongs to another user"
    return ""


def tracked_part(directory: Path) -> str:
    """Return a description of files of the folder that the repository tracks.

    Returns "" if there are none, or if git is not available.
    """
    try:
        repository = find_git_directory(directory.parent)
        if repository is None or repository.top is None:
            return ""
        check_files(repository)
        arguments = ("ls-files", "-z", "--cached", "--", directory.name)
        names = run_git(directory.parent, *arguments, limit_s=_LIMIT_S, limit_bytes=_LISTED_BYTES)
    except GitError as error:
        # More output than the limit means that there are tracked files.
        return f"{directory} contains files that the repository tracks" if "returned more than" in str(error) else ""
    return f"{directory} contains files that the repository tracks" if names else ""


def _walk(directory: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the folder and everything in it, without following links. Raises OSError."""
    yield str(directory), directory.lstat()
    pending = [str(directory)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # another process removed it, for example by compaction
                yield entry.path, status
                if stat.S_ISDIR(status.st_mode):
                    pending.append(entry.path)


def _is_link(status: os.stat_result) -> bool:
    """Return whether it is a symbolic link, or a junction of Windows."""
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) != 0
