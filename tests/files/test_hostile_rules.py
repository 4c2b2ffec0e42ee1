"""Patterns and files made to take for ever, to be endless or to be nothing that can be read."""

from __future__ import annotations

import os
import random

import pytest

from codekin.errors import SettingsError
from codekin.files import Found, PathGlobs, Rules, scan
from support.processor import bounded

EXPLODING = [
    *("*a" * stars + "*b" for stars in (6, 11, 200, 2_000)),
    "[ab]*" * 40 + "c",
    "?*" * 60 + "b",
    "**/a/" * 30 + "b",
    "**/*a*/" * 12 + "*b",
    "a/**/" * 40 + "b",
    "*/**/*/**/*/**/*/**/*/**/*/b",
    "***a***a***a***a***a***b",
    "a**/" * 30 + "b",
    "**/*a*a*a*a*a*a*a*a*b/**/*a*a*a*a*a*b",
]
LONG = ["a" * 255, "a/" * 400 + "a", "/".join(["a" * 200] * 15), "aa/" * 300 + "c", "ab" * 120]
NAMES = (
    ".gitignore",
    ".codekinignore",
    ".git/info/exclude",
    ".git/config",
    ".git/index",
    ".git/HEAD",
    ".git/commondir",
)


@pytest.mark.parametrize("pattern", EXPLODING, ids=range(len(EXPLODING)))
def test_no_pattern_takes_long(tmp_path, pattern):
    """The first kind took 50 s for a pattern of 20 characters and one name."""
    for line in (pattern, f"!{pattern}", f"x/{pattern}/"):
        (tmp_path / ".gitignore").write_text(f"{line}\n*.log\n")
        rules = Rules(tmp_path)
        for path in LONG:
            with bounded():
                rules.verdict(path, is_dir=False)
                PathGlobs([line]).matches(path)


@pytest.mark.parametrize(
    "data",
    [
        b"*a*b?c\n" * 200_000,
        b"[a-z]*[0-9]*x\n" * 80_000,
        b"".join(b"*.%d\n" % number for number in range(100_000)),
        b"".join(b"name%d\n" % number for number in range(90_000)),
        b"**/x%d/a\n" * 90_000,
        b"a" * 3_000_000,
        b"[" * 900_000,
        b"\\" * 900_000,
        bytes(range(256)) * 3_000,
    ],
    ids=range(9),
)
def test_a_huge_ignore_file_costs_no_path_much(tmp_path, data):
    (tmp_path / ".gitignore").write_bytes(data)
    rules = Rules(tmp_path)
    with bounded():
        for path in ("a.py", *(f"folder/file{number}.py" for number in range(100))):
            rules.verdict(path, is_dir=False)


def test_what_is_not_applied_is_said(tmp_path):
    (tmp_path / ".gitignore").write_text("a" * 5_000 + "\n*.log\n")
    rules = Rules(tmp_path)
    assert rules.verdict("x.log", is_dir=False) == "ignored by .gitignore:2: *.log"
    assert rules.problems == (
        "Line 1 of .gitignore is not applied: it is longer than 4096 bytes. To fix: shorten the ignore file.",
    )
    (tmp_path / ".gitignore").write_text("*.log\n" + "# a comment\n" * 100_000 + "*.py\n")
    rules.invalidate()
    assert rules.verdict("x.log", is_dir=False) is not None
    assert "Only the first 1 MB of the ignore file .gitignore" in rules.problems[0]
    (tmp_path / ".gitignore").write_text("*a*b?c\n" * 50_000)
    rules.invalidate()
    rules.verdict("x.log", is_dir=False)
    assert "the wildcard patterns before it take 16384 bytes" in rules.problems[0]
    (tmp_path / ".gitignore").unlink()
    rules.invalidate()
    assert rules.verdict("x.log", is_dir=False) is None
    assert rules.problems == ()


