"""Commits as every layer represents them, and the names that they have in place of file paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone

_YEAR_10000 = 253_402_300_800
_PREFIX = "commit:"
_COMMIT_PATH = re.compile(r"commit:[0-9a-f]{40}(?:[0-9a-f]{24})?$")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit.

    `author_date` is in seconds since the epoch. `paths` are the files it changed against its first
    parent, relative to the root; `symbols` the functions and classes it changed. `pull_request` is
    the number of the pull request it merged, 0 if unknown; then `title` is that of the pull
    request.
    """

    sha: str
    title: str
    body: str
    author: str
    author_date: int
    paths: tuple[str, ...] = ()
    pull_request: int = 0
    is_merge: bool = False
    symbols: tuple[str, ...] = ()


def commit_path(sha: str) -> str:
    """Return the name that a commit's record has in place of a path.

    A file with such a name is not indexed.
    """
    return f"{_PREFIX}{sha}"


def is_file(path: str) -> bool:
    """Return whether a record describes a file, not a commit or a folder.

    Only the path of a folder ends in a slash.
    """
    return not path.endswith("/") and not _COMMIT_PATH.match(path)


def day_of(date: int) -> str:
    """Return seconds since the epoch as YYYY-MM-DD in UTC, or "" for an unknown date."""
    return datetime.fromtimestamp(date, timezone.utc).strftime("%Y-%m-%d") if known_date(date) else ""


def known_date(date: int) -> int:
    """Return the date in seconds since the epoch, or 0 (unknown) if it is out of range.

    The range is 1970 to 9999. A commit may contain any number, and stores and calendars do not
    accept all of them.
    """
    return date if 0 < date < _YEAR_10000 else 0


def sha_of(path: str) -> str:
    """Return the commit that a record's path stands for, or "" for the path of a file."""
    return path.removeprefix(_PREFIX) if _COMMIT_PATH.match(path) else ""


@dataclass(frozen=True, slots=True)
class Blamed:
    """The commit that last changed lines [start_line, end_line) of a file, 0-based.

    `sha` and the other fields are empty for lines that are not committed yet. `cut` is set if the
    clone's history ends at that commit, so that an earlier one may be the true origin.
    """

    start_line: int
    end_line: int
    sha: str = ""
    title: str = ""
    author: str = ""
    author_date: int = 0
    cut: bool = False

    @property
    def day(self) -> str:
        """The date as YYYY-MM-DD in UTC, or "" if unknown."""
        return day_of(self.author_date)
