"""The part of a repository's history that belongs to a workspace.

It consists of the checked-out and the default branch, restricted to the workspace's folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codekin.errors import HistoryError
from codekin.git import mode_of, read_bounded
from codekin.history.git import Git, open_git

_DEFAULTS = (
    "refs/remotes/origin/HEAD",
    "refs/remotes/upstream/HEAD",
    "refs/heads/main",
    "refs/heads/master",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
)
"""Candidates for the default branch, the most likely first."""


_SHALLOW_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Heads:
    """Commits that history is read from.

    `head` is "" before the first commit, `default` "" if there is no such branch.
    """

    head: str
    default: str

    @property
    def tips(self) -> tuple[str, ...]:
        """The distinct commits, the checked-out one first."""
        return tuple(dict.fromkeys(tip for tip in (self.head, self.default) if tip))


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with its shallow commits.

    `shallow` are the commits whose parents were not fetched, so that their changes are unknown.
    """

    git: Git
    shallow: frozenset[str]

    def heads(self) -> Heads:
        """Return the current heads. Raises HistoryError."""
        form = "--format=%(refname) %(objectname) %(objecttype)"
        lines = self.git.text("for-each-ref", form, *_DEFAULTS).splitlines()
        known = {name: sha for name, sha, kind in (line.split(" ") for line in lines) if kind == "commit"}
        default = next((known[name] for name in _DEFAULTS if name in known), "")
        return Heads(_commit(self.git, "HEAD"), default)


def open_repository(root: Path) -> Repository | None:
    """Return the repository of a folder, or None. Raises HistoryError if git fails."""
    git = open_git(root)
    return Repository(git, shallow_commits(git)) if git else None


def _commit(git: Git, name: str) -> str:
    """Return the commit of a name, or "" if it has none yet."""
    try:
        return git.text("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except HistoryError:
        # An unborn branch is valid, and git exits silently; the next command shows a failure.
        return ""


def shallow_commits(git: Git) -> frozenset[str]:
    """Return the commits at which the clone was cut off. Raises HistoryError."""
    file = git.directory.common / "shallow"
    data = read_bounded(file, _SHALLOW_BYTES)
    if data is None and mode_of(file):
        raise HistoryError(
            f"Could not read {file}, which lists where this shallow clone ends. To fix: check its permissions."
        )
    return frozenset((data or b"").decode("ascii", "replace").split())
