"""What of a repository's history belongs to a workspace: the branch at hand, the default branch, the folder's share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codekin.errors import HistoryError
from codekin.history.git import Git

_DEFAULTS = (
    "refs/remotes/origin/HEAD",
    "refs/remotes/upstream/HEAD",
    "refs/heads/main",
    "refs/heads/master",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
)
"""What may be the default branch, the likeliest first."""


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
    """`scope` limits git to the workspace's folder where that is not the whole work tree. `shallow` are the commits whose
    parents were not fetched: what they changed cannot be known.
    """

    git: Git
    scope: tuple[str, ...]
    shallow: frozenset[str]

    def heads(self) -> Heads:
        """As they are now. Raises HistoryError."""
        form = "--format=%(refname) %(objectname) %(objecttype)"
        lines = self.git.text("for-each-ref", form, *_DEFAULTS).splitlines()
        known = {name: sha for name, sha, kind in (line.split(" ") for line in lines) if kind == "commit"}
        default = next((known[name] for name in _DEFAULTS if name in known), "")
        return Heads(_commit(self.git, "HEAD"), default)


def open_repository(root: Path) -> Repository | None:
    """None where the folder lies in no repository, or in a bare one. Raises HistoryError where git cannot say."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None
    git = Git(root)
    inside, *prefix, shallow = git.text(
        "rev-parse", "--is-inside-work-tree", "--show-prefix", "--git-path", "shallow"
    ).split("\n")
    if inside != "true":
        return None
    return Repository(git, ("--", ".") if any(prefix) else (), _shallow(root / shallow))


def _commit(git: Git, name: str) -> str:
    """The commit of a name; "" where there is none yet."""
    try:
        return git.text("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except HistoryError:
        # An unborn branch is no failure, and git says nothing about it; what is one shows in the next command.
        return ""


def _shallow(file: Path) -> frozenset[str]:
    try:
        return frozenset(file.read_text(encoding="ascii").split())
    except FileNotFoundError:
        return frozenset()
    except (OSError, UnicodeDecodeError) as error:
        raise HistoryError(f"{file} cannot be read: {error}") from error
