"""Files and folders that cannot be opened, named or dated are skipped with a reason.

Everything else is indexed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace

import pytest

from codekin.domain.values import FileRecord
from codekin.files import Found, Rules, read_source, scan
from codekin.files.file_systems import system_of
from codekin.indexing import plan_pass
from codekin.searching import StoredRecords
from codekin.watching import Watcher
from support.scans import scanned
from support.waiting import wait_until

LINUX, MAC, WINDOWS = map(system_of, ("linux", "darwin", "win32"))
NOBODY = 65_534


@contextlib.contextmanager
def as_somebody():
    """Without the rights of the superuser, whom no mode of a folder stops."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder(monkeypatch):
    """One that any user may enter, unlike those of the tests and the home folder."""
    monkeypatch.setenv("HOME", "/nonexistent")
    folder = Path(tempfile.mkdtemp(prefix="codekin-"))
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o444, 0o000, 0o111, 0o644])
def test_a_folder_that_may_not_be_read_or_entered(open_folder, mode):
    for name in ("sub/a.py", "sub/below/b.py", "good.py", "other/good.py"):
        (open_folder / name).parent.mkdir(exist_ok=True)
        (open_folder / name).touch()
    (open_folder / "sub").chmod(mode)
    with as_somebody():
        found, reasons = scanned(open_folder)
        rules = Rules(open_folder)
        rules.verdict("sub/below/b.py", is_dir=False)
    assert found == {"good.py", "other/good.py"}
    assert reasons["sub"] in {
        "folder cannot be entered (Permission denied)",
        "folder cannot be read (Permission denied)",
    }
    assert set(reasons) == {"sub"}
    assert rules.problems == ()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
@pytest.mark.parametrize("polling", [False, True])
def test_watching_goes_on_beside_such_folders(open_folder, polling):
    for mode in (0o444, 0o000, 0o111):
        (open_folder / f"sub{mode}/below").mkdir(parents=True)
        (open_folder / f"sub{mode}").chmod(mode)
    (open_folder / "good").mkdir()
    seen = set()
    watcher = Watcher(
        open_folder,
        Rules(open_folder),
        lambda events: seen.update(event.path for event in events),
        on_rescan=lambda: None,
        debounce_ms=20,
        polling=polling,
    )
    with as_somebody():
        watcher.start()
    try:
        assert watcher.mode == ("polling" if polling else "native")
        (open_folder / "good/a.py").touch()
        wait_until(lambda: "good/a.py" in seen)
    finally:
        watcher.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_an_ignore_file_that_may_not_be_read_is_said(open_folder):
    (open_folder / "a.py").touch()
    (open_folder / ".gitignore").write_text("*.py\n")
    (open_folder / ".gitignore").chmod(0)
    with as_somebody():
        rules = Rules(open_folder)
        found = {item.path for item in scan(open_folder, rules, lambda: False) if isinstance(item, Found)}
    assert "a.py" in found
    assert "Could not read the ignore file .gitignore (Permission denied)" in rules.problems[0]


