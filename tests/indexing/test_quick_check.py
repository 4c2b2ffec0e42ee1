"""Names, sizes and times show the same changes as a pass does, or that a pass is needed."""

from __future__ import annotations

import os
import random

import pytest

from codekin.domain.values import FileRecord, Skipped, storable
from codekin.files import Rules, scan
from codekin.indexing import plan_pass, quick_changes
from codekin.searching import StoredRecords


def indexed(root):
    """Return (known files, skipped paths) as a pass over the folder leaves them."""
    found = list(scan(root, Rules(root), lambda: False))
    records = {
        item.path: FileRecord(item.path, "", item.size_bytes, storable(item.mtime_ns), b"")
        for item in found
        if not isinstance(item, Skipped)
    }
    return StoredRecords(None, frozenset(), records), {item.path for item in found if isinstance(item, Skipped)}


def by_a_pass(root, known):
    plan = plan_pass(root, Rules(root), known, frozenset(), lambda: False)
    return {*plan.index, *plan.forget}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "root"
    for name in ("a.py", "src/b.py", "src/deep/c.py", "build/out.py", "empty/kept/d.log", "src/big.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n")
    (root / "src/big.txt").write_text("x" * 2_000_000)
    (root / ".gitignore").write_text("build/\n*.log\n")
    if hasattr(os, "symlink"):
        (root / "link").symlink_to("src")
    return root


def test_nothing_changed(folder):
    assert quick_changes(folder, Rules(folder), *indexed(folder)) == ()


@pytest.mark.parametrize("seed", range(10))
def test_the_changes_that_a_pass_finds(folder, seed):
    rng = random.Random(seed)
    known, skipped = indexed(folder)
    for _ in range(rng.randrange(1, 5)):
        name = rng.choice(["a.py", "src/b.py", "src/deep/c.py", "src/new.py", "other/e.py"])
        file = folder / name
        if file.exists() and rng.random() < 0.4:
            file.unlink()
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text("changed " * rng.randrange(1, 99))
    assert set(quick_changes(folder, Rules(folder), known, skipped)) == by_a_pass(folder, known)


def test_a_changed_ignore_file_needs_a_pass(folder):
    known, skipped = indexed(folder)
    (folder / "src/.gitignore").write_text("deep/\n")
    assert quick_changes(folder, Rules(folder), known, skipped) is None
    known, skipped = indexed(folder)
    (folder / "src/.gitignore").unlink()
    assert quick_changes(folder, Rules(folder), known, skipped) is None


def test_many_changes_need_a_pass(folder):
    known, skipped = indexed(folder)
    for number in range(600):
        (folder / f"new{number}.py").write_text("x")
    assert quick_changes(folder, Rules(folder), known, skipped) is None


def test_a_folder_that_vanished_needs_a_pass(folder, tmp_path):
    assert quick_changes(tmp_path / "none", Rules(folder), *indexed(folder)) is None
