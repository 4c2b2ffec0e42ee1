"""The quick checks choose the tests of what changed, and say why."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import everything
from support.files import write_files
from support.git.repository import init_repository
from support.places import ROOT
from support.quick import ALWAYS, changed_files, choose


@pytest.mark.parametrize(
    ("changed", "chosen"),
    [
        ("server/codekin/engine/engine.py", "tests/engine"),
        ("server/codekin/storage/vectors/flat.py", "tests/storage"),
        ("server/codekin/display.py", "tests/test_display.py"),
        ("server/codekin/config.py", "tests/test_manifest.py"),
        ("package.json", "tests/test_manifest.py"),
        ("tests/engine/stores/test_consistency.py", "tests/engine/stores/test_consistency.py"),
        ("tests/lsp/conftest.py", "tests/lsp"),
        ("tests/git/settings.tsv", "tests/git"),
        ("tests/support/quick.py", "tests/test_quick.py"),
        ("README.md", ALWAYS),
    ],
)
def test_a_change_chooses_its_tests(changed, chosen):
    choice = choose(ROOT, [changed])
    assert choice.tests[chosen] == (changed,)
    assert set(choice.tests) == {chosen, ALWAYS}
    assert choice.left == ()
    assert f"{chosen}: {changed} changed" in choice.lines()


@pytest.mark.parametrize(
    "changed",
    [
        "server/codekin/errors.py",
        "tests/conftest.py",
        "tests/support/waiting.py",
        "pyproject.toml",
        "tests/x/test_gone.py",
    ],
)
def test_a_change_without_tests_of_its_own_is_left_to_the_full_run(changed):
    choice = choose(ROOT, [changed])
    assert choice.tests == {ALWAYS: ()}
    assert choice.left == (changed,)
    assert choice.lines() == [f"{ALWAYS}: always", f"left to the full run: {changed}"]


@pytest.mark.parametrize("changed", ["client/src/extension.ts", "tests/e2e/run.mjs", "tsconfig.json"])
def test_typescript_has_a_check_of_its_own(changed):
    choice = choose(ROOT, [changed])
    assert (choice.typescript, choice.left) == ((changed,), ())


def test_the_folder_with_most_changes_comes_first_and_stands_for_its_files():
    changed = [
        "tests/engine/test_deep.py",
        "server/codekin/engine/a.py",
        "server/codekin/lsp/a.py",
        "server/codekin/lsp/b.py",
    ]
    assert list(choose(ROOT, changed).tests) == ["tests/lsp", "tests/engine", ALWAYS]


def test_what_changed_since_the_branch_began_and_is_not_committed(tmp_path, git):
    write_files(tmp_path, dict.fromkeys(("old.py", "moved.py", ".gitignore"), "ignored.py\n"))
    init_repository(tmp_path, "Begin")
    assert changed_files(tmp_path) == ("the merge base with main", [])
    git(tmp_path, "switch", "-qc", "topic")
    git(tmp_path, "mv", "moved.py", "to.py")
    git(tmp_path, "commit", "-qm", "Move")
    (tmp_path / "old.py").write_text("changed")
    (tmp_path / "new ü.py").write_text("")
    (tmp_path / "ignored.py").write_text("")
    assert sorted(changed_files(tmp_path)[1]) == ["moved.py", "new ü.py", "old.py", "to.py"]
    git(tmp_path, "branch", "-qD", "main")
    assert changed_files(tmp_path) == ("the last commit", ["old.py", "new ü.py"])


@pytest.mark.parametrize(("first", "status"), [("assert False", 1), ("pass", 2)])
def test_an_interrupted_run_has_failed_if_a_test_had(tmp_path, first, status):
    write_files(
        tmp_path,
        {
            "conftest.py": "from support.interrupts import pytest_sessionfinish\n",
            "test_two.py": f"def test_first():\n    {first}\n\n\ndef test_second():\n    raise KeyboardInterrupt\n",
        },
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == status, done.stdout


def test_what_it_does_not_know_goes_to_pytest():
    options, others = everything.parse(["--quick", "-k", "retry", "-x"])
    assert (options.quick, options.install_only, others) == (True, False, ["-k", "retry", "-x"])
    assert everything.parse(["-q", "tests/engine"])[1] == ["-q", "tests/engine"]
