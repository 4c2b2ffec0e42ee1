"""A commit as a person reads it: message, who and when, what it changed."""

from __future__ import annotations

import re
from pathlib import Path

from codekin.errors import HistoryError
from codekin.history.git import ASKED_DEADLINE_S, open_git

MOST_CHARACTERS = 1_000_000
_BYTES_PER_CHARACTER = 4  # at most, in UTF-8
_SHA = re.compile(r"[0-9a-f]{7,64}")
# Of a merge, what it brought in, as it is indexed.
_OPTIONS = (
    "-m",
    "--first-parent",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-notes",
    "--no-show-signature",
    "--submodule=short",  # `diff` would run git in the submodule, by the submodule's settings
    "--ignore-submodules=none",
    "--encoding=UTF-8",
    "--format=fuller",
    "--stat",
    "--patch",
)


def commit_text(root: Path, sha: str) -> str:
    """At most MOST_CHARACTERS. Raises HistoryError, also for what is no hash."""
    if not _SHA.fullmatch(sha):
        raise HistoryError(f'"{sha}" is no hash of a commit.')
    git = open_git(root, deadline_s=ASKED_DEADLINE_S)
    if git is None:
        raise HistoryError(f"{root} is not in a git repository.")
    data = git.beginning("show", *_OPTIONS, sha, "--", limit_bytes=_BYTES_PER_CHARACTER * MOST_CHARACTERS)
    return data.decode("utf-8", "replace").rstrip("\n")[:MOST_CHARACTERS]
