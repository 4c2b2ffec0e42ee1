"""Which commit a work tree is on, and whether its tracked files differ from it."""

from __future__ import annotations

import os

from codekin.history import worktree_state
from codekin.history.worktree import WorktreeState
from support.git.repository import run_git


def head(repo):
    return run_git(repo.folder, "rev-parse", "HEAD").strip()


def dirty(folder):
    return worktree_state(folder).dirty


def test_a_clean_work_tree(small):
    assert worktree_state(small.folder) == WorktreeState(head(small), dirty=False)
    assert worktree_state(small.folder / "src") == WorktreeState(head(small), dirty=False)


def test_an_untracked_file_and_a_touched_file_are_no_change(small):
    (small.folder / "new.py").write_text("new\n")
    os.utime(small.folder / "README.md", (1, 1))
    assert not dirty(small.folder)


def test_changed_staged_and_deleted_files_are_changes(small):
    text = (small.folder / "src/app.py").read_text()
    (small.folder / "src/app.py").write_text(text.replace("1", "9"))
    assert dirty(small.folder)
    run_git(small.folder, "add", ".")
    assert dirty(small.folder)
    run_git(small.folder, "commit", "-qm", "Nine")
    assert not dirty(small.folder)
    (small.folder / "src/app.py").unlink()
    assert dirty(small.folder)
    assert dirty(small.folder / "src")


def test_only_the_folder_counts(small):
    (small.folder / "README.md").write_text("# Another\n")
    assert dirty(small.folder)
    assert not dirty(small.folder / "src")


def test_before_the_first_commit_and_outside_git(tmp_path):
    assert worktree_state(tmp_path) is None
    run_git(tmp_path, "init", "-q")
    assert worktree_state(tmp_path) == WorktreeState("", dirty=True)


def test_a_worktree_has_its_own_commit(small, tmp_path):
    tree = tmp_path / "tree"
    run_git(small.folder, "worktree", "add", "-q", "-b", "other", str(tree))
    (tree / "README.md").write_text("# Other\n")
    run_git(tree, "commit", "-qam", "Other")
    assert worktree_state(tree) == WorktreeState(run_git(tree, "rev-parse", "HEAD").strip(), dirty=False)
    assert worktree_state(small.folder).sha == head(small) != worktree_state(tree).sha
