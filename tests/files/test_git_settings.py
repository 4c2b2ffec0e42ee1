"""The user's global ignore file is found wherever git's settings name it."""

from __future__ import annotations

import os
import random
import subprocess

import pytest

from codekin.files import Rules
from codekin.files.git_ignore.config import parse, system_files
from support.git.cases import git as run_git

USER = "[user]\n\tname = Ann\n"
HOLDS = {
    "in the user's settings": lambda home, _: (home / ".gitconfig").write_text("[core]\n\texcludesfile = ~/mine\n"),
    "on one line": lambda home, _: (home / ".gitconfig").write_text("[core] excludesFile = ~/mine\n"),
    "with a comment": lambda home, _: (home / ".gitconfig").write_text("[core]\n excludesfile = ~/mine ; of mine\n"),
    "with a hash": lambda home, _: (home / ".gitconfig").write_text("[core]\n excludesfile = ~/mine # of mine\n"),
    "in quotes": lambda home, _: (home / ".gitconfig").write_text('[CORE]\n ExcludesFile="~/mine"\n'),
    "over two lines": lambda home, _: (home / ".gitconfig").write_text("[core]\n excludesfile = ~/\\\nmine\n"),
    "in an included file": lambda home, _: (
        (home / ".gitconfig").write_text("[include]\n path = more\n"),
        (home / "more").write_text("[core]\n excludesfile = ~/mine\n"),
    ),
    "in a file included by folder": lambda home, root: (
        (home / ".gitconfig").write_text(f'[includeIf "gitdir:{root.parent}/"]\n path = ~/more\n'),
        (home / "more").write_text("[core]\n excludesfile = ~/mine\n"),
    ),
    "in a file included by a pattern": lambda home, _: (
        (home / ".gitconfig").write_text('[includeIf "gitdir/i:W*K/**/.git"]\n path = ~/more\n'),
        (home / "more").write_text("[core]\n excludesfile = ~/mine\n"),
    ),
    "in a file included by branch": lambda home, _: (
        (home / ".gitconfig").write_text('[includeIf "onbranch:main"]\n path = ~/more\n'),
        (home / "more").write_text("[core]\n excludesfile = ~/mine\n"),
    ),
    "in a file included by remote": lambda home, root: (
        (home / ".gitconfig").write_text(
            '[includeIf "hasconfig:remote.*.url:https://example.org/**"]\n path = ~/more\n'
        ),
        (home / "more").write_text("[core]\n excludesfile = ~/mine\n"),
        run_git(root, "remote", "add", "origin", "https://example.org/a/b.git"),
    ),
    "in the repository's settings": lambda _, root: run_git(root, "config", "core.excludesFile", "~/mine"),
    "in XDG's folder": lambda home, _: (
        (home / ".config/git").mkdir(parents=True),
        (home / ".config/git/config").write_text("[core]\n excludesfile = ~/mine\n"),
    ),
    "in XDG's ignore file": lambda home, _: (
        (home / ".config/git").mkdir(parents=True),
        (home / ".config/git/ignore").write_text("*.mine\n"),
    ),
}
HOLDS_NOT = {
    "of another section": lambda home, _: (home / ".gitconfig").write_text("[other]\n excludesfile = ~/mine\n"),
    "of a subsection": lambda home, _: (home / ".gitconfig").write_text('[core "x"]\n excludesfile = ~/mine\n'),
    "in a comment": lambda home, _: (home / ".gitconfig").write_text("[core]\n # excludesfile = ~/mine\n"),
    "emptied by a later line": lambda home, _: (home / ".gitconfig").write_text(
        "[core]\n excludesfile = ~/mine\n excludesfile =\n"
    ),
    "for another folder": lambda home, _: (
        (home / ".gitconfig").write_text('[includeIf "gitdir:/elsewhere/"]\n path = ~/more\n'),
        (home / "more").write_text("[core]\n excludesfile = ~/mine\n"),
    ),
    "for another branch": lambda home, _: (
        (home / ".gitconfig").write_text('[includeIf "onbranch:feature/"]\n path = ~/more\n'),
        (home / "more").write_text("[core]\n excludesfile = ~/mine\n"),
    ),
    "stronger: of the repository": lambda home, root: (
        (home / ".gitconfig").write_text("[core]\n excludesfile = ~/mine\n"),
        run_git(root, "config", "core.excludesFile", "/nowhere"),
    ),
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user without settings, whose ignore file names *.mine."""
    folder = tmp_path / "user"
    folder.mkdir()
    (folder / "mine").write_text("*.mine\n")
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_COUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


@pytest.fixture
def root(tmp_path, home, git):
    folder = tmp_path / "work" / "project"
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    return folder


def is_left_out(root):
    """As the rules say, and as git says."""
    said = subprocess.run(["git", "check-ignore", "-q", "a.mine"], cwd=root, check=False).returncode
    ours = Rules(root).verdict("a.mine", is_dir=False) is not None
    assert ours == (said == 0)
    return ours


@pytest.mark.parametrize("name", HOLDS)
def test_a_global_ignore_file_counts(root, home, name):
    HOLDS[name](home, root)
    assert is_left_out(root)


@pytest.mark.parametrize("name", HOLDS_NOT)
def test_one_that_git_does_not_read_does_not(root, home, name):
    HOLDS_NOT[name](home, root)
    assert not is_left_out(root)


@pytest.mark.parametrize("variable", ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"])
def test_by_the_environment(root, home, variable, monkeypatch):
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv(variable, str(home / "given"))
    (home / "given").write_text("[core]\n excludesfile = ~/mine\n")
    assert is_left_out(root)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.excludesFile")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "/nowhere")
    assert not is_left_out(root)


def test_by_settings_on_the_command_line_of_a_git_that_started_us(root, home, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.excludesFile'='~/mine'")
    assert is_left_out(root)


def test_a_worktree_has_settings_of_its_own(root, home, git):
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    git(root, "worktree", "add", "-q", str(root.parent / "other"))
    git(root, "config", "extensions.worktreeConfig", "true")
    git(root.parent / "other", "config", "--worktree", "core.excludesFile", "~/mine")
    assert not is_left_out(root)
    assert is_left_out(root.parent / "other")


def test_letter_case_as_the_repository_says(root, git):
    (root / ".gitignore").write_text("*.LOG\n")
    for value, expected in (("true", True), ("yes", True), ("1", True), ("false", False), ("0", False), ("off", False)):
        git(root, "config", "core.ignoreCase", value)
        assert (Rules(root).verdict("a.log", is_dir=False) is not None) == expected


@pytest.mark.parametrize("path", ["~nobody-here/ignore", "~nobody\\\\here/ignore", "~no body/x"])
def test_a_user_that_there_is_not_is_no_error(root, home, path):
    """git itself ends there; the rest of its rules are known all the same."""
    (home / ".gitconfig").write_text(f'[core]\n excludesfile = "{path}"\n')
    (root / ".gitignore").write_text("*.log\n")
    rules = Rules(root)
    assert rules.verdict("a.log", is_dir=False) == "ignored by .gitignore:1: *.log"
    assert rules.verdict("a.mine", is_dir=False) is None
    assert "that user does not exist" in rules.problems[0]


@pytest.mark.parametrize(
    "text", ["[include]\n path = .gitconfig\n", "[include]\n path = ~/.gitconfig\n path = ~/.gitconfig\n"]
)
def test_settings_that_include_themselves_end(root, home, text):
    (home / ".gitconfig").write_text(text + "[core]\n excludesfile = ~/mine\n")
    assert Rules(root).verdict("a.mine", is_dir=False) is not None


def test_random_settings_are_read_as_git_reads_them(tmp_path):
    rng = random.Random(5)
    pieces = ["[core]", '[a "b c"]', "[a.B]", '[x "\\"y\\\\z"]', "\n", "\n", "\n", "\r\n", " ", "\t", "key", "Key-2", "=", " = ", "=",
              "value", '"', "\\\n", "\\n", "\\t", '\\"', "\\\\", "# note\n", "; note\n", "a b", "é", "true", "[", "]", "1k"]  # fmt: skip
    accepted = 0
    for _ in range(400):
        text = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 14)))
        text = rng.choice(["[core]\n", '[s "t"] ']) + rng.choice(["", "k = "]) + text
        (tmp_path / "settings").write_bytes(text.encode())
        done = subprocess.run(
            ["git", "config", "--file", "settings", "--list", "-z"], cwd=tmp_path, capture_output=True, check=False
        )
        if done.returncode:
            continue
        accepted += 1
        said = [
            item.partition("\n")[::2] if "\n" in item else (item, None)
            for item in done.stdout.decode().split("\0")
            if item
        ]
        assert list(parse(text)) == said, text
    assert accepted > 50


@pytest.mark.parametrize(
    ("platform", "place"),
    [("linux", "/etc/gitconfig"), ("darwin", "/opt/homebrew/etc/gitconfig"), ("win32", r"D:\Apps\Git\etc\gitconfig")],
)
def test_places_of_the_systems_settings(platform, place):
    assert place in system_files({"PROGRAMFILES": r"D:\Apps"}, platform)
    assert system_files({"GIT_CONFIG_NOSYSTEM": "1"}, platform) == []
