"""Commits stand before code only where a query asks for them."""

from __future__ import annotations

import pytest

from codekin.searching.mixing import asks_for_commits
from codekin.searching.query import parse_query


@pytest.mark.parametrize(
    "text",
    [
        "which commit introduced the rate limit",
        "commits that touch the watcher",
        "last three commits",
        "pull requests about retrying",
        "who changed the vector store?",
        "when was the Watcher added",
        "why were retries removed",
        "git history of the parser",
    ],
)
def test_question_about_changes(text):
    assert asks_for_commits(parse_query(text))


@pytest.mark.parametrize(
    "text",
    [
        "commit a transaction",
        "two-phase commit",
        "watch for a file that changed",
        "merged settings from the environment",
        "pull an image from the registry",
        "browser history",
        "when the socket is closed",
        "where is the retry logic?",
        "CommitLog",
        "",
    ],
)
def test_question_about_code(text):
    assert not asks_for_commits(parse_query(text))
