"""Commits as every layer knows them, and how one is named where files have their paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone

_YEAR_10000 = 253_402_300_800
_PREFIX = "commit:"
_COMMIT_PATH = re.compile(r"commit:[0-9a-f]{40}(?:[0-9a-f]{24})?$")


@dataclass(frozen=True, slots=True)
class Commit:
    """`author_date` is in seconds since the epoch; `paths` are those it changed, relative to the root, against its first
    parent; `symbols` the functions and classes that it changed; `pull_request` is the number of the one it brought in, 0 if none is named. `title` of a merged pull request is
    the request's.
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
    """What stands for a path in the record of a commit. A file of that very name is left out of the index."""
    return f"{_PREFIX}{sha}"


def is_file(path: str) -> bool:
    """Whether a record is of a file, not of a commit or a folder: only the path of a folder ends in a slash."""
    return not path.endswith("/") and not _COMMIT_PATH.match(path)


def day_of(date: int) -> str:
    """Seconds since the epoch as YYYY-MM-DD in UTC; "" for a date that is unknown: 0, or outside known_date's range."""
    return datetime.fromtimestamp(date, timezone.utc).strftime("%Y-%m-%d") if known_date(date) else ""


def known_date(date: int) -> int:
    """The date in seconds since the epoch, 0 (unknown) unless it is behind the epoch and before the year 10000: any number can
    stand in a commit, and neither stores nor calendars take all of them.
    """
    return date if 0 < date < _YEAR_10000 else 0


def sha_of(path: str) -> str:
    """The commit that a record's path stands for; "" for a file's."""
    return path.removeprefix(_PREFIX) if _COMMIT_PATH.match(path) else ""


@dataclass(frozen=True, slots=True)
class Blamed:
    """Who last changed lines [start_line, end_line) of a file, 0-based. `sha` is "" for what is in no commit yet; then the rest is
    empty too. `cut` is whether the clone ends at that commit, so that an earlier one may be meant.
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
        """YYYY-MM-DD in UTC, "" where it is not known."""
        return day_of(self.author_date)
