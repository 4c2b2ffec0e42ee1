"""The measures of answers for agents, on answers that are known."""

from __future__ import annotations

import re
import shutil

import pytest
from benchmarks.agents.blocks import Block, within, worth
from benchmarks.agents.greps import Grep, Settings
from benchmarks.agents.plot import draw
from benchmarks.agents.windows import Windows


def test_blocks_are_cut_at_the_budget():
    blocks = [Block("a", 60), Block("b", 60), Block("c", 60)]
    assert within(blocks, 100) == [Block("a", 60), Block("b", 40)]
    assert within(blocks, 120) == blocks[:2]


def test_an_answer_is_complete_with_all_targets():
    found = worth([Block("a", 30), Block("b", 60)], ["a"], overhead=10)
    assert (found.complete, found.precision, found.files) == (1.0, 0.3, 2)
    assert worth([Block("a", 30)], ["a", "b"]).complete == 0.0


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "common.py").write_text("value = 1\n" * 30)
    (tmp_path / "rare.py").write_text("value = 1\n" * 10 + "def walrus(value):\n    tusk = value\n")
    (tmp_path / "tests/test_rare.py").write_text("walrus\ntusk\n")
    return tmp_path


@pytest.mark.skipif(not shutil.which("rg"), reason="ripgrep is not installed")
def test_tuned_grep_ranks_by_rare_words_and_prints_the_best_window(tree):
    grep = Grep(tree, "the walrus has a tusk of value")
    every = list(grep.tuned(Settings(8, 1, by_rarity=True, code_only=False)))
    assert {block.path for block in every} == {"common.py", "rare.py", "tests/test_rare.py"}
    assert every[-1].path == "common.py"
    code = list(grep.tuned(Settings(8, 3, by_rarity=True, code_only=True)))
    assert [block.path for block in code] == ["rare.py", "common.py"]
    assert next(grep.naive()).path in ("rare.py", "tests/test_rare.py")


def test_windows_are_ranked_by_bm25_without_tests(tree):
    first, *others = Windows(tree, 5).search("walrus tusk value")
    assert first.path == "rare.py"
    assert {block.path for block in others} == {"rare.py", "common.py"}


def test_the_plot_names_each_method_apart_from_the_others():
    drawn = draw({"one": {500: 0.2, 1_000: 0.5}, "two": {500: 0.1, 1_000: 0.5}})
    heights = [float(found[1]) for found in re.finditer(r'y="([\d.]+)"[^>]*>(?:one|two)<', drawn)]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) > 10
    assert drawn.count("<polyline") == 2
