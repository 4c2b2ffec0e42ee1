"""A commit as text: message, author, date and changes."""

from __future__ import annotations

import re
from pathlib import Path

from codekin.errors import HistoryError
from codekin.history.git import INTERACTIVE_DEADLINE_S, open_git

MAX_CHARACTERS = 1_000_000
_BYTES_PER_CHARACTER = 4  # at most, in UTF-8
_SHA = re.compile(r"[0-9a-f]{7,64}")
# A merge is shown as the changes it brought in, which are also what is indexed.
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
    """Return the text of a commit, at most MAX_CHARACTERS.

    Raises HistoryError, also if `sha` is not a hash.
    """
    if not _SHA.fullmatch(sha):
        raise HistoryError(f'"{sha}" is not the hash of a commit.')
    git = open_git(root, deadline_s=INTERACTIVE_DEADLINE_S)
    if git is None:
        raise HistoryError(f"{root} is not in a git repository.")
    data = git.beginning("show", *_OPTIONS, sha, "--", limit_bytes=_BYTES_PER_CHARACTER * MAX_CHARACTERS)
    return data.decode("utf-8", "replace").rstrip("\n")[:MAX_CHARACTERS]
