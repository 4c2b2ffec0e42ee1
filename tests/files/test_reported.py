"""What was decided about files is told where people look for it."""

from __future__ import annotations

import os

import pytest
from benchmarks.__main__ import report

from codekin.api import Query, Workspace
from support.commands import run_codekin


def codekin(folder, *arguments):
    return run_codekin(*arguments, cwd=folder, check=True).stdout


@pytest.fixture
def project(tmp_path, git):
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    (root / "kept.py").write_text("def pack_parcel(): return 1\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / ".gitignore").write_text("kept.py\ngone.py\n")
    (root / "gone.py").write_text("def unpack_parcel(): return 2\n")
    return root


def test_doctor_names_the_rule_and_why_a_file_stays(project):
    codekin(project, "index", ".")
    assert "tracked by git although ignored by .gitignore:1: kept.py" in codekin(
        project, "doctor", "--file", "kept.py", "."
    )
    assert "ignored by .gitignore:2: gone.py" in codekin(project, "doctor", "--file", "gone.py", ".")


def test_another_revision_has_what_was_tracked_there(project, git):
    git(project, "rm", "-q", "--cached", "kept.py")
    (project / "kept.py").unlink()
    git(project, "add", ".gitignore")
    git(project, "commit", "-qm", "second")
    with Workspace.open(project) as workspace:
        workspace.index()
        here = Query().literal("pack_parcel")
        assert [result["path"] for result in workspace.run(here)["results"]] == []
        then = workspace.run(here.filter(at="HEAD~1"))["results"]
        assert [result["path"] for result in then] == ["kept.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_the_status_says_which_rules_are_not_applied(project):
    (project / ".gitignore").unlink()
    os.mkfifo(project / ".gitignore")
    with Workspace.open(project) as workspace:
        workspace.index()
        [reason] = [text for text in workspace.status()["reasons"] if ".gitignore" in text]
        assert "is not a regular file" in reason
        assert "To fix: " in reason
        (project / ".gitignore").unlink()
        workspace.index()
        assert not [text for text in workspace.status()["reasons"] if ".gitignore" in text]


def test_the_benchmark_compares_with_a_plain_walk():
    measured = report("scan", files=200)
    assert measured["files"] == 200
    assert measured["ratio"] > 1
