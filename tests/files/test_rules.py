"""Ignore rules as git has them, and ours on top."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekin.files import PathGlobs, Rules, scan
from codekin.files.scanning import Found

NAMES = st.sampled_from(["a", "b", "cc", "x.log", "y.txt", "deep"])
PATTERNS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "*.log",
                "!x.log",
                "a/",
                "/a",
                "b",
                "**/cc",
                "deep/**",
                "!deep/a",
                "a/b",
                "*",
                "!*/",
                "# note",
                "",
                "x.*",
                "[ab]",
                "/deep/*/b",
                "*.lo[fg]",
                "?.txt",
                "**/a/b",
                "**/b/",
                "x*",
                "a/**/y.txt",
                "/a/b/",
                "dee*/",
                "!/deep/",
                "c\\c",
            ]
        ),
        st.tuples(st.sampled_from(["", "/", "!"]), NAMES, st.sampled_from(["", "/", "/*"])).map("".join),
    ),
    max_size=4,
)
FOLDERS = ["", "a", "a/b", "deep", "deep/a"]
FILES = [f"{folder}/{name}".lstrip("/") for folder in FOLDERS for name in ("cc", "x.log", "y.txt")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(top=PATTERNS, nested=PATTERNS, info=PATTERNS)
def test_gitignore_as_git_reads_it(top, nested, info, tmp_path_factory, git):
    root = tmp_path_factory.mktemp("g")
    git(root, "init", "-q")
    for folder in FOLDERS:
        (root / folder).mkdir(exist_ok=True)
    for file in FILES:
        (root / file).write_text("x")
    (root / ".gitignore").write_text("\n".join(top))
    (root / "deep" / ".gitignore").write_text("\n".join(nested))
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/exclude").write_text("\n".join(info))
    done = subprocess.run(["git", "check-ignore", *FILES], cwd=root, capture_output=True, text=True, check=False)
    ignored = set(done.stdout.split())
    rules = Rules(root)
    assert {file for file in FILES if rules.verdict(file, is_dir=False) is not None} == ignored


def test_order_of_rules(tmp_path):
    (tmp_path / ".gitignore").write_text("*.sql\nsecret.py\n")
    (tmp_path / ".codekinignore").write_text("!wanted.sql\nunwanted.py\n")
    rules = Rules(tmp_path, include=("kept/**",), exclude=("*.txt",))
    assert rules.verdict("a.py", is_dir=False) is None
    assert rules.verdict("wanted.sql", is_dir=False) is None
    assert rules.verdict("other.sql", is_dir=False) == "ignored by .gitignore:1: *.sql"
    assert rules.verdict("unwanted.py", is_dir=False) == "ignored by .codekinignore:2: unwanted.py"
    assert "setting exclude" in rules.verdict("a.txt", is_dir=False)
    assert rules.verdict("kept/a.txt", is_dir=False) is None
    assert "may contain secrets" in rules.verdict("kept/.env", is_dir=False)
    assert rules.verdict(".env.example", is_dir=False) is None
    assert "default excludes" in rules.verdict("node_modules/x/y.js", is_dir=False)
    assert rules.verdict("src/.git", is_dir=True) is not None


def test_changed_ignore_file_counts_after_invalidate(tmp_path):
    rules = Rules(tmp_path)
    assert rules.verdict("a.py", is_dir=False) is None
    (tmp_path / ".gitignore").write_text("a.py\n")
    rules.invalidate()
    assert rules.verdict("a.py", is_dir=False) is not None


def test_scan_finds_files_and_counts_an_excluded_folder_once(tmp_path):
    for name in ("a.py", "node_modules/x/y.js", "node_modules/z.js", "src/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "link").symlink_to(tmp_path.parent)
    items = list(scan(tmp_path, Rules(tmp_path), lambda: False))
    assert {item.path for item in items if isinstance(item, Found)} == {"a.py", "src/b.py"}
    assert {item.path for item in items if not isinstance(item, Found)} == {"node_modules", "link"}
    assert list(scan(tmp_path, Rules(tmp_path), lambda: True)) == []


def test_globs_with_exclusions():
    assert PathGlobs(("src/**", "!*.md")).matches("src/a.py")
    assert not PathGlobs(("src/**", "!*.md")).matches("src/a.md")
    assert not PathGlobs(("src/**",)).matches("lib/a.py")
    assert PathGlobs(("!vendor/",)).matches("src/a.py")
    assert not PathGlobs(("!vendor/",)).matches("vendor/a.py")


@pytest.mark.parametrize(
    "globs",
    [("src/**", "!*.md"), ("!vendor/",), ("lib/*/b.py",), ("/src", "!src/deep"), ("**/deep/**", "!**/b.*"), ("*.md",)],
)
def test_many_paths_are_tested_as_each_alone(globs):
    folders = ("", "src/", "src/deep/", "lib/deep/", "vendor/src/", "vendor/src/deep/er/", "größe/")
    paths = [f"{folder}{name}" for folder in folders for name in ("a.py", "b.py", "b.md", "deep", "vendor")]
    tested = PathGlobs(globs)
    assert list(tested.each(paths)) == [tested.matches(path) for path in paths]
    assert any(tested.each(paths))
    assert not all(tested.each(paths))


def test_lines_that_are_no_pattern_are_passed_over(tmp_path):
    (tmp_path / ".gitignore").write_text("a\\\n[z-a]\n!\n/\n[\n***\nreal.py\n")
    rules = Rules(tmp_path)
    assert rules.verdict("real.py", is_dir=False) is not None


def test_secrets_in_any_case(tmp_path):
    rules = Rules(tmp_path)
    for name in (".ENV", "Server.PEM", "ID_RSA", ".git-credentials", "x/prod.tfvars"):
        assert "may contain secrets" in rules.verdict(name, is_dir=False)


@pytest.mark.parametrize(
    "path",
    [".aws/config", "x/.aws/Config", ".npmrc", ".netrc", "x/.pypirc", ".docker/config.json", "home/.kube/config"],
)
def test_settings_of_tools_that_hold_tokens_are_secrets(tmp_path, path):
    assert "may contain secrets" in Rules(tmp_path).verdict(path, is_dir=False)


def test_a_root_that_is_itself_such_a_folder(tmp_path):
    assert "may contain secrets" in Rules(tmp_path / ".aws").verdict("config", is_dir=False)
    assert Rules(tmp_path).verdict("docker/config.json", is_dir=False) is None


@pytest.mark.parametrize(
    "path",
    [
        "node_modules/x.js",
        "packages/a/dist/x.js",
        "a.min.js",
        "a.min.mjs",
        "a.js.map",
        "x/poetry.lock",
        "gradle.lockfile",
        "packages.lock.json",
        ".terraform.lock.hcl",
        "Package.resolved",
        "go.sum",
        "npm-debug.log.1",
    ],
)
def test_what_tools_wrote_is_out_by_default(tmp_path, path):
    assert "default excludes" in Rules(tmp_path).verdict(path, is_dir=False)


@pytest.mark.parametrize(
    "path", ["fixtures/session.log", "com.app.log/Reader.java", "lib/symbols.map", "src/build/x.py"]
)
def test_what_people_wrote_is_in_by_default(tmp_path, path):
    assert Rules(tmp_path).verdict(path, is_dir=False) is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(top=PATTERNS, above=PATTERNS, info=PATTERNS)
def test_a_root_inside_a_repository_as_git_reads_it(top, above, info, tmp_path_factory, git):
    repository = tmp_path_factory.mktemp("g")
    git(repository, "init", "-q")
    for folder in FOLDERS:
        (repository / folder).mkdir(exist_ok=True)
    for file in FILES:
        (repository / file).write_text("x")
    (repository / ".gitignore").write_text("\n".join(top))
    (repository / "deep" / ".gitignore").write_text("\n".join(above))
    (repository / ".git/info").mkdir(exist_ok=True)
    (repository / ".git/info/exclude").write_text("\n".join(info))
    done = subprocess.run(
        ["git", "check-ignore", "deep", "deep/a", *FILES], cwd=repository, capture_output=True, text=True, check=False
    )
    ignored = set(done.stdout.split())
    rules = Rules(repository / "deep/a")
    found = {name for name in ("cc", "x.log", "y.txt") if rules.verdict(name, is_dir=False) is not None}
    # A root that is ignored as a whole was opened on purpose: then the repository says nothing.
    ours = set() if ignored & {"deep", "deep/a"} else {file[7:] for file in ignored if file.startswith("deep/a/")}
    assert found == ours


def test_rules_above_the_root_are_named(tmp_path, git):
    git(tmp_path, "init", "-q")
    root = tmp_path / "packages/app"
    root.mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("/packages/*/generated/\n*.tmp.py\n")
    (tmp_path / "packages/.gitignore").write_text("!keep.tmp.py\n")
    (tmp_path / ".git/info/exclude").write_text("/packages/app/local.py\n")
    rules = Rules(root)
    assert rules.verdict("generated", is_dir=True) == "ignored by ../../.gitignore:1: /packages/*/generated/"
    assert rules.verdict("a.tmp.py", is_dir=False) == "ignored by ../../.gitignore:2: *.tmp.py"
    assert rules.verdict("keep.tmp.py", is_dir=False) is None
    assert rules.verdict("local.py", is_dir=False) == "ignored by .git/info/exclude:1: /packages/app/local.py"
    assert rules.verdict("src/app.py", is_dir=False) is None


def test_scanning_costs_little_more_than_looking(tmp_path):
    """Compare processor time with only listing folders and sizes."""
    for folder in range(100):
        (tmp_path / f"p{folder}").mkdir()
        for file in range(40):
            (tmp_path / f"p{folder}" / f"file{file}.py").touch()
    (tmp_path / ".gitignore").write_text("*.pyc\n*.o\n/bin/\ntmp/\n*.swp\n.DS_Store\nlogs/**\n!keep.pyc\n")

    def look():
        for folder in os.scandir(tmp_path):
            if folder.is_dir():
                for entry in os.scandir(folder.path):
                    entry.stat()

    def look_and_judge():
        assert sum(isinstance(item, Found) for item in scan(tmp_path, Rules(tmp_path), lambda: False)) == 4_001

    assert fastest(look_and_judge) < 12 * fastest(look)


def fastest(work):
    """Seconds of processor time, the least of three."""
    times = []
    for _ in range(3):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return min(times)
