"""The runner for issues and commit messages: its samples, its measures and its bar."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest
from benchmarks.quality.plain_bm25 import FilesByWords
from benchmarks.quality.question_data import Row, sampled
from benchmarks.quality.questions import Answer, measure_questions, with_error


def row(number: int = 0, repo: str = "one", kind: str = "issue", targets: tuple[str, ...] = ("a.py",)) -> Row:
    return Row(f"{repo}-{number}", repo, "python", kind, "text", targets, "", False)


def test_a_sample_has_as_many_rows_of_each_repository_as_it_can():
    rows = [row(number, repo) for repo, count in (("big", 20), ("small", 2)) for number in range(count)]
    chosen = sampled(rows, 8, 0, seed=3)
    assert [item.repo for item in chosen].count("small") == 2
    assert len({item.id for item in chosen}) == 8
    assert chosen == sampled(rows, 8, 0, seed=3) != sampled(rows, 8, 0, seed=4)


def test_all_targets_must_be_among_the_first_files():
    found = Answer(row(targets=("a.py", "b.py")), ["b.py", "c.py", "a.py"]).measures()
    assert (found["acc@1"], found["acc@3"], found["any@10"], found["mrr"]) == (0, 1, 1, 1)


def test_a_target_that_is_not_found_counts_as_a_miss():
    assert set(Answer(row(), ["b.py"]).measures().values()) == {0.0}


def test_the_error_of_a_difference_is_over_repositories():
    assert with_error([[0.5, 0.5], [0.5]]) == "+0.500 ± 0.000"
    assert with_error([[1.0], [0.0]]) == "+0.500 ± 0.354"


def test_plain_bm25_ranks_code_and_leaves_tests_out(tmp_path):
    for path, text in (("a.py", "def parse_header(): pass"), ("b.py", "x = 1"), ("test_a.py", "parse_header()")):
        (tmp_path / path).write_text(text)
    (tmp_path / "notes.md").write_text("parse header")
    assert FilesByWords(tmp_path).search("the header is not parsed: parse header", 5) == ["a.py"]


@pytest.mark.parametrize("text", ["the total is wrong\n\npath: or lang:nothing", "the total is wrong"])
def test_a_row_is_asked_on_the_tree_of_its_archive(tmp_path, text):
    tree = tmp_path / "shop"
    tree.mkdir()
    (tree / "cart.py").write_text("def total(items):\n    return sum(items)\n")
    (tree / "user.py").write_text("def login(name):\n    return name\n")
    (tmp_path / "commits").mkdir()
    subprocess.run(["tar", "-cJf", "commits/shop.tar.xz", "shop"], cwd=tmp_path, check=True)
    line = {"id": "1", "repo": "shop", "language": "python", "kind": "commit", "ref": None, "names_path": False}
    (tmp_path / "issues.jsonl").write_text("")
    (tmp_path / "commits.jsonl").write_text(json.dumps({**line, "query": text, "targets": [{"path": "cart.py"}]}))
    found = asyncio.run(measure_questions(tmp_path, 1, 1, 1, None, ()))
    assert found["codekin"]["kind"]["commit"]["acc@1"] == found["plain BM25"]["kind"]["commit"]["acc@1"] == 1
