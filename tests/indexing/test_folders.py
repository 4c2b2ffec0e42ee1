"""The folders around changed files are those that a comparison of all folders finds."""

from __future__ import annotations

import random

from codekin.domain.values import FileRecord
from codekin.indexing import folders_around, folders_of

PATHS = ("README.md", "a.py", "src/b.py", "src/README.md", "src/deep/er/c.py", "src/deeper/d.py", "docs/e.md")


def records(paths):
    return {path: FileRecord(path, "", 1, 1, path.encode()) for path in paths}


def test_folders_above():
    assert folders_around(["src/deep/c.py", "a.py"]) == {"", "src/", "src/deep/"}
    assert folders_around([]) == {""}


def test_only_the_folders_around_are_listed():
    rng = random.Random(1)
    for _ in range(300):
        files = records(rng.sample(PATHS, rng.randrange(1, len(PATHS))))
        around = rng.sample(PATHS, rng.randrange(1, 4))
        wanted = {folder or "./" for folder in folders_around(around)}
        everything = {folder.path: folder for folder in folders_of(files)}
        some = {folder.path: folder for folder in folders_of(files, around)}
        assert some == {path: folder for path, folder in everything.items() if path in wanted}
