"""Ignore rules as git has them, and ours on top."""

from __future__ import annotations

import subprocess

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekin.watching import PathGlobs, Rules, scan
from codekin.watching.scanning import Found

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
    ours = {file for file in FILES if rules.verdict(file, is_dir=False) is not None} - {
        f for f in FILES if f.endswith(".log")
    }
    # "*.log" is excluded by default, which git knows nothing about.
    assert ours == {file for file in ignored if not file.endswith(".log")}


def test_order_of_rules(tmp_path):
    (tmp_path / ".gitignore").write_text("*.sql\nsecret.py\n")
    (tmp_path / ".codekinignore").write_text("!wanted.sql\nunwanted.py\n")
    rules = Rules(tmp_path, include=("kept/**",), exclude=("*.txt",))
    assert rules.verdict("a.py", is_dir=False) is None
    assert rules.verdict("wanted.sql", is_dir=False) is None
    assert rules.verdict("other.sql", is_dir=False) == "ignored by .gitignore: *.sql"
    assert rules.verdict("unwanted.py", is_dir=False) == "ignored by .codekinignore: unwanted.py"
    assert "setting exclude" in rules.verdict("a.txt", is_dir=False)
    assert rules.verdict("kept/a.txt", is_dir=False) is None
    assert "may hold secrets" in rules.verdict("kept/.env", is_dir=False)
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


def test_lines_that_are_no_pattern_are_passed_over(tmp_path):
    (tmp_path / ".gitignore").write_text("a\\\n[z-a]\n!\n/\n[\n***\nreal.py\n")
    rules = Rules(tmp_path)
    assert rules.verdict("real.py", is_dir=False) is not None


def test_secrets_in_any_case(tmp_path):
    rules = Rules(tmp_path)
    for name in (".ENV", "Server.PEM", "ID_RSA", ".git-credentials", "x/prod.tfvars"):
        assert "may hold secrets" in rules.verdict(name, is_dir=False)
