"""Changes as the operating system reports them, on a real disk."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from watchdog.utils.dirsnapshot import DirectorySnapshot

from codekin.domain.values import FileChange
from codekin.files import Rules
from codekin.watching import Watcher
from codekin.watching.polling import lister
from codekin.watching.watcher import _MANY_CHANGES
from support.waiting import DEADLINE_S, wait_until

CHANGED, DELETED = FileChange.CHANGED, FileChange.DELETED
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")


class Collector:
    def __init__(self):
        self.seen = {}
        self.rescans = threading.Event()
        self._changed = threading.Condition()

    def batch(self, events):
        with self._changed:
            self.seen.update({event.path: event.change for event in events})
            self._changed.notify_all()

    def wait_for(self, path, change):
        with self._changed:
            assert self._changed.wait_for(lambda: self.seen.get(path) is change, DEADLINE_S), self.seen


@contextlib.contextmanager
def watching(root, collector, rules=None, debounce_ms=20, mode="native"):
    rules = rules or Rules(root)
    wanted = {"on_rescan": collector.rescans.set, "debounce_ms": debounce_ms, "polling": mode == "polling"}
    watcher = Watcher(root, rules, collector.batch, **wanted)
    watcher.start()
    try:
        assert watcher.mode == mode
        yield watcher
    finally:
        watcher.stop()


def write(file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x = 1\n")
    return file


def watched_inodes():
    """Of every inotify watch that this process holds."""
    found = set()
    for file in Path("/proc/self/fdinfo").iterdir():
        with contextlib.suppress(OSError):
            lines = [line.split() for line in file.read_text().splitlines() if line.startswith("inotify ")]
            found |= {int(field[4:], 16) for line in lines for field in line if field.startswith("ino:")}
    return found


def is_watched(folder):
    return folder.stat().st_ino in watched_inodes()


@on_linux
def test_what_is_read_is_no_change(tmp_path):
    write(tmp_path / "read.py")
    write(tmp_path / "sub" / "read.py")
    collector = Collector()
    with watching(tmp_path, collector):
        for file in (tmp_path / "read.py", tmp_path / "sub" / "read.py"):
            assert file.read_text()
        list((tmp_path / "sub").iterdir())
        write(tmp_path / "written.py")
        collector.wait_for("written.py", CHANGED)
    assert collector.seen == {"written.py": CHANGED}


@on_linux
def test_after_a_flood_of_changes_everything_is_looked_at_again(tmp_path):
    """The kernel drops events when its queue is full, and watchdog does not tell."""
    collector = Collector()
    with watching(tmp_path, collector, debounce_ms=500) as watcher:
        write(tmp_path / "first.py")
        collector.wait_for("first.py", CHANGED)
        assert not collector.rescans.is_set()
        for number in range(_MANY_CHANGES):
            watcher.note(f"file_{number}.py", CHANGED)
        assert collector.rescans.wait(DEADLINE_S)


@pytest.mark.parametrize("polling", [False, True])
def test_real_changes_are_delivered(tmp_path, polling):
    (tmp_path / "src").mkdir()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "src/a.py").write_text("x = 1\n")
    collector = Collector()
    watcher = Watcher(
        tmp_path, Rules(tmp_path), collector.batch, on_rescan=collector.rescans.set, debounce_ms=20, polling=polling
    )
    watcher.start()
    try:
        assert watcher.mode == ("polling" if polling else "native")
        (tmp_path / "node_modules/b.js").write_text("x")
        (tmp_path / "src/.a.py.tmp").write_text("x = 22\n")
        (tmp_path / "src/.a.py.tmp").replace(tmp_path / "src/a.py")
        collector.wait_for("src/a.py", FileChange.CHANGED)
        (tmp_path / "src/c.py").write_text("y = 1\n")
        collector.wait_for("src/c.py", FileChange.CHANGED)
        (tmp_path / "src/c.py").unlink()
        collector.wait_for("src/c.py", FileChange.DELETED)
        (tmp_path / ".gitignore").write_text("q\n")
        assert collector.rescans.wait(DEADLINE_S)
        assert "node_modules/b.js" not in collector.seen
    finally:
        watcher.stop()
    assert watcher.mode == "off"


def test_polling_looks_at_no_excluded_folder_and_follows_no_link(tmp_path):
    write(tmp_path / "src/a.py")
    write(tmp_path / "node_modules/deep/b.js")
    for name in "onward", "round":
        (tmp_path / "src" / name).symlink_to(tmp_path)
    seen = DirectorySnapshot(str(tmp_path), stat=os.lstat, listdir=lister(tmp_path, Rules(tmp_path))).paths
    assert {str(Path(path).relative_to(tmp_path)) for path in seen} == {
        ".",
        "src",
        *(f"src/{name}" for name in ("a.py", "onward", "round")),
    }
    collector = Collector()
    with watching(tmp_path, collector, mode="polling"):
        write(tmp_path / "src/c.py")
        collector.wait_for("src/c.py", CHANGED)


def test_a_folder_that_was_deleted_and_made_again_is_watched(tmp_path):
    write(tmp_path / "src/a.py")
    collector = Collector()
    with watching(tmp_path, collector):
        for turn in range(3):
            shutil.rmtree(tmp_path / "src")
            collector.wait_for("src", DELETED)
            write(tmp_path / f"src/first{turn}.py")
            collector.wait_for(f"src/first{turn}.py", CHANGED)
            collector.seen.clear()
            write(tmp_path / f"src/later{turn}.py")
            collector.wait_for(f"src/later{turn}.py", CHANGED)


def test_a_folder_that_was_exchanged_at_once_is_watched(tmp_path):
    write(tmp_path / "src/a.py")
    collector = Collector()
    with watching(tmp_path, collector):
        for turn in range(5):
            shutil.rmtree(tmp_path / "src")
            write(tmp_path / f"src/new{turn}.py")
        collector.wait_for("src/new4.py", CHANGED)
        write_until_seen(tmp_path / "src", collector)


def write_until_seen(folder, collector):
    """A change during an exchange of watches may be reported as part of the new folder.

    Later changes must not be lost.
    """
    wait_until(lambda: is_watched(folder))
    write(folder / "later.py")
    collector.wait_for(f"{folder.name}/later.py", CHANGED)


def test_a_renamed_folder_is_watched_under_its_new_name_and_its_successor_too(tmp_path):
    write(tmp_path / "src/deep/a.py")
    collector = Collector()
    with watching(tmp_path, collector):
        for turn in range(3):
            (tmp_path / "src").rename(tmp_path / f"lib{turn}")
            collector.wait_for("src", DELETED)
            collector.wait_for(f"lib{turn}/deep/a.py", CHANGED)
            write(tmp_path / "src/deep/a.py")
            collector.wait_for("src/deep/a.py", CHANGED)
            collector.seen.clear()
            for folder in (f"lib{turn}", "src"):
                write(tmp_path / folder / "deep/b.py")
                collector.wait_for(f"{folder}/deep/b.py", CHANGED)


@pytest.mark.parametrize("folder", ["src", "src/inner"])
def test_a_folder_moved_away_and_back(tmp_path, folder, recwarn):
    root = tmp_path / "root"
    write(root / folder / "deep/a.py")
    collector = Collector()
    with watching(root, collector):
        for _ in range(2):
            (root / folder).rename(tmp_path / "outside")
            collector.wait_for(folder, DELETED)
            (tmp_path / "outside").rename(root / folder)
            collector.wait_for(f"{folder}/deep/a.py", CHANGED)
            collector.seen.clear()
            write(root / folder / "deep/b.py")
            collector.wait_for(f"{folder}/deep/b.py", CHANGED)
            collector.seen.clear()
    assert not [str(warning.message) for warning in recwarn]


def test_a_receiver_that_raises_does_not_end_the_watching(tmp_path, caplog):
    failing = threading.Event()
    failing.set()
    collector = Collector()

    def batch(events):
        if failing.is_set():
            raise LookupError("the receiver is broken")
        collector.batch(events)

    watcher = Watcher(tmp_path, Rules(tmp_path), batch, on_rescan=collector.rescans.set, debounce_ms=20)
    watcher.start()
    try:
        with caplog.at_level(logging.ERROR):
            write(tmp_path / "a.py")
            wait_until(lambda: "the receiver is broken" in watcher.reason, lambda: watcher.reason)
        assert collector.rescans.wait(DEADLINE_S)
        assert "LookupError" in caplog.text
        failing.clear()
        write(tmp_path / "b.py")
        collector.wait_for("b.py", CHANGED)
        wait_until(lambda: not watcher.reason, lambda: watcher.reason)
    finally:
        watcher.stop()


def test_a_rescan_that_cannot_be_asked_for_does_not_end_the_watching(tmp_path, caplog):
    collector = Collector()

    def broken():
        raise LookupError("no rescan")

    watcher = Watcher(tmp_path, Rules(tmp_path), collector.batch, on_rescan=broken, debounce_ms=20)
    watcher.start()
    try:
        (tmp_path / ".gitignore").write_text("q\n")
        wait_until(lambda: "no rescan" in caplog.text)
        write(tmp_path / "b.py")
        collector.wait_for("b.py", CHANGED)
    finally:
        watcher.stop()


@on_linux
def test_excluded_folders_take_no_watches_however_deep(tmp_path):
    for package in ("a", "a/b", "c"):
        write(tmp_path / package / "node_modules/x/y/z.js")
        write(tmp_path / package / "src/inner/a.py")
    collector = Collector()
    with watching(tmp_path, collector):
        for package in ("a", "a/b", "c"):
            assert is_watched(tmp_path / package / "src/inner")
            assert not is_watched(tmp_path / package / "node_modules/x")
            assert not is_watched(tmp_path / package / "node_modules")
            write(tmp_path / package / "src/inner/b.py")
            collector.wait_for(f"{package}/src/inner/b.py", CHANGED)


@on_linux
def test_excluded_folders_that_appear_later_take_no_watches(tmp_path):
    write(tmp_path / "a/src/a.py")
    collector = Collector()
    with watching(tmp_path, collector):
        (tmp_path / "a/node_modules").mkdir()
        write(tmp_path / "a/node_modules/x/y.js")
        wait_until(lambda: not is_watched(tmp_path / "a/node_modules"))
        write(tmp_path / "new/node_modules/x/y.js")
        write(tmp_path / "new/src/b.py")
        collector.wait_for("new/src/b.py", CHANGED)
        wait_until(
            lambda: not is_watched(tmp_path / "a/node_modules/x") and not is_watched(tmp_path / "new/node_modules/x")
        )
        for file in ("a/src/c.py", "a/d.py", "new/src/c.py", "new/fresh/d.py"):
            write(tmp_path / file)
            collector.wait_for(file, CHANGED)


@on_linux
def test_threads_are_bounded_on_a_wide_tree(tmp_path):
    for folder in range(300):
        (tmp_path / f"f{folder}/inner").mkdir(parents=True)
    collector = Collector()
    before = threading.active_count()
    with watching(tmp_path, collector):
        assert threading.active_count() - before < 210
        write(tmp_path / "f299/inner/a.py")
        collector.wait_for("f299/inner/a.py", CHANGED)


@on_linux
def test_excluded_folders_without_folders_cost_no_threads(tmp_path):
    write(tmp_path / ".git/objects/x")
    for package in range(30):
        write(tmp_path / f"src/p{package}/__pycache__/a.pyc")
    collector = Collector()
    before = threading.active_count()
    with watching(tmp_path, collector):
        for package in range(30):
            write(tmp_path / f"src/p{package}/inner/__pycache__/a.pyc")
            write(tmp_path / f"src/p{package}/inner/a.py")
            collector.wait_for(f"src/p{package}/inner/a.py", CHANGED)
        assert threading.active_count() - before < 10


@pytest.mark.parametrize("file", ["generated/a.py", "generated/inner/a.py"])
def test_a_folder_that_the_rules_let_in_later_is_watched(tmp_path, file):
    write(tmp_path / file)
    (tmp_path / ".gitignore").write_text("generated/\n")
    collector, rules = Collector(), Rules(tmp_path)
    with watching(tmp_path, collector, rules):
        (tmp_path / ".gitignore").write_text("")
        assert collector.rescans.wait(DEADLINE_S)
        rules.invalidate()
        write(tmp_path / "generated/b.py")
        collector.wait_for("generated/b.py", CHANGED)


LIMITED = """
import sys
from pathlib import Path
from codekin.files import Rules
from codekin.watching import Watcher
from codekin.watching.polling import lister
from codekin.watching.watcher import _MANY_CHANGES

