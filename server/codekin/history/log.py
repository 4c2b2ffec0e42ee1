"""Reads commits out of `git log`: first which there are, then what is in those that are not known yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from codekin.domain.commits import Commit, known_date
from codekin.errors import HistoryError
from codekin.history.pulls import pull_request
from codekin.history.repository import Repository

# No path ends in a slash, so nothing that git prints between two commits can be taken for the mark.
_MARK = b"//"
_FORMAT = "--format=tformat:%x00//%x00%H%x00%P%x00%aN%x00%at%x00%B%x00"
_LISTED = ("--no-walk=unsorted", "--stdin", "-z", "--no-notes", "--encoding=UTF-8")
_WITHOUT_TREES = ("-c", "mailmap.blob=")
"""The file .mailmap is in a tree."""
_HEADER_FIELDS = 5
_DAY_S = 86_400
_DATE_DIGITS = 20
_FIRST_PARENT = "--diff-merges=first-parent"
_SCOPED = ("--no-renames", "--no-ext-diff", "--no-color", "--no-textconv")
# A submodule is a path like any other; with `short`, git does not look into it.
NAMES = ("--name-only", *_SCOPED, "--ignore-submodules=none", "--submodule=short")
COMPARED = (*_SCOPED, _FIRST_PARENT)
"""A merge is compared with its first parent."""
_MOST_BODY_CHARACTERS = 4_000
_MOST_PATHS = 400
"""Of a commit that changes more, an import or a reformatting, the paths say nothing about what it was for."""


def list_commits(repository: Repository, tips: Sequence[str], *, most: int, days: int) -> list[str]:
    """The newest commits reachable from the tips, newest first: at most `most`, and of the last `days` days unless 0. Only
    those that touch the workspace's folder. Raises HistoryError.
    """
    if not tips or most <= 0:
        return []
    git = repository.git
    oldest = int(time.time()) - days * _DAY_S
    since = (f"--max-age={oldest}",) if days and oldest > 0 else ()
    scope = ("--full-history", *git.scope) if git.scope else ()
    return git.text("rev-list", f"--max-count={most}", *since, *tips, *scope).split()


def read_commits(
    repository: Repository, shas: Sequence[str], on_problem: Callable[[str], None] = lambda _: None
) -> Iterator[Commit]:
    """In the order asked for. Where git cannot tell what commits changed, they come without paths and `on_problem` is told
    why. Raises HistoryError.
    """
    given = "\n".join(shas).encode()
    known = 0
    try:
        for commit in _read(repository, given, (*NAMES, _FIRST_PARENT)):
            known += 1
            yield commit
    except HistoryError as error:
        # Trees that were never fetched, or a git too old for --diff-merges: the messages are there all the same.
        on_problem(
            f"Commits are searched by their messages alone, since git cannot tell which files they changed: {error}"
        )
        rest = "\n".join(shas[known:]).encode()
        yield from _read(repository, rest, ("--no-patch",), _WITHOUT_TREES)


def _read(
    repository: Repository, given: bytes, options: tuple[str, ...], settings: tuple[str, ...] = ()
) -> Iterator[Commit]:
    if not given:
        return
    fields = repository.git.fields(*settings, "log", *_LISTED, _FORMAT, *options, repository.git.relative, given=given)
    for header, names in commits_of(fields):
        yield _commit(header, names, repository.shallow)


def commits_of(fields: Iterable[bytes]) -> Iterator[tuple[list[str], list[str]]]:
    """(sha, parents, author, date, message) and the names that stand behind each header."""
    header: list[str] = []
    names: list[str] = []
    inside = 0
    for field in fields:
        if inside:
            header.append(field.decode("utf-8", "replace"))
            inside -= 1
        elif field == _MARK:
            if header:
                yield header, names
            header, names, inside = [], [], _HEADER_FIELDS
        elif field:
            # The line end between the message and the first name stands before that name.
            name = field if names else field.removeprefix(b"\n")
            names.append(name.decode("utf-8", "surrogateescape"))
    if header:
        yield header, names


def _commit(header: list[str], names: list[str], shallow: frozenset[str]) -> Commit:
    sha, parents, author, date, message = header
    subject, _, body = message.strip().partition("\n")
    is_merge = " " in parents
    number, title, rest = pull_request(subject.strip(), body.strip(), is_merge=is_merge)
    known = () if sha in shallow else tuple(name.encode("utf-8", "replace").decode() for name in names[:_MOST_PATHS])
    text = rest[:_MOST_BODY_CHARACTERS]
    return Commit(sha, title or sha[:10], text, author, seconds(date), known, number, is_merge)


def seconds(text: str) -> int:
    """A date as git gives it; 0 for one that is unknown or outside the calendar."""
    digits = text.strip()
    return known_date(int(digits)) if len(digits) <= _DATE_DIGITS and digits.isascii() and digits.isdigit() else 0
