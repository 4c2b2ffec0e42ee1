"""Commits among the results, what opens them, and the values that filters can have."""

from __future__ import annotations

import re

import pytest
from lsprotocol import types

from support.git.repository import init_repository


@pytest.fixture
async def with_history(start, sample, git):
    init_repository(sample, "Begin the parcel service")
    git(sample, "remote", "add", "origin", "git@github.com:ann/parcelpost.git")
    (sample / "notes.py").write_text("def remind():\n    return 'later'\n")
    git(sample, "add", ".")
    git(sample, "commit", "-qm", "Remind customers of waiting parcels (#7)")
    return await start(sample)


async def test_a_commit_is_found_and_opened(with_history, ask, wait_until):
    async def found():
        answer = await ask(with_history, "codekin/search", {"query": "remind customers kind:pull_request"})
        return answer.results

    await wait_until(found)
    (best, *_) = await found()
    assert (best.kind, best.pullRequest, best.author) == ("pull_request", 7, "Ann")
    shown = await ask(with_history, "codekin/commit", {"uri": best.uri})
    assert "+def remind():" in shown.text
    assert shown.url == "https://github.com/ann/parcelpost/pull/7"


async def test_the_hover_links_commits(with_history, wait_until):
    notes = types.TextDocumentIdentifier((with_history.root / "notes.py").as_uri())

    async def linked():
        found = await with_history.text_document_hover_async(types.HoverParams(notes, types.Position(0, 5)))
        return re.search(r"\[`[0-9a-f]{7}`\]\(<https://github\.com/ann/parcelpost/pull/7>\)", found.contents.value)

    await wait_until(linked)


async def test_a_file_of_another_revision_is_found_and_opened(with_history, ask):
    (with_history.root / "notes.py").write_text("def forget():\n    return 'never'\n")
    answer = await ask(with_history, "codekin/search", {"query": "remind at:HEAD lang:python"})
    best = answer.results[0]
    assert (best.path, best.symbol, len(best.revision)) == ("notes.py", "remind", 40)
    shown = await ask(with_history, "codekin/commit", {"uri": best.uri})
    assert (shown.text, shown.url) == ("def remind():\n    return 'later'\n", "")


async def test_filters_are_what_occurs(with_history, ask, wait_until):
    async def commits():
        known = await ask(with_history, "codekin/filters", {})
        return getattr(known.kinds, "commit", 0) and known

    await wait_until(commits)
    known = await commits()
    assert known.languages.python > 5
    assert known.authors.Ann >= 2
    assert known.folders.api > 5