def nest(root, name, depth):
    """Folders in each other, made one by one: their path is too long for a single call."""
    descriptor = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=descriptor)
        below = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(os.open("end.py", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    os.close(descriptor)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of Linux")
@pytest.mark.parametrize(
    ("name", "depth"), [("n" * 240, 16), ("n" * 240, 17), ("n" * 240, 20), ("n", 1_500), ("n", 3_000), ("é" * 100, 30)]
)
@pytest.mark.parametrize("polling", [False, True])
def test_paths_that_are_too_long(tmp_path, name, depth, polling):
    nest(tmp_path, name, depth)
    (tmp_path / "good.py").touch()
    try:
        found, reasons = scanned(tmp_path)
        assert "good.py" in found
        assert any(path.endswith("end.py") for path in found) or any("too long" in why for why in reasons.values())
        seen = set()
        collect = lambda events: seen.update(event.path for event in events)  # noqa: E731 - one line
        watcher = Watcher(tmp_path, Rules(tmp_path), collect, on_rescan=lambda: None, debounce_ms=20, polling=polling)
        watcher.start()
        try:
            (tmp_path / "new.py").touch()
            wait_until(lambda: "new.py" in seen)
        finally:
            watcher.stop()
    finally:
        # Python's own way of clearing up does not get so deep.
        subprocess.run(["rm", "-rf", str(tmp_path / name)], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere names are text")
def test_names_that_are_no_text(tmp_path):
    (tmp_path / "good.py").touch()
    (tmp_path / os.fsdecode(b"caf\xe9.py")).touch()
    folder = tmp_path / os.fsdecode(b"d\xff")
    folder.mkdir()
    (folder / "a.py").touch()
    found, reasons = scanned(tmp_path)
    assert found == {"good.py"}
    assert set(reasons) == {r"caf\xe9.py", r"d\xff"}


def test_links_that_go_round(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c.py").touch()
    (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found, reasons = scanned(tmp_path)
    assert found == {"a/b/c.py"}
    assert reasons == {"a/b/up": "symbolic link", "self": "symbolic link"}


@pytest.mark.parametrize("seconds", [-(2**62), -1, 0, 2**33, 16_409_779_200, 2**62])
def test_times_out_of_range_are_passed_on_within_64_bits(seconds):
    status = SimpleNamespace(st_mtime_ns=seconds * 10**9, st_ctime_ns=0)
    for system in (LINUX, MAC, WINDOWS):
        assert -(2**63) < system.changed_ns(status) < 2**63


def records_of(root, rules):
    """As they are after a pass."""
    known = {}
    for item in scan(root, rules, lambda: False):
        source = read_source(root, item.path, 1_000_000)
        known[item.path] = FileRecord(item.path, "python", source.size_bytes, source.mtime_ns, source.digest)
    return known


@pytest.mark.skipif(sys.platform == "win32", reason="no time of change there")
def test_a_file_rewritten_with_its_size_and_time_is_read_again(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("def first(): pass\n")
    (tmp_path / "b.py").write_text("x = 1\n")
    os.utime(tmp_path / "b.py", (1_000_000_000, 1_000_000_000))
    rules = Rules(tmp_path)
    known = StoredRecords(None, frozenset(), records_of(tmp_path, rules))
    assert plan_pass(tmp_path, rules, known, frozenset(), lambda: False).index == ()
    before = file.stat()

    def rewritten():
        file.write_text("def other(): pass\n")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        return file.stat().st_ctime_ns != before.st_ctime_ns

    wait_until(rewritten)  # a clock tick of the file system
    after = file.stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)
    assert plan_pass(tmp_path, rules, known, frozenset(), lambda: False).index == ("a.py",)


def entry(name, *, link=False, tag=0):
    status = SimpleNamespace(st_mode=stat.S_IFDIR, st_reparse_tag=tag)
    return SimpleNamespace(name=name, is_symlink=lambda: link, stat=lambda **_: status)


def test_junctions_are_links_where_there_are_any():
    junction, placeholder = 0xA0000003, 0x9000001A
    assert WINDOWS.is_link(entry("a", tag=junction))
    assert not WINDOWS.is_link(entry("a", tag=placeholder))
    assert WINDOWS.is_link(entry("a", link=True))
    assert not LINUX.is_link(entry("a", tag=junction))


@pytest.mark.parametrize(
    ("system", "root", "path", "below"),
    [
        (LINUX, "/", "/a/b.py", "a/b.py"),
        (LINUX, "/w", "/w/a/b.py", "a/b.py"),
        (LINUX, "/w", "/w", ""),
        (LINUX, "/w", "/wide/a.py", ""),
        (LINUX, "/w", "/w/a\\b.py", "a\\b.py"),
        (WINDOWS, "C:\\", "C:\\a\\b.py", "a/b.py"),
        (WINDOWS, "C:\\w", "C:\\w\\a\\b.py", "a/b.py"),
        (WINDOWS, "\\\\server\\share\\", "\\\\server\\share\\a.py", "a.py"),
    ],
)
def test_paths_below_a_root_that_may_be_a_drive(system, root, path, below):
    assert system.relative(root, path) == below
    pure = PureWindowsPath if system is WINDOWS else PurePosixPath
    assert not below or pure(root) / below == pure(path)


def test_names_compare_as_the_system_has_them(tmp_path):
    composed, decomposed = "\u00e9.py", "e\u0301.py"
    (tmp_path / ".gitignore").write_text(f"{composed}\n*.LOG\n", encoding="utf-8")
    for name, expected in ((composed, True), (decomposed, True), ("a.log", True), ("a.Log", True)):
        assert (Rules(tmp_path, system=MAC).verdict(name, is_dir=False) is not None) == expected
    for name, expected in ((composed, True), (decomposed, False), ("a.log", False), ("a.LOG", True)):
        assert (Rules(tmp_path, system=LINUX).verdict(name, is_dir=False) is not None) == expected
    assert Rules(tmp_path, system=WINDOWS).verdict("a.log", is_dir=False) is not None


def test_a_repository_says_itself_whether_case_matters(tmp_path, git):
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.ignoreCase", "false")
    (tmp_path / ".gitignore").write_text("*.LOG\n")
    assert Rules(tmp_path, system=MAC).verdict("a.log", is_dir=False) is None


def test_rules_change_with_the_next_pass(tmp_path, git, home, monkeypatch):
    git(tmp_path, "init", "-q")
    (tmp_path / "a.log").write_text("x\n")
    rules = Rules(tmp_path)

    def judged():
        rules.invalidate()
        return rules.verdict("a.log", is_dir=False)

    assert judged() is None
    (tmp_path / ".git/info").mkdir(exist_ok=True)
    (tmp_path / ".git/info/exclude").write_text("*.log\n")
    assert judged() == "ignored by .git/info/exclude:1: *.log"
    git(tmp_path, "add", "-f", "a.log")
    assert judged() is None
    git(tmp_path, "rm", "-q", "--cached", "a.log")
    (tmp_path / ".git/info/exclude").write_text("")
    assert judged() is None
    (home / "config/git").mkdir(parents=True)
    (home / "config/git/ignore").write_text("a.*\n")
    assert "global git ignore file" in judged()
