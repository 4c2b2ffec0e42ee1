"""What version control keeps is never indexed, whatever an ignore file or a setting takes back."""

from __future__ import annotations

import pytest

from codekin.api import Query, Workspace
from codekin.files import Rules
from support.scans import found_in

NEGATIONS = [
    "/*\n!/.*\n",
    ".*\n!.*\n",
    "*\n!*\n",
    "!**/\n",
    "/*\n!/*/\n",
    "*\n!*.*\n!*/\n",
    "!.git\n!.git/**\n",
    "!/.git/\n!.codekin/\n!.hg\n!.svn\n!.jj\n",
]
KEPT = (".git", ".hg", ".svn", ".jj", ".codekin")


@pytest.fixture
def repository(tmp_path, git):
    root = tmp_path / "dotfiles"
    (root / "sub").mkdir(parents=True)
    git(root, "init", "-q")
    git(root, "remote", "add", "origin", "https://sam:ghq_notrealtoken42@example.org/r.git")
    for folder in (root, root / "sub"):
        for name in KEPT:
            (folder / name).mkdir(exist_ok=True)
            (folder / name / "config").write_text("password = ghq_notrealtoken42\n")
    (root / "sub/visible.py").touch()
    (root / ".bash_aliases").write_text('alias ll="ls -l"\n')
    return root


@pytest.mark.parametrize("name", [".gitignore", ".codekinignore", ".git/info/exclude"])
@pytest.mark.parametrize("rules", NEGATIONS)
def test_no_negation_takes_them_back(repository, name, rules):
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text(rules)
    assert not {path for path in found_in(repository) if set(path.split("/")) & set(KEPT)}
    assert {".bash_aliases", "sub/visible.py"} & found_in(repository)


@pytest.mark.parametrize("include", [(".*",), ("**",), (".git/**", "sub/.git/config"), (".git/config",), ("*/.hg/**",)])
def test_no_setting_takes_them_back(repository, include):
    assert found_in(repository, include=include) == {".bash_aliases", "sub/visible.py"}


@pytest.mark.parametrize("name", [".GIT", ".Git", ".gIT", ".HG", ".Svn", ".CodeKin"])
def test_in_any_letter_case(tmp_path, name):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / name).mkdir()
    (tmp_path / "a" / name / "config").touch()
    assert found_in(tmp_path, include=("**",)) == set()
    assert Rules(tmp_path).verdict(f"a/{name}/config", is_dir=False) == f"never indexed ({name.lower()})"


def test_nor_a_git_file(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/.git").write_text("gitdir: /somewhere/else\n")
    (tmp_path / ".git").write_text("gitdir: /somewhere/else\n")
    assert found_in(tmp_path, include=("**", ".git")) == set()


def test_a_password_in_a_remote_address_is_not_found(repository):
    (repository / ".gitignore").write_text("/*\n!/.*\n")
    with Workspace.open(repository) as workspace:
        workspace.index()
        assert not workspace.run(Query().literal("notrealtoken"))["results"]
        assert workspace.run(Query().literal("alias ll"))["results"]
