"""The files of any commit, branch or tag, read from git's objects: the work tree is not touched and no filter runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from codekin.errors import HistoryError, SettingsError
from codekin.history.git import Git

_REGULAR = ("100644", "100755")
_BATCH_FILES = 200
_NAME = re.compile(r"[^\s\-][^\s\0]*")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A regular file of a commit. `path` is relative to the folder asked for; `blob` is the hash of its content."""

    path: str
    blob: str
    size_bytes: int


def resolve_revision(root: Path, name: str) -> str:
    """The commit that a branch, a tag or a hash stands for. Raises SettingsError where it stands for none, HistoryError."""
    problem = f'"{name}" is no branch, tag or commit of the repository of {root}.'
    if not _NAME.fullmatch(name):
        raise SettingsError(problem)
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        raise SettingsError(f"{root} lies in no git repository, so there is no {name} to search.")
    git = Git(root)
    git.text("rev-parse", "--git-dir")  # what is wrong with git or the repository is said in its own words
    try:
        return git.text("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except HistoryError as error:
        raise SettingsError(problem) from error


def list_tree(root: Path, sha: str) -> list[TreeFile]:
    """The folder's regular files at a commit, ascending by path. Raises HistoryError."""
    found = []
    for field in Git(root).fields("ls-tree", "-r", "-z", "-l", sha):
        about, _, path = field.partition(b"\t")
        mode, kind, blob, size = about.decode("ascii").split()
        if kind == "blob" and mode in _REGULAR and size.isdigit():
            found.append(TreeFile(path.decode("utf-8", "replace"), blob, int(size)))
    return sorted(found, key=lambda file: file.path)


def read_blobs(root: Path, files: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes]]:
    """Contents in the order asked for; those that were never fetched are left out. Raises HistoryError."""
    waiting = iter(files)
    while batch := list(islice(waiting, _BATCH_FILES)):
        given = "".join(f"{file.blob}\n" for file in batch).encode()
        output = b"\0".join(Git(root).fields("cat-file", "--batch", given=given))
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
        raise HistoryError(f'"{sha}" is no hash of a commit.')
    return (
        Git(root)
        .text("cat-file", "blob", f"{sha}:./{path}")
        .encode("utf-8", "surrogateescape")
        .decode("utf-8", "replace")
    )
