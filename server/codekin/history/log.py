"""Reading commits from `git log`: first their list, then the content of those not known yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from codekin.domain.commits import Commit, known_date
from codekin.errors import HistoryError
from codekin.history.pulls import pull_request
from codekin.history.repository import Repository

# No path ends in a slash, so none can be mistaken for the mark.
_MARK = b"//"
_FORMAT = "--format=tformat:%x00//%x00%H%x00%P%x00%aN%x00%at%x00%B%x00"
_LISTED = ("--no-walk=unsorted", "--stdin", "-z", "--no-notes", "--encoding=UTF-8")
_WITHOUT_TREES = ("-c", "mailmap.blob=")
"""Setting that avoids reading .mailmap, which is in a tree."""
_HEADER_FIELDS = 5
_DAY_S = 86_400
_DATE_DIGITS = 20
_FIRST_PARENT = "--diff-merges=first-parent"
_SCOPED = ("--no-renames", "--no-ext-diff", "--no-color", "--no-textconv")
# A submodule is reported as a path; with `short`, git does not read its contents.
NAMES = ("--name-only", *_SCOPED, "--ignore-submodules=none", "--submodule=short")
COMPARED = (*_SCOPED, _FIRST_PARENT)
"""Options that compare a merge with its first parent."""
_MAX_BODY_CHARACTERS = 4_000
_MAX_PATHS = 400
"""Maximum number of paths of a commit.

A commit that changes more is an import or a reformatting, whose paths say nothing about its
purpose.
"""


def list_commits(repository: Repository, tips: Sequence[str], *, limit: int, days: int) -> list[str]:
    """Return the newest commits reachable from the tips, newest first.

    Only commits that touch the workspace's folder are listed: at most `limit`, and no older than
    `days` days unless that is 0. Raises HistoryError.
    """
    if not tips or limit <= 0:
        return []
    git = repository.git
    oldest = int(time.time()) - days * _DAY_S
    since = (f"--max-age={oldest}",) if days and oldest > 0 else ()
    scope = ("--full-history", *git.scope) if git.scope else ()
    return git.text("rev-list", f"--max-count={limit}", *since, *tips, *scope).split()


def read_commits(
    repository: Repository, shas: Sequence[str], on_problem: Callable[[str], None] = lambda _: None
) -> Iterator[Commit]:
    """Yield the commits in the given order.

    If git cannot list the changed files, commits have no paths and `on_problem` receives the
    reason. Raises HistoryError.
    """
    given = "\n".join(shas).encode()
    known = 0
    try:
        for commit in _read(repository, given, (*NAMES, _FIRST_PARENT)):
            known += 1
            yield commit
    except HistoryError as error:
        # Trees were not fetched, or git is too old for --diff-merges. Messages are readable.
        on_problem(f"Git could not list the files that commits changed. Commits are searched by message only. {error}")
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
    """Yield ([sha, parents, author, date, message], names of changed files) for each commit."""
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
            # The line end between the message and the first name is part of that name's field.
            name = field if names else field.removeprefix(b"\n")
            names.append(name.decode("utf-8", "surrogateescape"))
    if header:
        yield header, names


def _commit(header: list[str], names: list[str], shallow: frozenset[str]) -> Commit:
    sha, parents, author, date, message = header
    subject, _, body = message.strip().partition("\n")
    is_merge = " " in parents
    number, title, rest = pull_request(subject.strip(), body.strip(), is_merge=is_merge)
    known = () if sha in shallow else tuple(name.encode("utf-8", "replace").decode() for name in names[:_MAX_PATHS])
    text = rest[:_MAX_BODY_CHARACTERS]
    return Commit(sha, title or sha[:10], text, author, seconds(date), known, number, is_merge)


def seconds(text: str) -> int:
    """Return a date from git's output, or 0 if it is unknown or out of range."""
    digits = text.strip()
    return known_date(int(digits)) if len(digits) <= _DATE_DIGITS and digits.isascii() and digits.isdigit() else 0
