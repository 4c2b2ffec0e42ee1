"""The commit that each line of a file is from, read from git on request only.

The checked-out commit is blamed, not the work tree, for which git would run the filters of the
repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from codekin.domain.commits import Blamed
from codekin.errors import HistoryError
from codekin.git import read_bounded
from codekin.history.git import INTERACTIVE_DEADLINE_S, open_git
from codekin.history.lines import matching_lines
from codekin.history.log import seconds
from codekin.history.repository import Repository, shallow_commits

_MAX_BYTES = 64_000_000
_OPTIONS = ("--porcelain", "--no-textconv", "--encoding=UTF-8")
_HEADER = re.compile(r"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?$")


def blame(root: Path, path: str, text: str, start_line: int, end_line: int) -> list[Blamed]:
    """Return the origins of lines [start_line, end_line) of a file whose current text is `text`.

    Adjacent lines of one commit are joined. Lines beyond the end are ignored. Raises HistoryError
    if there is no repository or commit, or if no commit contains the file.
    """
    git = open_git(root, deadline_s=INTERACTIVE_DEADLINE_S)
    if git is None:
        raise HistoryError(f"{root} is not in a git repository. The author of these lines is unknown.")
    shallow = shallow_commits(git)
    head = Repository(git, shallow).heads().head
    if not head:
        raise HistoryError("The repository has no commit yet. The author of these lines is unknown.")
    name = git.prefix + path
    if not git.text("ls-tree", "--name-only", "-z", "--full-tree", head, "--", name):
        raise HistoryError(f"{path} is in no commit of the checked-out branch. Commit it to record authors.")
    committed = git.data("cat-file", "blob", f"{head}:{name}", limit_bytes=_MAX_BYTES)
    lines = _lines(text)
    then = _places(_lines(committed.decode("utf-8", "replace")), lines, start_line, min(end_line, len(lines)))
    known = [number for number in then.values() if number is not None]
    arguments = ("blame", *_OPTIONS, f"-L{min(known) + 1},{max(known) + 1}", head, "--", name) if known else ()
    origins = _origins(_lines(git.text(*arguments))) if known else {}
    found = [
        replace(Blamed(line, line + 1) if was is None else origins[was], start_line=line, end_line=line + 1)
        for line, was in then.items()
    ]
    return _joined(replace(item, cut=item.sha in shallow) for item in found)


def blame_file(root: Path, path: str, unsaved: str | None, start_line: int, end_line: int) -> list[Blamed]:
    """Return the origins for a file on disk, or for its unsaved text. Raises HistoryError."""
    if unsaved is None:
        data = read_bounded(root / path, _MAX_BYTES)
        if data is None:
            raise HistoryError(
                f"Could not read {path}: it is missing, unreadable, not a regular file, or larger than 64 MB."
            )
        unsaved = data.decode("utf-8", "replace")
    return blame(root, path, unsaved, start_line, end_line)


def _lines(text: str) -> list[str]:
    """Split a text into lines as git and editors count them; a form feed ends no line."""
    *lines, rest = text.replace("\r\n", "\n").split("\n")
    return [*lines, rest] if rest else lines


def _places(before: Sequence[str], now: Sequence[str], start: int, end: int) -> dict[int, int | None]:
    """Return for each line of [start, end) its index in the committed text, None for a new line."""
    was = matching_lines(before, now)
    return {line: was[line] for line in range(start, end)}


def _origins(porcelain: Iterable[str]) -> dict[int, Blamed]:
    """Return the origins by line of the blamed text, 0-based.

    Git describes a commit only at its first line.
    """
    commits: dict[str, dict[str, str]] = {}
    found: dict[int, Blamed] = {}
    sha, line = "", 0
    for row in porcelain:
        if header := _HEADER.match(row):
            sha, line = header[1], int(header[2]) - 1
        elif row.startswith("\t"):
            facts = commits[sha]
            when = seconds(facts.get("author-time", ""))
            found[line] = Blamed(line, line + 1, sha, facts.get("summary", ""), facts.get("author", ""), when)
        else:
            name, _, value = row.partition(" ")
            commits.setdefault(sha, {})[name] = value
    return found


def _joined(lines: Iterable[Blamed]) -> list[Blamed]:
    joined: list[Blamed] = []
    for line in lines:
        if joined and joined[-1].sha == line.sha:
            joined[-1] = replace(joined[-1], end_line=line.end_line)
        else:
            joined.append(line)
    return joined
