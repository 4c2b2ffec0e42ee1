"""The files of any commit, branch or tag, read from git's objects.

The work tree is not touched, and no filter runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from codekin.errors import HistoryError, SettingsError
from codekin.history.git import INTERACTIVE_DEADLINE_S, Git, open_git

_REGULAR = ("100644", "100755")
_BATCH_FILES = 200
_HEADER_BYTES = 200
_SHOWN_BYTES = 64_000_000
_NAME = re.compile(r"[^\s\-][^\s\0]*")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A regular file of a commit.

    `path` is relative to the requested folder; `blob` is the hash of its content.
    """

    path: str
    blob: str
    size_bytes: int


def resolve_revision(root: Path, name: str) -> str:
    """Return the commit of a branch, a tag or a hash.

    Raises SettingsError if there is none, HistoryError.
    """
    problem = f'"{name}" is not a branch, tag or commit of the repository of {root}.'
    if not _NAME.fullmatch(name):
        raise SettingsError(problem)
    git = open_git(root, deadline_s=INTERACTIVE_DEADLINE_S)
    if git is None:
        raise SettingsError(f"{root} is not in a git repository. Remove the filter `at:{name}`.")
    try:
        return git.text("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except HistoryError as error:
        raise SettingsError(problem) from error


def list_tree(root: Path, sha: str) -> list[TreeFile]:
    """Return the folder's regular files at a commit, ascending by path. Raises HistoryError."""
    git = _required(root)
    found = []
    for field in git.fields("ls-tree", "-r", "-z", "-l", "--full-tree", sha, *git.scope):
        about, _, path = field.partition(b"\t")
        mode, kind, blob, size = about.decode("ascii").split()
        if kind == "blob" and mode in _REGULAR and size.isdigit():
            # If git lists the folder's own path, it was a file in that commit.
            name = path.decode("utf-8", "replace").removeprefix(git.prefix)
            found.append(TreeFile(name, blob, int(size)))
    return sorted(found, key=lambda file: file.path)


def read_blobs(root: Path, files: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes]]:
    """Yield the contents in the given order, without those that were never fetched.

    Raises HistoryError.
    """
    git = _required(root)
    remaining = iter(files)
    while batch := list(islice(remaining, _BATCH_FILES)):
        given = "".join(f"{file.blob}\n" for file in batch).encode()
        limit_bytes = sum(file.size_bytes + _HEADER_BYTES for file in batch)
        output = git.data("cat-file", "--batch", given=given, limit_bytes=limit_bytes)
        at = 0
        for file in batch:
            end = output.index(b"\n", at)
            if output[at:end].endswith(b" missing"):
                at = end + 1
                continue
            yield file, output[end + 1 : end + 1 + file.size_bytes]
            at = end + file.size_bytes + 2


def file_at(root: Path, sha: str, path: str) -> str:
    """Return the text of one file of a commit.

    Raises HistoryError, also if `sha` is not a hash.
    """
    if not re.fullmatch(r"[0-9a-f]{7,64}", sha):
        raise HistoryError(f'"{sha}" is not the hash of a commit.')
    git = _required(root)
    return git.data("cat-file", "blob", f"{sha}:{git.prefix}{path}", limit_bytes=_SHOWN_BYTES).decode(
        "utf-8", "replace"
    )


def _required(root: Path) -> Git:
    git = open_git(root, deadline_s=INTERACTIVE_DEADLINE_S)
    if git is None:
        raise HistoryError(f"{root} is not in a git repository.")
    return git
