"""Turns a commit into a record with nodes: as a commit, as a pull request, or as both."""

from __future__ import annotations

import re
from collections.abc import Iterable

from codekin.chunking import redact
from codekin.domain.commits import Commit, commit_path
from codekin.domain.values import Chunk, FileRecord, NodeKind
from codekin.indexing.prepare import Prepared, nodes_of

COMMIT_TEMPLATE = "2"
"""Version of the text form of commits; a new value prepares all of them again."""
_SEARCHED_BODY_CHARACTERS = 1_500
_SEARCHED_PATHS = 40
_SEARCHED_SYMBOLS = 40
_SHOWN_PATHS = 100
_SHOWN_SYMBOLS = 40
_TRAILERS = re.compile(
    r"^(?:Co-authored-by|Signed-off-by|Reviewed-by|Change-Id|git-svn-id):.*\n?", re.MULTILINE | re.IGNORECASE
)
_BARE_MERGE = re.compile(r"^Merge (?:branch|branches|remote-tracking branch|tag|commit)\b")


def prepare_commit(commit: Commit) -> Prepared:
    """Return the record of a commit; secrets in the message are redacted.

    A merge with only git's default message gets no node.
    """
    (title, secrets), (body, more) = redact(commit.title), redact(commit.body)
    shown = _shown(title, body, commit)
    lines = shown.count("\n") + 1
    names = " ".join(commit.symbols[:_SEARCHED_SYMBOLS])
    message = _TRAILERS.sub("", body)[:_SEARCHED_BODY_CHARACTERS]
    searched = "\n".join((message, *([names] if names else []), *commit.paths[:_SEARCHED_PATHS]))
    number = f"#{commit.pull_request}" if commit.pull_request else ""
    chunks = tuple(Chunk(kind, "", 0, lines, searched, title, number) for kind in _kinds(commit))
    record = FileRecord(
        path=commit_path(commit.sha),
        language="",
        size_bytes=0,
        mtime_ns=0,
        digest=b"",
        nodes=nodes_of(chunks),
        author=commit.author,
        date=commit.author_date,
        text=shown,
        touched=commit.paths,
    )
    return Prepared(record, chunks, secrets + more)


def _kinds(commit: Commit) -> Iterable[NodeKind]:
    if commit.pull_request:
        return (NodeKind.PULL_REQUEST,) if commit.is_merge else (NodeKind.COMMIT, NodeKind.PULL_REQUEST)
    return () if commit.is_merge and _BARE_MERGE.match(commit.title) else (NodeKind.COMMIT,)


def _shown(title: str, body: str, commit: Commit) -> str:
    listed = "\n".join(commit.paths[:_SHOWN_PATHS]) + _more(len(commit.paths) - _SHOWN_PATHS, "\n")
    names = ", ".join(commit.symbols[:_SHOWN_SYMBOLS]) + _more(len(commit.symbols) - _SHOWN_SYMBOLS, " ")
    return "\n\n".join(part for part in (title, body, listed, names and f"Changes {names}") if part)


def _more(count: int, before: str) -> str:
    return f"{before}and {count} more" if count > 0 else ""