@pytest.mark.parametrize("setting", ["include", "exclude"])
def test_a_glob_of_a_setting_that_is_not_valid_is_named(tmp_path, setting):
    rules = Rules(tmp_path, **{setting: ("[[", "*.log", "", "# no comment", "a\\")})
    assert len(rules.problems) == 2
    assert rules.problems[0].startswith(f'"[[" in the setting {setting} matches nothing')
    assert "To fix" in rules.problems[0]
    assert not Rules(tmp_path, **{setting: ("[a-c]*.py", "\\[x]")}).problems


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("kind", ["pipe", "folder", "link to a device", "link to itself"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_file_is_not_waited_for(tmp_path, git, name, kind):
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/.gitignore").write_text("*.log\n")
    (tmp_path / "sub/b.log").touch()
    place = tmp_path / name
    place.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/zero" if kind == "link to a device" else place)
    rules = Rules(tmp_path)
    found = {item.path for item in scan(tmp_path, rules, lambda: False) if isinstance(item, Found)}
    assert {"a.py", "sub/.gitignore"} <= found
    assert "sub/b.log" not in found
    if name in (".gitignore", ".codekinignore", ".git/info/exclude"):
        assert any(name in problem for problem in rules.problems), rules.problems


def test_a_pipe_in_place_of_the_git_file_or_of_a_global_ignore_file(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / ".git")
    os.mkfifo(tmp_path / "global")
    (tmp_path / "settings").write_text(f"[core]\n excludesfile = {tmp_path}/global\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    (tmp_path / "a.py").touch()
    rules = Rules(tmp_path)
    assert rules.verdict("a.py", is_dir=False) is None
    assert "is not a regular file" in rules.problems[0]
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    rules.invalidate()
    assert rules.verdict("a.py", is_dir=False) is None
    assert rules.problems == ()


ODD = ("!", "/", "**foo", "[", "foo\\", "a/**b", "\\", "//", "[z-a]", "***", "!foo", "[[:foo:]]", "", " ", "#", "!!", "\0", "\n",
       "\ud800", "a\nb", "[!", "[]", "[^]", "[a-", "[[:", "!\\", "(" * 500, "a" * 5_000, "{a,b}", "**/", "/**", "é[é]", "\x85", "\u2028")  # fmt: skip


def test_globs_of_any_kind_raise_nothing_but_what_is_said():
    rng = random.Random(3)
    made = [
        "".join(rng.choice([*ODD, "a", "*", "?", "/", "[a-b]"]) for _ in range(rng.randrange(1, 6)))
        for _ in range(3_000)
    ]
    refused = []
    for glob in [*ODD, *made]:
        try:
            globs = PathGlobs([glob])
        except SettingsError as error:
            refused.append(str(error))
            continue
        for path in ("a/b.py", "é", "a b", "\ud800", "", "/", "a//b"):
            globs.matches(path)
    assert 0 < len(refused) < 3_000
    assert all("To fix: " in message for message in refused)


@pytest.mark.parametrize("globs", [["a"] * 2_000, ["*a" * 200] * 900])
def test_too_many_globs_are_refused(globs):
    with pytest.raises(SettingsError, match="To fix: "):
        PathGlobs(globs)


@pytest.mark.parametrize(
    "line", [b"a.py \\", b"a.py\x0c", b"x\x0ca.py", b"a.py\x85", "a.py\u2028".encode(), b"a.py\x0b", b"a.py\t"]
)
def test_only_a_line_feed_ends_a_line(tmp_path, line):
    (tmp_path / ".gitignore").write_bytes(line + b"\nb.py\r\nc.py  \nd.py")
    rules = Rules(tmp_path)
    ignored = {name for name in ("a.py", "b.py", "c.py", "d.py") if rules.verdict(name, is_dir=False)}
    assert ignored == {"b.py", "c.py", "d.py"}


@pytest.mark.parametrize(
    ("rules", "kept", "gone"),
    [
        ("log/**/\n", "log/keep.c", "log/a/b.c"),
        ("/log/**/\n", "log/keep.c", "log/a/b.c"),
        ("*/**/\n", "log/keep.c", "log/a/b.c"),
        ("data/**\n!data/**/\n!data/**/*.py\n", "data/raw/y.py", "data/raw/y.csv"),
        ("[[:digit:]]*\n", "a1", "1a"),
        ("*.[[:alpha:]][[:digit:]]\n", "a.11", "a.b1"),
        ("?.txt\n", "é.txt", "e.txt"),
        ("a\\ \n", "a", "a "),
    ],
)
def test_what_other_readers_of_ignore_files_get_wrong(tmp_path, git, rules, kept, gone, recwarn):
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text(rules)
    ours = Rules(tmp_path)
    assert ours.verdict(kept, is_dir=False) is None
    assert ours.verdict(gone, is_dir=False) is not None
    assert not recwarn.list
