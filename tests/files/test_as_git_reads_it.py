"""Selection of files, compared with git over random patterns, trees and settings."""

from __future__ import annotations

import os
import random
import re

import pytest

from codekin.files import Rules
from support.git.cases import Cases, Trees
from support.scans import found_in

CASES = int(os.environ.get("CODEKIN_TEST_IGNORE_CASES", "10000"))
"""Ignore files with random patterns, each judged for 30 paths."""

TREES = int(os.environ.get("CODEKIN_TEST_IGNORE_TREES", "12"))
"""Of some 500 files each."""


@pytest.mark.parametrize(("fold", "around"), [(False, False), (True, False), (False, True), (True, True)])
def test_random_ignore_files(tmp_path, fold, around):
    rng = random.Random(f"{fold} {around}")
    left = CASES // 4
    while left > 0:
        count = min(left, 250 if around else 2_500)
        left -= count
        root = tmp_path / str(left)
        root.mkdir()
        cases = Cases(root, rng, count, fold, around).build()
        rules = Rules(root)
        said = cases.as_git_says()
        for name in map(os.fsdecode, cases.files):
            reason = rules.verdict(name, is_dir=False)
            assert rule_of(reason) == rule_of(said.get(name)), (name, reason, said.get(name), folder_of(root, name))


@pytest.mark.parametrize("seed", range(TREES))
def test_random_work_trees(tmp_path, seed):
    """Tracked files, nested ignore files, repositories, submodules, nested settings."""
    root = tmp_path / "w"
    root.mkdir()
    trees = Trees(root, random.Random(seed), folders=25, fold=seed % 4 == 3).build()
    found = found_in(root)
    assert found == trees.as_git_says()


def rule_of(text):
    """Line and pattern, without the name of the file."""
    return text and re.sub(r"^.*?(?=:\d+: )", "", text, flags=re.DOTALL)


def folder_of(root, name):
    """The rules of a case, to show."""
    return [file.read_bytes() for file in (root / name.split("/")[0]).rglob(".gitignore")]
