"""Links to where a commit or a pull request can be read."""

from __future__ import annotations

import pytest

from codekin.history import commit_text, web_address
from codekin.history.web import address_of

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("remote", "number", "address"),
    [
        ("git@github.com:ann/tool.git", 12, "https://github.com/ann/tool/pull/12"),
        ("https://github.com/ann/tool", 0, f"https://github.com/ann/tool/commit/{SHA}"),
        ("https://ann:secret@github.com/ann/tool.git", 12, "https://github.com/ann/tool/pull/12"),
        ("ssh://git@github.example.org:2222/ann/tool.git", 3, "https://github.example.org/ann/tool/pull/3"),
        ("git@gitlab.com:group/sub/tool.git", 7, "https://gitlab.com/group/sub/tool/-/merge_requests/7"),
        ("https://gitlab.example.org:8443/a/b/", 0, f"https://gitlab.example.org:8443/a/b/-/commit/{SHA}"),
        ("git@bitbucket.org:ann/tool.git", 5, "https://bitbucket.org/ann/tool/pull-requests/5"),
        ("git@example.org:ann/tool.git", 5, ""),
        ("/srv/git/github/tool.git", 5, ""),
        ("../tool", 5, ""),
        ("", 5, ""),
    ],
)
def test_address_of_remotes(remote, number, address):
    assert address_of(remote, SHA, number) == address


def test_the_remote_of_the_repository_counts(tmp_path, git):
    git(tmp_path, "init")
    assert web_address(tmp_path, SHA, 4) == ""
    git(tmp_path, "remote", "add", "upstream", "git@github.com:bob/tool.git")
    assert web_address(tmp_path, SHA, 4) == "https://github.com/bob/tool/pull/4"
    git(tmp_path, "remote", "add", "origin", "git@github.com:ann/tool.git")
    assert web_address(tmp_path, SHA, 4) == "https://github.com/ann/tool/pull/4"


def test_of_a_merge_one_sees_what_it_brought_in(tmp_path, git):
    git(tmp_path, "init")
    for branch, name in (("main", "a"), ("topic", "b")):
        git(tmp_path, "checkout", "-q", "-B", branch)
        (tmp_path / f"{name}.py").write_text(f"{name} = 1\n")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", name)
    git(tmp_path, "checkout", "-q", "main")
    git(tmp_path, "merge", "-q", "--no-ff", "-m", "Merge pull request #3 from ann/topic\n\nAdd b", "topic")
    text = commit_text(tmp_path, git(tmp_path, "rev-parse", "HEAD").strip())
    assert "Add b" in text
    assert "+b = 1" in text
