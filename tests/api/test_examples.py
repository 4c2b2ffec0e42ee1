"""The examples of the Python documentation work on the sample workspace.

They are the programs in docs/automation/examples and the code blocks of docs/automation/python.md.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import run_codekin
from support.places import ROOT

DOCS = ROOT / "docs" / "automation"
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (DOCS / "python.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.fixture
def example(sample):
    def run(name, *arguments, given=""):
        command = [sys.executable, str(DOCS / "examples" / name), str(sample), *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout

    return run


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_blocks_of_the_page_hold(block, sample):
    done = subprocess.run([sys.executable, "-c", block], cwd=sample, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_first_search(example):
    first, *_ = example("first_search.py", "where is the retry logic?").splitlines()
    assert first == "api/parcelpost/carriers.py:11  call_with_retry"


def test_many_questions(example):
    lines = example("many_questions.py", "retry a failed request", "undo a payment").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("retry a failed request: ")
    assert lines[0].count(":") == 2


def test_lookalikes(example):
    lines = example("lookalikes.py", "api/parcelpost/carriers.py", "14").splitlines()
    assert lines
    assert all(float(line.split()[0]) >= 0.2 and "test" not in line.split()[1] for line in lines)


def test_saved_queries(example, sample):
    saved = run_codekin("search", "call_with_retry", "--print-query", "--limit", "1", cwd=sample, check=True).stdout
    assert json.loads(saved)["limit"] == 1
    answer = json.loads(example("saved_queries.py", given=saved))
    assert answer["results"][0]["symbol"] == "call_with_retry"


def test_every_example_has_a_test():
    tested = Path(__file__).read_text(encoding="utf-8")
    assert all(f'"{path.name}"' in tested for path in (DOCS / "examples").glob("*.py"))
