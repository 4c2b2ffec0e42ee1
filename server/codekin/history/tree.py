"""The files of any commit, branch or tag, read from git's objects: the work tree is not touched and no filter runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from codekin.errors import HistoryError, SettingsError
from codekin.history.git import ASKED_DEADLINE_S, Git, open_git

_REGULAR = ("100644", "100755")
_BATCH_FILES = 200
_HEADER_BYTES = 200
_SHOWN_BYTES = 64_000_000
_NAME = re.compile(r"[^\s\-][^\s\0]*")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A regular file of a commit. `path` is relative to the folder asked for; `blob` is the hash of its content."""

    path: str
    blob: str
    size_bytes: int


def resolve_revision(root: Path, name: str) -> str:
    """The commit that a branch, a tag or a hash stands for. Raises SettingsError where it stands for none, HistoryError."""
    problem = f'"{name}" is not a branch, tag or commit of the repository of {root}.'
    if not _NAME.fullmatch(name):
        raise SettingsError(problem)
    git = open_git(root, deadline_s=ASKED_DEADLINE_S)
    if git is None:
        raise SettingsError(f"{root} is not in a git repository, so there is no {name} to search.")
    try:
        return git.text("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except HistoryError as error:
        raise SettingsError(problem) from error


def list_tree(root: Path, sha: str) -> list[TreeFile]:
    """The folder's regular files at a commit, ascending by path. Raises HistoryError."""
    git = _required(root)
    found = []
    for field in git.fields("ls-tree", "-r", "-z", "-l", "--full-tree", sha, *git.scope):
        about, _, path = field.partition(b"\t")
        mode, kind, blob, size = about.decode("ascii").split()
        if kind == "blob" and mode in _REGULAR and size.isdigit():
            # Where git shows the folder itself, a file took its place in that commit.
            name = path.decode("utf-8", "replace").removeprefix(git.prefix)
            found.append(TreeFile(name, blob, int(size)))
    return sorted(found, key=lambda file: file.path)


def read_blobs(root: Path, files: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes]]:
    """Contents in the order asked for; those that were never fetched are left out. Raises HistoryError."""
    git = _required(root)
    waiting = iter(files)
    while batch := list(islice(waiting, _BATCH_FILES)):
        given = "".join(f"{file.blob}\n" for file in batch).encode()
        room = sum(file.size_bytes + _HEADER_BYTES for file in batch)
        output = git.data("cat-file", "--batch", given=given, limit_bytes=room)
        at = 0
        for file in batch:
            end = output.index(b"\n", at)
            if output[at:end].endswith(b" missing"):
                at = end + 1
                continue
            yield file, output[end + 1 : end + 1 + file.size_bytes]
            at = end + file.size_bytes + 2


def file_at(root: Path, sha: str, path: str) -> str:
    """The text of one file of a commit. Raises HistoryError, also for what is no hash."""
    if not re.fullmatch(r"[0-9a-f]{7,64}", sha):
        raise HistoryError(f'"{sha}" is not the hash of a commit.')
    git = _required(root)
    return git.data("cat-file", "blob", f"{sha}:{git.prefix}{path}", limit_bytes=_SHOWN_BYTES).decode(
        "utf-8", "replace"
    )


def _required(root: Path) -> Git:
    git = open_git(root, deadline_s=ASKED_DEADLINE_S)
    if git is None:
        raise HistoryError(f"{root} is not in a git repository.")
    return git
