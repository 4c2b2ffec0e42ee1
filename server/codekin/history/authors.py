"""The last author of each file, from one pass over the log of the checked-out branch."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing

from codekin.history.log import NAMES, commits_of, seconds
from codekin.history.repository import Repository

_FORMAT = "--format=tformat:%x00//%x00%H%x00%P%x00%aN%x00%at%x00%x00"


def last_changes(
    repository: Repository, head: str, wanted: Collection[str], *, limit: int
) -> dict[str, tuple[str, int]]:
    """Return (author, seconds since the epoch) of the last commit that changed each path.

    Only the newest `limit` commits are read, without merges. Paths that none of them changed are
    missing. Stops as soon as all are found. Raises HistoryError.
    """
    found: dict[str, tuple[str, int]] = {}
    missing = set(wanted)
    if not head or not missing or limit <= 0:
        return found
    git = repository.git
    arguments = ("log", "-z", f"--max-count={limit}", "--no-notes", "--encoding=UTF-8", _FORMAT, *NAMES, git.relative)
    with closing(git.fields(*arguments, head, *git.scope)) as fields:
        for (sha, _, author, date, _), names in commits_of(fields):
            if sha in repository.shallow:
                continue
            for name in missing.intersection(names):
                found[name] = (author, seconds(date))
                missing.discard(name)
            if not missing:
                break
    return found
