"""A first index begins with the files that somebody works on, and ends with large ones."""

from __future__ import annotations

import os
import time

from codekin.files import Rules
from codekin.indexing import plan_pass, reconcile
from codekin.searching import StoredRecords


def test_recently_changed_files_come_first_and_large_ones_last(tmp_path, monkeypatch):
    monkeypatch.setattr(reconcile, "_RECENT_FILES", 2)
    for name in ("a.py", "b/large.py", "b/new.py", "c/newest.py", "d.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("word " * (50_000 if "large" in name else 5))
    hour = 3_600
    for name, later_s in (("b/new.py", hour), ("c/newest.py", 2 * hour)):
        os.utime(tmp_path / name, (time.time() + later_s,) * 2)
    plan = plan_pass(tmp_path, Rules(tmp_path), StoredRecords(None, frozenset(), {}), frozenset(), lambda: False)
    assert plan.index == ("c/newest.py", "b/new.py", "a.py", "d.py", "b/large.py")
