"""What of a repository's history belongs to a workspace: the branch at hand, the default branch, the folder's share."""

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
"""What may be the default branch, the likeliest first."""


_SHALLOW_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Heads:
    """Commits that history is read from. `head` is "" before the first commit, `default` "" where no such branch is."""

    head: str
    default: str

    @property
    def tips(self) -> tuple[str, ...]:
        """Each once, the checked-out one first."""
        return tuple(dict.fromkeys(tip for tip in (self.head, self.default) if tip))


@dataclass(frozen=True, slots=True)
class Repository:
    """`shallow` are the commits whose parents were not fetched: what they changed cannot be known."""

    git: Git
    shallow: frozenset[str]

    def heads(self) -> Heads:
        """As they are now. Raises HistoryError."""
        form = "--format=%(refname) %(objectname) %(objecttype)"
        lines = self.git.text("for-each-ref", form, *_DEFAULTS).splitlines()
        known = {name: sha for name, sha, kind in (line.split(" ") for line in lines) if kind == "commit"}
        default = next((known[name] for name in _DEFAULTS if name in known), "")
        return Heads(_commit(self.git, "HEAD"), default)


def open_repository(root: Path) -> Repository | None:
    """None where the folder belongs to no repository. Raises HistoryError where git cannot say."""
    git = open_git(root)
    return Repository(git, shallow_commits(git)) if git else None


def _commit(git: Git, name: str) -> str:
    """The commit of a name; "" where there is none yet."""
    try:
        return git.text("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except HistoryError:
        # An unborn branch is no failure, and git says nothing about it; what is one shows in the next command.
        return ""


def shallow_commits(git: Git) -> frozenset[str]:
    """Those at which the clone was cut off. Raises HistoryError."""
    file = git.directory.common / "shallow"
    data = read_bounded(file, _SHALLOW_BYTES)
    if data is None and mode_of(file):
        raise HistoryError(f"{file} cannot be read, so it is not known where this clone was cut off.")
    return frozenset((data or b"").decode("ascii", "replace").split())
