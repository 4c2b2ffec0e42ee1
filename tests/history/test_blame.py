"""Blame of lines, also of a modified file; unknown commits are reported as such."""

from __future__ import annotations

import os
import stat

import pytest

from codekin.errors import HistoryError
from codekin.history import blame

TEXT = "one\ntwo\nthree\n"


@pytest.fixture
def blamed(repo):
    repo.commit("Begin", {"src/a b.txt": TEXT})
    repo.commit("Say zwei\n\nAt length.", {"src/a b.txt": TEXT.replace("two", "zwei")}, "Bob")
    return repo


def lines(folder, text, start=0, end=99, path="src/a b.txt"):
    return [(item.start_line, item.end_line, item.title, item.author) for item in blame(folder, path, text, start, end)]


def test_each_line_has_its_commit(blamed):
    text = TEXT.replace("two", "zwei")
    assert lines(blamed.folder, text) == [(0, 1, "Begin", "Ann"), (1, 2, "Say zwei", "Bob"), (2, 3, "Begin", "Ann")]
    (one,) = blame(blamed.folder / "src", "a b.txt", text, 1, 2)
    assert (one.sha, one.author_date, one.cut) == (blamed.run("rev-parse", "HEAD"), 1767225600 + 86400, False)
    assert lines(blamed.folder, text.replace("\n", "\r\n"), 1, 2) == [(1, 2, "Say zwei", "Bob")]
    assert lines(blamed.folder, text, 3, 9) == []


def test_lines_that_are_not_committed_have_none_and_move_the_others(blamed):
    text = "zero\nmore\none\nzwei\ndrei\n"
    assert lines(blamed.folder, text) == [
        (0, 2, "", ""), (2, 3, "Begin", "Ann"), (3, 4, "Say zwei", "Bob"), (4, 5, "", ""),
    ]  # fmt: skip
    assert lines(blamed.folder, "all\nnew\n") == [(0, 2, "", "")]


def test_lines_are_counted_as_git_counts_them(repo):
    repo.commit("Begin", {"a.c": "int a;\n\f\nint b;\n"})
    repo.commit("Add c", {"a.c": "int a;\n\f\nint b;\nint c\x0b;\n"}, "Bob")
    text = "int a;\n\f\nint b;\nint c\x0b;\n"
    assert lines(repo.folder, text, path="a.c") == [(0, 3, "Begin", "Ann"), (3, 4, "Add c", "Bob")]


def test_clone_that_is_cut_says_so(blamed, tmp_path):
    clone = tmp_path / "clone"
    blamed.run("clone", "-q", "--depth", "1", f"file://{blamed.folder}", os.fspath(clone))
    (only,) = blame(clone, "src/a b.txt", TEXT.replace("two", "zwei"), 0, 3)
    assert (only.title, only.cut) == ("Say zwei", True)


def test_what_cannot_be_known_is_said(blamed, repo, tmp_path, monkeypatch):
    with pytest.raises(HistoryError, match=r"new\.txt is in no commit of the checked-out branch"):
        blame(blamed.folder, "new.txt", "x\n", 0, 1)
    (tmp_path / "plain").mkdir()
    with pytest.raises(HistoryError, match="not in a git repository"):
        blame(tmp_path / "plain", "a.txt", "x\n", 0, 1)
    empty = type(repo)(tmp_path / "empty")
    with pytest.raises(HistoryError, match="no commit yet"):
        blame(empty.folder, "a.txt", "x\n", 0, 1)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(HistoryError, match="not installed"):
        blame(blamed.folder, "src/a b.txt", TEXT, 0, 1)


def test_filters_of_the_repository_are_not_run(blamed, tmp_path):
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    for name in ("filter.trap.clean", "filter.trap.smudge", "diff.trap.textconv"):
        blamed.run("config", name, os.fspath(trap))
    (blamed.folder / ".git/info/attributes").write_text("* filter=trap diff=trap\n")
    assert len(lines(blamed.folder, TEXT.replace("two", "2"))) == 3
    assert not (tmp_path / "sprung").exists()
