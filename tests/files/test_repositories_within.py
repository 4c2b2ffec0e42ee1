"""Nested repositories: submodules and clones are indexed, worktrees and bare ones are not."""

from __future__ import annotations

import shutil

import pytest

from codekin.files import Rules
from support.git.repository import init_repository
from support.scans import found_in, reasons_in


def write(file, text="x = 1\n"):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    write(root / "src/a.py")
    init_repository(root, "first")
    return root


@pytest.mark.parametrize("place", [".worktrees/a", ".claude/worktrees/a", "a", "src/deep/a"])
def test_a_worktree_within_its_repository_is_left_out(project, git, place):
    git(project, "worktree", "add", "-q", place, "-b", "a")
    assert found_in(project) == {"src/a.py"}
    assert reasons_in(project)[place] == "worktree of the same git repository"
    rules = Rules(project)
    assert rules.verdict(f"{place}/src/a.py", is_dir=False) == "worktree of the same git repository"
    assert found_in(project / place) == {"src/a.py"}


def test_a_worktree_within_a_worktree_or_below_a_subfolder_that_is_open(project, git, tmp_path):
    git(project, "worktree", "add", "-q", "../other", "-b", "b")
    other = tmp_path / "other"
    git(other, "worktree", "add", "-q", "src/inner", "-b", "c")
    assert found_in(other) == {"src/a.py"}
    assert found_in(other / "src") == {"a.py"}


def test_a_worktree_whose_path_is_of_another_machine(project, git):
    git(project, "worktree", "add", "-q", "w", "-b", "a")
    (project / "w/.git").write_text("gitdir: /srv/elsewhere/project/.git/worktrees/w\n")
    assert found_in(project) == {"src/a.py"}
    (project / "w/.git").write_text("gitdir: /srv/elsewhere/other/.git/worktrees/unknown\n")
    assert found_in(project) == {"src/a.py", "w/src/a.py"}


def test_worktrees_of_a_bare_repository_are_what_there_is(project, git, tmp_path):
    box = tmp_path / "box"
    box.mkdir()
    git(box, "clone", "-q", "--bare", str(project), ".bare")
    write(box / ".git", "gitdir: ./.bare\n")
    git(box, "worktree", "add", "-q", "main-tree", "-b", "work")
    assert found_in(box) == {"main-tree/src/a.py"}
    assert reasons_in(box)[".bare"] == "bare git repository"


@pytest.fixture
def library(tmp_path, git):
    root = tmp_path / "library"
    write(root / "lib/core.py")
    write(root / "b.log")
    write(root / ".gitignore", "*.tmp\n")
    git(root, "init", "-q")
    git(root, "add", "-f", ".")
    git(root, "commit", "-qm", "first")
    return root


@pytest.mark.parametrize("place", ["vendor/x", "third/party/x"])
def test_a_submodule_follows_its_own_rules(project, library, git, place):
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), place)
    write(project / ".gitignore", "lib/\n*.log\n")
    write(project / place / "c.tmp")
    write(project / place / "own.py")
    inside = {f"{place}/{name}" for name in ("lib/core.py", "b.log", ".gitignore", "own.py")}
    assert found_in(project) == {"src/a.py", ".gitignore", ".gitmodules", *inside}
    write(project / ".gitignore", "vendor/\nthird/\n")
    assert inside <= found_in(project), "git goes on with a submodule that a rule matches"


def test_a_clone_within_follows_its_own_rules_unless_it_is_ignored_as_a_whole(project, library):
    shutil.copytree(library, project / "deps/x")
    write(project / ".gitignore", "lib/\n*.log\n")
    assert {"deps/x/lib/core.py", "deps/x/b.log"} <= found_in(project)
    write(project / ".gitignore", "deps/\n")
    assert found_in(project) == {"src/a.py", ".gitignore"}


def test_own_rules_and_settings_count_in_repositories_within(project, library):
    shutil.copytree(library, project / "deps/x")
    write(project / ".codekinignore", "core.py\n")
    assert "deps/x/lib/core.py" not in found_in(project)
    assert "deps/x/b.log" not in found_in(project, exclude=("*.log",))


@pytest.mark.parametrize(
    "broken", ["", "gitdir: \n", "gitdir: /nowhere\n", "no pointer\n", "gitdir: " + "a" * 10_000, "gitdir: a\0b\n"]
)
def test_a_git_file_that_leads_nowhere_begins_no_repository(project, broken):
    write(project / "a/lib/core.py")
    (project / "a/.git").write_text(broken)
    write(project / ".gitignore", "lib/\n")
    assert found_in(project) == {"src/a.py", ".gitignore"}


