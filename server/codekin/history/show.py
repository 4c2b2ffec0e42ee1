"""A commit as a person reads it: message, who and when, what it changed."""

from __future__ import annotations

import re
from pathlib import Path

from codekin.errors import HistoryError
from codekin.history.git import Git

MOST_CHARACTERS = 1_000_000
_SHA = re.compile(r"[0-9a-f]{7,64}")
# Of a merge, what it brought in, as it is indexed.
_OPTIONS = (
    "-m",
    "--first-parent",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--encoding=UTF-8",
    "--format=fuller",
    "--stat",
    "--patch",
)


def commit_text(root: Path, sha: str) -> str:
    """At most MOST_CHARACTERS. Raises HistoryError, also for what is no hash."""
    if not _SHA.fullmatch(sha):
        raise HistoryError(f'"{sha}" is no hash of a commit.')
    return Git(root).text("show", *_OPTIONS, sha, "--")[:MOST_CHARACTERS].encode("utf-8", "replace").decode()
