"""The plan of watches on Linux holds for folders that appear while it is carried out."""

from __future__ import annotations

import sys

import pytest
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

from codekin.files.rules import Rules
from codekin.watching.watch_plan import WatchedFolders
from support.files import write_files

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have one watch for a whole tree")


class SlowObserver(Observer):
    """An observer that is so slow to watch `new` that a package is installed there before."""

    def schedule(self, event_handler, path, **options):
        if path.endswith("/new"):
            write_files(self.root, {"new/node_modules/x/y.js": "let y;\n"})
        return super().schedule(event_handler, path, **options)


def test_an_excluded_tree_that_appears_before_the_watch_is_not_watched(tmp_path):
    write_files(tmp_path, {"new/src/a.py": "a = 1\n", ".gitignore": "node_modules\n"})
    rules = Rules(tmp_path, include=(), exclude=(), max_file_bytes=1_000_000)
    observer = SlowObserver()
    observer.root = tmp_path
    observer.start()
    try:
        folders = WatchedFolders(observer, FileSystemEventHandler(), tmp_path, rules, limit=100)
        folders.add("new")
        watched = {(watch.path.removeprefix(f"{tmp_path}/"), watch.is_recursive) for watch in folders._watches.values()}
        assert watched == {("new", False), ("new/src", True)}
    finally:
        observer.stop()
        observer.join(10)