def test_a_bare_repository_is_no_source(project, git, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", str(project), str(project / "fixtures/r.git"))
    assert found_in(project) == {"src/a.py"}
    assert reasons_in(project)["fixtures/r.git"] == "bare git repository"
    assert found_in(project / "fixtures/r.git") == set()
    assert reasons_in(project / "fixtures/r.git") == {".": "bare git repository"}
    write(project / "fixtures/like/HEAD", "ref: refs/heads/main\n")
    write(project / "fixtures/like/objects.py")
    assert "fixtures/like/HEAD" in found_in(project)


def test_what_git_tracks_stays_whatever_the_rules_say(project, git):
    for name in ("f.py", "gen/out.py", "gen/deep/out.py", "dist/out.py"):
        write(project / name)
    git(project, "add", ".")
    write(project / ".gitignore", "f.py\ngen/\ndist/\n")
    for name in ("gen/new.py", "gen/other/new.py"):
        write(project / name)
    assert found_in(project) == {"src/a.py", ".gitignore", "f.py", "gen/out.py", "gen/deep/out.py"}
    rules = Rules(project)
    assert rules.note("f.py") == "tracked by git although ignored by .gitignore:1: f.py"
    assert rules.note("gen/deep/out.py") == "tracked by git although ignored by .gitignore:2: gen/"
    assert rules.note("src/a.py") == ""
    assert rules.verdict("gen/new.py", is_dir=False) == "ignored by .gitignore:2: gen/"
    assert rules.verdict("dist/out.py", is_dir=False) == "ignored by default excludes: dist/"
    git(project, "rm", "-q", "--cached", "f.py")
    rules.invalidate()
    assert rules.verdict("f.py", is_dir=False) == "ignored by .gitignore:1: f.py"


@pytest.mark.parametrize("settings", [("index.version", "4"), ("core.splitIndex", "true"), ("index.sparse", "true")])
def test_every_form_of_gits_index(project, git, settings):
    for name in ("f.py", "gen/out.py", "z.py"):
        write(project / name)
    git(project, "config", *settings)
    git(project, "add", ".")
    git(project, "commit", "-qm", "second")
    write(project / "late.py")
    git(project, "add", "late.py")
    git(project, "rm", "-q", "--cached", "z.py")
    write(project / ".gitignore", "*.py\n")
    assert found_in(project) == {"src/a.py", ".gitignore", "f.py", "gen/out.py", "late.py"}


def test_a_repository_with_longer_hashes(tmp_path, git):
    git(tmp_path, "init", "-q", "--object-format=sha256")
    write(tmp_path / "f.py")
    git(tmp_path, "add", ".")
    write(tmp_path / ".gitignore", "*.py\n")
    assert found_in(tmp_path) == {"f.py", ".gitignore"}


@pytest.mark.parametrize(
    "damage", [b"", b"DIRC", b"DIRC\0\0\0\2\xff\xff\xff\xff", b"DIRC\0\0\0\4\0\0\0\1" + b"\xff" * 80, b"x" * 1000]
)
def test_a_damaged_index_of_git_is_said(project, damage):
    write(project / ".gitignore", "*.log\n")
    write(project / "a.log")
    (project / ".git/index").write_bytes(damage)
    rules = Rules(project)
    assert rules.verdict("a.log", is_dir=False) is not None
    assert "git's index" in rules.problems[0]
    assert "To fix: " in rules.problems[0]


def test_a_setting_takes_one_thing_back_from_an_excluded_folder_and_nothing_else(tmp_path):
    for name in ("mine/a.js", "theirs/b.js", "mine/node_modules/c.js"):
        write(tmp_path / "node_modules" / name)
    write(tmp_path / "vendor/x/gen/a.py")
    write(tmp_path / "vendor/x/b.py")
    write(tmp_path / ".gitignore", "vendor/\n")
    include = ("node_modules/mine/*.js", "vendor/*/gen/**")
    assert found_in(tmp_path, include=include) == {".gitignore", "node_modules/mine/a.js", "vendor/x/gen/a.py"}


def test_a_pointer_of_git_lfs_is_no_text(tmp_path):
    from codekin.domain.values import Skipped
    from codekin.files import read_source

    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
    write(tmp_path / "model.bin", pointer)
    write(tmp_path / "about.md", f"A pointer looks so:\n\n{pointer}")
    assert read_source(tmp_path, "model.bin", 1_000_000) == Skipped(
        "model.bin", "Git LFS pointer, its content was not fetched"
    )
    assert not isinstance(read_source(tmp_path, "about.md", 1_000_000), Skipped)