root = Path(sys.argv[1])
watcher = Watcher(root, Rules(root), print, on_rescan=print, debounce_ms=20)
watcher.start()
print(watcher.mode, watcher.reason)
watcher.stop()
"""


@on_linux
@pytest.mark.parametrize(
    ("watches", "instances", "setting"), [(50, 9, "max_user_watches"), (900, 0, "max_user_instances"), (900, 9, "")]
)
def test_a_limit_of_the_system_is_said_with_its_remedy(tmp_path, watches, instances, setting):
    """In a user namespace, whose limits are its own."""
    for folder in range(100):
        (tmp_path / f"a/b/f{folder}").mkdir(parents=True)
    limits = (
        f"echo {watches} >/proc/sys/user/max_inotify_watches && echo {instances} >/proc/sys/user/max_inotify_instances"
    )
    inside = ["unshare", "-Ur", "sh", "-c", f'{limits} && exec "$@"', "sh"]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("user namespaces are not allowed here")
    done = subprocess.run(
        [*inside, sys.executable, "-c", LIMITED, tmp_path], capture_output=True, text=True, check=False, timeout=60
    )
    mode, _, reason = done.stdout.strip().partition(" ")
    assert (mode, setting in reason, bool(reason)) == ("polling" if setting else "native", True, bool(setting)), done
