"""What is read out of real repositories, of every shape that they come in."""

from __future__ import annotations

import os
import shutil
import stat
import time

import pytest

from codekin.errors import HistoryError
from codekin.history import last_changes, list_commits, open_repository, read_commits
from codekin.history.pulls import pull_request


def read(folder, most=1000, days=0):
    repository = open_repository(folder)
    listed = list_commits(repository, repository.heads().tips, limit=most, days=days)
    return list(read_commits(repository, listed))


def changes(folder, *paths):
    repository = open_repository(folder)
    found = last_changes(repository, repository.heads().head, paths, limit=1000)
    return {path: author for path, (author, _) in found.items()}


def test_commits_come_newest_first_with_all_their_parts(small):
    merge, wip, squash, first = read(small.folder)
    assert (merge.title, merge.body, merge.pull_request) == ("Retry failed requests", "With backoff.", 14)
    assert merge.is_merge
    assert merge.paths == ("src/retry.py",)
    assert (wip.title, wip.author) == ("wip", "Cleo")
    assert (squash.title, squash.pull_request, squash.author) == ("Add rate limiting to the client", 12, "Bob")
    assert squash.author_date == 1767225600 + 86400
    assert first.paths == ("README.md", "src/app.py")


def test_any_message_and_any_name_is_read_as_it_is(repo):
    repo.commit("//\n\n//\nnot a mark", {"a b.py": "1\n", "ünï\ncode.py": "2\n", "\nstart.py": "3\n"})
    repo.run("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
    empty, odd = read(repo.folder)
    assert odd.title == "//"
    assert odd.body == "//\nnot a mark"
    assert sorted(odd.paths) == ["\nstart.py", "a b.py", "ünï\ncode.py"]
    assert empty.title == empty.sha[:10]
    assert empty.paths == ()


def test_count_and_age_are_bounded(small):
    assert len(read(small.folder, most=2)) == 2
    assert read(small.folder, most=0) == []
    small.day = int(time.time() - 1767225600) // 86400
    today = small.commit("Today")
    assert [commit.sha for commit in read(small.folder, days=3)] == [today]
    assert len(read(small.folder, days=36_500)) == 5


def test_last_change_is_by_author_not_by_who_merged(small):
    small.commit("Tune", {"src/app.py": "def start():\n    return 9\n"}, "Dan")
    assert changes(small.folder, "README.md", "src/app.py", "src/limits.py", "src/retry.py", "new.py") == {
        "README.md": "Ann",
        "src/app.py": "Dan",
        "src/limits.py": "Bob",
        "src/retry.py": "Cleo",
    }


def test_no_repository_is_no_history(tmp_path):
    assert open_repository(tmp_path) is None


def test_repository_without_a_commit_has_none(repo):
    repository = open_repository(repo.folder)
    assert repository.heads().tips == ()
    assert read(repo.folder) == []


def test_without_git_the_reason_says_so(small, monkeypatch):
    monkeypatch.setenv("PATH", os.fspath(small.folder))
    with pytest.raises(HistoryError, match="not installed"):
        open_repository(small.folder)


def test_shallow_clone_attributes_nothing_to_the_commit_it_was_cut_at(small, tmp_path):
    small.commit("Tune", {"src/app.py": "def start():\n    return 9\n"}, "Dan")
    clone = tmp_path / "clone"
    small.run("clone", "-q", "--depth", "2", f"file://{small.folder}", os.fspath(clone))
    tune, cut = read(clone)
    assert tune.paths == ("src/app.py",)
    assert cut.paths == ()
    assert changes(clone, "README.md", "src/app.py", "src/limits.py") == {"src/app.py": "Dan"}


def test_clone_without_trees_still_has_its_messages(small, tmp_path):
    small.run("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    small.run("clone", "-q", "--no-checkout", "--filter=tree:0", f"file://{small.folder}", os.fspath(clone))
    repository, told = open_repository(clone), []
    listed = list_commits(repository, repository.heads().tips, limit=10, days=0)
    commits = list(read_commits(repository, listed, told.append))
    assert "message only" in told[0]
    assert [commit.title for commit in commits] == [
        "Retry failed requests",
        "wip",
        "Add rate limiting to the client",
        "Begin",
    ]
    assert not any(commit.paths for commit in commits)


def test_folder_of_a_repository_sees_its_own_share(small):
    small.commit("Docs only", {"docs/a.md": "text\n"})
    titles = [commit.title for commit in read(small.folder / "src")]
    assert "Docs only" not in titles
    assert "Add rate limiting to the client" in titles
    (first,) = [commit for commit in read(small.folder / "src") if commit.title == "Begin"]
    assert first.paths == ("app.py",)
    assert changes(small.folder / "src", "limits.py") == {"limits.py": "Bob"}


def test_worktree_and_submodule_have_their_own_head(small, tmp_path):
    small.run("worktree", "add", "-q", os.fspath(tmp_path / "tree"), "HEAD~1")
    assert open_repository(tmp_path / "tree").heads().head == small.run("rev-parse", "HEAD~1")
    outer = type(small)(tmp_path / "outer")
    outer.run("submodule", "add", "-q", os.fspath(small.folder), "inner")
    outer.commit("Add the inner one")
    assert [commit.title for commit in read(tmp_path / "outer")] == ["Add the inner one"]
    assert read(tmp_path / "outer" / "inner")[-1].title == "Begin"


def test_default_branch_belongs_to_the_history_of_every_branch(small):
    small.run("switch", "-qc", "side", "HEAD~1")
    side = small.commit("On the side")
    small.run("switch", "-q", "main")
    main = small.commit("On main")
    small.run("switch", "-q", "side")
    assert {side, main} <= {commit.sha for commit in read(small.folder)}


def test_variables_of_a_hook_do_not_lead_to_another_repository(small, tmp_path, monkeypatch):
    other = type(small)(tmp_path / "other")
    other.commit("Elsewhere")
    monkeypatch.setenv("GIT_DIR", os.fspath(other.folder / ".git"))
    assert read(small.folder)[-1].title == "Begin"


def test_settings_of_the_repository_start_no_program(small, tmp_path):
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    for name in ("core.fsmonitor", "core.pager", "diff.external", "gpg.program", "core.sshCommand", "core.editor"):
        small.run("config", name, os.fspath(trap))
    small.run("config", "log.showSignature", "true")
    small.run("config", "diff.trap.textconv", os.fspath(trap))
    (small.folder / ".git/info/attributes").write_text("* diff=trap\n")
    shutil.copy(trap, small.folder / ".git/hooks/post-index-change")
    assert len(read(small.folder)) == 4
    assert changes(small.folder, "README.md")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("subject", "body", "merge", "expected"),
    [
        ("Fix it (#7)", "Why.", False, (7, "Fix it", "Why.")),
        ("Merge pull request #9 from a/b", "Title\n\nMore", True, (9, "Title", "More")),
        ("Merge pull request #9 from a/b", "", True, (9, "Merge pull request #9 from a/b", "")),
        ("Merged PR 31: Title", "", True, (31, "Title", "")),
        ("Merged in fix (pull request #5)", "Title", True, (5, "Title", "")),
        ("Merge branch 'fix' into 'main'", "Title\n\nSee merge request a/b!40", True, (40, "Title", "")),
        ("See #7 for more", "", False, (0, "See #7 for more", "")),
        ("Update (#1) and (#2)", "", False, (2, "Update (#1) and", "")),
    ],
)
def test_pull_requests_are_read_from_messages(subject, body, merge, expected):
    assert pull_request(subject, body, is_merge=merge) == expected
